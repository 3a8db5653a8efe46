using System.Text.Json.Serialization;

namespace Auspex.Core.Predictions;

/// <summary>What became of a predictive alert, once it is known. With r = raise, H = horizon, G = grace; the first line that holds decides.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PredictiveAlertOutcome>))]
public enum PredictiveAlertOutcome
{
    /// <summary>A failure it concerns started in (r, r + H].</summary>
    [JsonStringEnumMemberName("hit")]
    Hit,

    /// <summary>A failure it concerns started in (r + H, r + H + G]: after the horizon, within the grace. Neither hit nor false.</summary>
    [JsonStringEnumMemberName("late")]
    Late,

    /// <summary>Not known yet: what is recorded ends before r + H + G.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>No failure, but maintenance it concerns in (r, r + H + G]: averted, unproven. Neither hit nor false.</summary>
    [JsonStringEnumMemberName("averted")]
    Averted,

    /// <summary>No failure and no maintenance until r + H + G.</summary>
    [JsonStringEnumMemberName("false")]
    False,
}
