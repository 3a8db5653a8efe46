using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Configuration;

/// <summary>Whether predictions are made.</summary>
/// <param name="PredictionEnabled">Off: rules only.</param>
/// <param name="ModelVersion">Read only.</param>
/// <param name="ModelAccuracy">Read only.</param>
/// <param name="LastTrainingDate">Read only.</param>
/// <param name="RecordedWithinMinutes">How long it takes until people have recorded what happened: an alert that nothing followed counts as false only then.</param>
public sealed record PredictionSettings(bool? PredictionEnabled, string? ModelVersion, double? ModelAccuracy, DateTimeOffset? LastTrainingDate, int? RecordedWithinMinutes = null)
{
    /// <summary>One shift.</summary>
    public const int DefaultRecordedWithinMinutes = 480;

    /// <summary>A month.</summary>
    public const int MostRecordedWithinMinutes = 43_200;

    /// <summary>Name of the section in routes and database.</summary>
    public const string Section = "prediction";

    /// <summary>Whether an organization's frames are to be scored; off until it says so.</summary>
    public static async Task<bool> IsEnabledAsync(OrganizationDb db, CancellationToken ct) => (await LastAsync(db, ct).ConfigureAwait(false))?.PredictionEnabled == true;

    /// <summary>How long it takes until people of an organization have recorded what happened.</summary>
    public static async Task<TimeSpan> RecordedWithinAsync(OrganizationDb db, CancellationToken ct) =>
        TimeSpan.FromMinutes((await LastAsync(db, ct).ConfigureAwait(false))?.RecordedWithinMinutes ?? DefaultRecordedWithinMinutes);

    private static async Task<PredictionSettings?> LastAsync(OrganizationDb db, CancellationToken ct) =>
        await ConfigurationStore.LastAsync(db, Section, ct).ConfigureAwait(false) is { } revision
            ? JsonSerializer.Deserialize<PredictionSettings>(revision.Body, JsonSerializerOptions.Web) : null;
}
