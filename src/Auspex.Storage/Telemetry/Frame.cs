using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Storage.Telemetry;

/// <summary>What one asset measured at one instant.</summary>
/// <param name="Asset">Whose.</param>
/// <param name="TimeUnixMs">When it was measured, milliseconds since 1970.</param>
/// <param name="ArrivedUnixMs">When it reached the installation, milliseconds since 1970.</param>
/// <param name="Signals">Names of the signals, each once. Frames of one shape should share the array: it is kept, and must not be changed.</param>
/// <param name="Values">A value a signal, in the signal's unit; NaN where there is none.</param>
/// <param name="Qualities">A quality a signal; null when all are good.</param>
public sealed record Frame(AssetId Asset, long TimeUnixMs, long ArrivedUnixMs, string[] Signals, double[] Values, Quality[]? Qualities = null)
{
    /// <summary>Whether both say the same of the same instant: signals, values to the bit, and qualities. When it arrived does not count.</summary>
    internal bool SaysTheSameAs(Frame other)
    {
        if (TimeUnixMs != other.TimeUnixMs || Signals.Length != other.Signals.Length)
        {
            return false;
        }

        for (int i = 0; i < Signals.Length; i++)
        {
            int j = i < other.Signals.Length && string.Equals(Signals[i], other.Signals[i], StringComparison.Ordinal)
                ? i
                : Array.IndexOf(other.Signals, Signals[i]);
            if (j < 0 || BitConverter.DoubleToInt64Bits(Values[i]) != BitConverter.DoubleToInt64Bits(other.Values[j]) || QualityOf(i) != other.QualityOf(j))
            {
                return false;
            }
        }

        return true;
    }

    internal Quality QualityOf(int signal) => Qualities is null ? Quality.Good : Qualities[signal];
}

/// <summary>What became of a frame. Each of them is durable.</summary>
public enum FrameOutcome
{
    /// <summary>Stored, the newest of its asset.</summary>
    Stored,

    /// <summary>Stored, older than the newest of its asset.</summary>
    Late,

    /// <summary>Stored beside another of the same instant with other values; reads give this one from now on.</summary>
    Revised,

    /// <summary>Stored before with the same values: not stored again.</summary>
    Duplicate,
}

/// <summary>A frame and its place in the order of arrival.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Order">Sequence of its journal row times 65,536, plus its index there.</param>
public readonly record struct StoredFrame(Frame Frame, long Order)
{
    internal const int OrderBits = 16;

    /// <summary>No journal row can have a later sequence.</summary>
    public const long LastSequence = (long.MaxValue >> OrderBits) - 1;

    /// <summary>Order of the last frame that the row of a sequence can have.</summary>
    public static long LastOf(long sequence) => OrderOf(sequence + 1, 0) - 1;

    internal static long OrderOf(long sequence, int index) => (sequence << OrderBits) | (uint)index;
}
