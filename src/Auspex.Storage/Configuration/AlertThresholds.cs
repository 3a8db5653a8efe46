using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Configuration;

/// <summary>From which probability and confidence on an organization wants an alert of its models' predictions; both compared with ≥.</summary>
/// <param name="FailureProbability">0 to 1.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record AlertThresholds(double FailureProbability, double Confidence)
{
    /// <summary>Name of the section that has them.</summary>
    public const string Section = "ml-model-config";

    /// <summary>What the organization has set; null where it has not, so that each model's own count.</summary>
    public static async Task<AlertThresholds?> OfAsync(OrganizationDb db, CancellationToken ct)
    {
        if (await ConfigurationStore.LastAsync(db, Section, ct).ConfigureAwait(false) is not { } revision)
        {
            return null;
        }

        using var body = JsonDocument.Parse(revision.Body);
        JsonElement thresholds = body.RootElement.GetProperty("thresholds");
        return new AlertThresholds(thresholds.GetProperty("failureProbability").GetDouble(), thresholds.GetProperty("confidenceThreshold").GetDouble());
    }
}
