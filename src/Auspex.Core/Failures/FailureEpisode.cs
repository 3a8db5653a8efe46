using Auspex.Core.Assets;

namespace Auspex.Core.Failures;

/// <summary>One failure, however often it was recorded.</summary>
/// <param name="Asset">The asset that failed.</param>
/// <param name="Component">The component that failed; empty where the source names none.</param>
/// <param name="StartUnixMs">When it failed: the first event of the episode, UTC milliseconds since 1970.</param>
/// <param name="EndUnixMs">Start + recovery: the last instant at which the asset counts as failed.</param>
public sealed record FailureEpisode(AssetId Asset, string Component, long StartUnixMs, long EndUnixMs);
