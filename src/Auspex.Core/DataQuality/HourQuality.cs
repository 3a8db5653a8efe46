namespace Auspex.Core.DataQuality;

/// <summary>Values of one signal in an hour.</summary>
/// <param name="Signal">Which.</param>
/// <param name="Samples">Frames that hold the signal.</param>
/// <param name="Good">Of those, good ones.</param>
/// <param name="Uncertain">Uncertain ones.</param>
/// <param name="Bad">Bad ones, missing values among them.</param>
/// <param name="Missing">Frames that say there is no value.</param>
/// <param name="Flat">Values that had not changed for as long as a rule allows.</param>
public sealed record SignalHour(string Signal, int Samples, int Good, int Uncertain, int Bad, int Missing, int Flat);

/// <summary>A rule that was broken in an hour.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Samples">Values that broke it; for freshness and completeness the number of values that are missing.</param>
/// <param name="Seconds">Time it was broken, where it is one of time; else 0.</param>
public sealed record BrokenRule(QualityRule Rule, int Samples, double Seconds);

/// <summary>The quality of an asset's readings in one hour.</summary>
/// <param name="FromMs">When it begins, milliseconds since 1970; a whole hour of UTC.</param>
/// <param name="Frames">Frames measured in it.</param>
/// <param name="Late">Of those, frames that arrived later than <see cref="AssetQuality.LateAfter"/>.</param>
/// <param name="Completeness">Share of what was expected, 0 to 1.</param>
/// <param name="GoodShare">Share of values that are good, 0 to 1.</param>
/// <param name="LateShare">Share of frames that are late.</param>
/// <param name="FlatShare">Share of values that are flat, of those whose flatness is looked at.</param>
/// <param name="BrokenShare">Share of values that break a rule of frames, of all values.</param>
/// <param name="Signals">By name.</param>
/// <param name="Broken">In the order of the rules.</param>
public sealed record HourQuality(
    long FromMs, int Frames, int Late, double Completeness, double GoodShare, double LateShare, double FlatShare, double BrokenShare,
    IReadOnlyList<SignalHour> Signals, IReadOnlyList<BrokenRule> Broken)
{
    /// <summary>0 to 100: 100 × completeness × (0.5 × good share + 0.2 × (1 − broken share) + 0.15 × (1 − flat share) + 0.15 × (1 − late share)). An hour without frames has 0.</summary>
    public double Score => Frames == 0 ? 0
        : 100 * Completeness * ((0.5 * GoodShare) + (0.2 * (1 - BrokenShare)) + (0.15 * (1 - FlatShare)) + (0.15 * (1 - LateShare)));

    /// <summary>A to E.</summary>
    public char Grade => GradeOf(Score);

    /// <summary>A from 95, B from 85, C from 70, D from 50, E below.</summary>
    public static char GradeOf(double score) => score >= 95 ? 'A' : score >= 85 ? 'B' : score >= 70 ? 'C' : score >= 50 ? 'D' : 'E';
}
