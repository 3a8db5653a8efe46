using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Configuration;

/// <summary>Whether predictions are made.</summary>
/// <param name="PredictionEnabled">Off: rules only.</param>
/// <param name="ModelVersion">Read only.</param>
/// <param name="ModelAccuracy">Read only.</param>
/// <param name="LastTrainingDate">Read only.</param>
public sealed record PredictionSettings(bool? PredictionEnabled, string? ModelVersion, double? ModelAccuracy, DateTimeOffset? LastTrainingDate)
{
    /// <summary>Name of the section in routes and database.</summary>
    public const string Section = "prediction";

    /// <summary>Whether an organization's frames are to be scored; off until it says so.</summary>
    public static async Task<bool> IsEnabledAsync(OrganizationDb db, CancellationToken ct) =>
        await ConfigurationStore.LastAsync(db, Section, ct).ConfigureAwait(false) is { } revision
        && JsonSerializer.Deserialize<PredictionSettings>(revision.Body, JsonSerializerOptions.Web)!.PredictionEnabled == true;
}
