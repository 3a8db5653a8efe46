using System.Text.Json.Serialization;
using Auspex.Core.Failures;

namespace Auspex.Core.Predictions;

/// <summary>Was a failure foretold? With s = its start, H = horizon.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailureVerdict>))]
public enum FailureVerdict
{
    /// <summary>An alert that concerns it was raised in [s − H, s).</summary>
    [JsonStringEnumMemberName("caught")]
    Caught,

    /// <summary>The asset had a judged row in [s − H, s), and no alert that concerns it was raised there.</summary>
    [JsonStringEnumMemberName("missed")]
    Missed,

    /// <summary>The asset has judged rows before s − H and at or after s, but none in [s − H, s): nobody could have told. Not counted.</summary>
    [JsonStringEnumMemberName("notJudgeable")]
    NotJudgeable,

    /// <summary>It lies before the asset's first judged row or more than the horizon after its last: outside what is judged. Not counted.</summary>
    [JsonStringEnumMemberName("outsidePeriod")]
    OutsidePeriod,
}

/// <summary>One failure and whether it was foretold.</summary>
/// <param name="Failure">The failure.</param>
/// <param name="Verdict">Caught, missed, or why it is not counted.</param>
/// <param name="AlertRaisedAtUnixMs">Raise of the first alert that caught it; null unless caught.</param>
/// <param name="LeadTimeMs">From that raise to the failure, milliseconds, more than 0 and at most the horizon; null unless caught.</param>
/// <param name="OnlyByClosedAlert">Caught, but every alert that caught it had been closed before by an earlier failure or by maintenance:
/// the warning was given, and nobody was looking at it any more. Such failures are counted as caught and told apart.</param>
public sealed record FailureJudgement(
    FailureEpisode Failure, FailureVerdict Verdict, long? AlertRaisedAtUnixMs, long? LeadTimeMs, bool OnlyByClosedAlert);
