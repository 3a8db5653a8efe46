using Auspex.Core.Predictions;

namespace Auspex.Storage.Models;

/// <summary>A version of an organization's model.</summary>
/// <param name="Version"><c>v</c> major . minor . patch: major where features, labels or signals changed, minor where it was trained again.</param>
/// <param name="Number">1, 2, 3 … in the order they were added; predictions name it.</param>
/// <param name="Task">What it tells.</param>
/// <param name="Stage"><c>candidate</c>, <c>shadow</c>, <c>active</c> or <c>archived</c>.</param>
/// <param name="Name">As its package says.</param>
/// <param name="Artefact">Where its package is.</param>
/// <param name="Features">Hash of its features.</param>
/// <param name="Predecessor">The version it took the place of; null for none.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="CreatedBy">Who added it, as audit lines name them.</param>
/// <param name="DeployedAt">When it became active the last time; null if never.</param>
public sealed record ModelVersion(
    string Version, long Number, PredictionTask Task, string Stage, string Name, Guid Artefact, string Features, string? Predecessor,
    DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? DeployedAt);

/// <summary>What the store must know of a package.</summary>
/// <param name="Task">What it tells.</param>
/// <param name="Name">Its name.</param>
/// <param name="Features">Hash of its features, and so of its signals.</param>
/// <param name="Label">What it was taught to tell, as one text.</param>
public sealed record PackageFacts(PredictionTask Task, string Name, string Features, string Label);

/// <summary>What became of a change of the active model.</summary>
public enum DeploymentRefusal
{
    /// <summary>It is active.</summary>
    None,

    /// <summary>The organization has no such version.</summary>
    Unknown,

    /// <summary>Nothing is active, or what is has no predecessor.</summary>
    NoPredecessor,
}
