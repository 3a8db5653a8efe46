using Auspex.Core.Assets;

namespace Auspex.Learning.Train;

/// <summary>The rows a model is taught with.</summary>
/// <param name="FeatureNames">One name a column.</param>
/// <param name="Values">rows x columns, row-major; NaN for "not enough data".</param>
/// <param name="Assets">Asset of each row.</param>
/// <param name="TimesUnixMs">Event time of each row.</param>
/// <param name="Labels">[target][row]: 0 or 1, or the remaining useful life in its unit. Every row is labelled for every target.</param>
public sealed record TrainingTable(
    IReadOnlyList<string> FeatureNames, double[] Values, AssetId[] Assets, long[] TimesUnixMs, float[][] Labels)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Assets.Length;

    /// <summary>How many rows of the data each row stands for; empty where each stands for itself.</summary>
    public float[] Weights { get; init; } = [];

    /// <summary>One entry a column: 1 where the prediction must not fall when the value rises, -1 where it must not rise, 0 where it may do both;
    /// empty for no constraint.</summary>
    public int[] Monotone { get; init; } = [];

    /// <summary>Where components exclude each other: 0 for no failure, else 1 + the component that fails first; empty where they are independent.</summary>
    public float[] Classes { get; init; } = [];

    /// <summary>The weight of one row.</summary>
    public float Weight(int row) => Weights.Length == 0 ? 1 : Weights[row];

    /// <summary>Number of columns.</summary>
    public int Columns => FeatureNames.Count;

    /// <summary>Copies of the given rows, row-major.</summary>
    public double[] Take(ReadOnlySpan<int> rows)
    {
        var taken = new double[checked(rows.Length * Columns)];
        Take(rows, taken);
        return taken;
    }

    /// <summary>The same into a buffer of at least rows x columns values.</summary>
    /// <returns>The part of the buffer that was filled.</returns>
    public Span<double> Take(ReadOnlySpan<int> rows, Span<double> buffer)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            Values.AsSpan(rows[i] * Columns, Columns).CopyTo(buffer[(i * Columns)..]);
        }

        return buffer[..(rows.Length * Columns)];
    }
}
