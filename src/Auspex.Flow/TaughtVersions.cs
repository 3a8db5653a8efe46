using Auspex.Core.Predictions;
using Auspex.Flow.Settle;
using Auspex.Models.Package;
using Auspex.Storage.Configuration;
using Auspex.Storage.Db;
using Auspex.Storage.Models;

namespace Auspex.Flow;

/// <summary>What a version was taught to tell, and from where on it claims it.</summary>
internal sealed record TaughtVersion(LabelDefinition Label, double? Threshold, double? Confidence);

/// <summary>What the versions of an organization claim, by the numbers that stored predictions name them with.</summary>
/// <param name="db">Whose.</param>
/// <param name="models">Has their packages.</param>
/// <param name="versions">All of them.</param>
/// <param name="taught">Those that were opened before, of all organizations.</param>
/// <param name="thresholds">What the organization has set; null where each version's own count.</param>
internal sealed class TaughtVersions(
    OrganizationDb db, ModelStore models, IReadOnlyList<ModelVersion> versions, Dictionary<(Guid Organization, long Number), TaughtVersion> taught, AlertThresholds? thresholds)
{
    // The threshold that users know, for a package that names none.
    private const double DefaultThreshold = 0.85;

    private readonly Dictionary<long, ModelVersion> _versions = versions.ToDictionary(version => version.Number);

    /// <summary>What a version claims; null where it tells no failures, or is not kept any more.</summary>
    /// <exception cref="Storage.StorageException">Its package does not open.</exception>
    /// <exception cref="ModelPackageException">Its package is none.</exception>
    internal async Task<VersionClaims?> OfAsync(long number, CancellationToken ct)
    {
        if (!_versions.TryGetValue(number, out ModelVersion? version) || version.Task != PredictionTask.Failure)
        {
            return null;
        }

        if (!taught.TryGetValue((db.Organization, number), out TaughtVersion? known))
        {
            ModelManifest manifest = ModelPackage.FromArchive(await models.OpenAsync(db, version, ct).ConfigureAwait(false)).Manifest;
            known = taught[(db.Organization, number)] = new TaughtVersion(manifest.Label, manifest.Thresholds.FailureProbability, manifest.Thresholds.ConfidenceThreshold);
        }

        // A label without a horizon asks whether something is failed now: nothing is foretold by it.
        return known.Label.Horizon <= TimeSpan.Zero ? null
            : new VersionClaims(version.Version, known.Label, thresholds?.FailureProbability ?? known.Threshold ?? DefaultThreshold, thresholds is null ? known.Confidence : thresholds.Confidence);
    }
}
