namespace Auspex.Models.Calibration;

/// <summary>Raw scores of rows that the model scoring them had not seen, with what happened.</summary>
public sealed class HeldOutScores
{
    /// <param name="scores">Raw score of each row, finite; at least one row.</param>
    /// <param name="positive">Whether the row's claim came true, one a row.</param>
    /// <param name="weights">How many rows each stands for, positive and finite; null for one each.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a number is out of its range.</exception>
    public HeldOutScores(double[] scores, bool[] positive, double[]? weights = null)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(positive);
        weights ??= [.. Enumerable.Repeat(1.0, scores.Length)];
        if (scores.Length == 0 || positive.Length != scores.Length || weights.Length != scores.Length)
        {
            throw new ArgumentException(
                $"There are {scores.Length} scores, {positive.Length} outcomes and {weights.Length} weights; needed are as many of each, at least one.",
                nameof(scores));
        }

        for (int row = 0; row < scores.Length; row++)
        {
            if (!double.IsFinite(scores[row]) || !double.IsFinite(weights[row]) || weights[row] <= 0)
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"Row {row} has the score {scores[row]} and the weight {weights[row]}; needed are finite numbers, the weight above 0."), nameof(scores));
            }
        }

        (Scores, Positive, Weights) = (scores, positive, weights);
    }

    /// <summary>Raw score of each row.</summary>
    public double[] Scores { get; }

    /// <summary>Whether the row's claim came true.</summary>
    public bool[] Positive { get; }

    /// <summary>How many rows each stands for.</summary>
    public double[] Weights { get; }

    /// <summary>Number of rows.</summary>
    public int Count => Scores.Length;

    /// <summary>Weight of all rows of one outcome.</summary>
    internal double WeightOf(bool outcome) => Enumerable.Range(0, Count).Where(row => Positive[row] == outcome).Sum(row => Weights[row]);

    /// <summary>Some of the rows; at least one.</summary>
    internal HeldOutScores Take(int[] rows) => new(
        Array.ConvertAll(rows, row => Scores[row]), Array.ConvertAll(rows, row => Positive[row]), Array.ConvertAll(rows, row => Weights[row]));
}
