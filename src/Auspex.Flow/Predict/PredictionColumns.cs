namespace Auspex.Flow.Predict;

/// <summary>What is stored of a prediction, as signals of a series beside its asset's frames: the same places for every model, then one for each component.</summary>
public sealed class PredictionColumns
{
    /// <summary>Place of the probability of a failure inside the horizon.</summary>
    public const int Probability = 0;

    /// <summary>Place of the confidence; NaN for a model without.</summary>
    public const int Confidence = 1;

    /// <summary>Place of the time to failure in minutes, or the remaining useful life in its unit; NaN for a model that tells none.</summary>
    public const int Time = 2;

    /// <summary>Place of the lower end of its interval.</summary>
    public const int Lower = 3;

    /// <summary>Place of the upper end.</summary>
    public const int Upper = 4;

    /// <summary>Place of the number of the model's version.</summary>
    public const int Model = 5;

    /// <summary>Place of 1 where signals that the model was taught with were missing, else 0.</summary>
    public const int Degraded = 6;

    /// <summary>Place of the first component's probability.</summary>
    public const int FirstComponent = 7;

    private const string ComponentPrefix = "component ";

    /// <summary>Names of the places before the components'.</summary>
    public static readonly string[] FixedSignals = ["probability", "confidence", "time", "timeLower", "timeUpper", "model", "degraded"];

    /// <param name="components">Components in the order of their places; empty where the model tells none apart.</param>
    public PredictionColumns(IReadOnlyList<string> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        Components = components;
        Signals = [.. FixedSignals, .. components.Select(component => ComponentPrefix + component)];
    }

    /// <summary>Components in the order of their places; empty where the model tells none apart.</summary>
    public IReadOnlyList<string> Components { get; }

    /// <summary>Names, in the order of the places.</summary>
    public string[] Signals { get; }

    /// <summary>Place of the likeliest component among <see cref="Components"/>; 0 where the model tells none apart.</summary>
    /// <param name="said">One value a column.</param>
    public int Likeliest(ReadOnlySpan<double> said)
    {
        int likeliest = 0;
        for (int component = 1; component < Components.Count; component++)
        {
            likeliest = said[FirstComponent + component] > said[FirstComponent + likeliest] ? component : likeliest;
        }

        return likeliest;
    }

    /// <summary>The stored signal that is the probability of a component.</summary>
    public static string SignalOf(string component) => ComponentPrefix + component;

    /// <summary>The component a stored signal is the probability of; null where it is another signal.</summary>
    public static string? ComponentOf(string signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        return signal.StartsWith(ComponentPrefix, StringComparison.Ordinal) ? signal[ComponentPrefix.Length..] : null;
    }
}
