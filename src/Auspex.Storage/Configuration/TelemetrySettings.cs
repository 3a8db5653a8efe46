using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Configuration;

/// <summary>How an organization's frames are taken and kept.</summary>
/// <param name="RetentionDays">Days that frames are kept; null for ever.</param>
/// <param name="UnknownAssets"><c>accept</c> stores frames of names that are no asset's, for an engineer to place; <c>refuse</c> refuses them.</param>
public sealed record TelemetrySettings(int? RetentionDays, string? UnknownAssets)
{
    /// <summary>Name of the section in routes and database.</summary>
    public const string Section = "telemetry";

    /// <summary>Most days that can be said; a hundred years.</summary>
    public const int MostDays = 36_500;

    /// <summary>Of an organization that changed nothing.</summary>
    public static readonly TelemetrySettings Defaults = new(null, "accept");

    /// <summary>Whether frames of unknown names are refused.</summary>
    public bool RefusesUnknown() => UnknownAssets == "refuse";

    /// <summary>What counts for an organization now.</summary>
    public static async Task<TelemetrySettings> OfAsync(OrganizationDb db, CancellationToken ct) =>
        await ConfigurationStore.LastAsync(db, Section, ct).ConfigureAwait(false) is { } revision ? Read(revision.Body) : Defaults;

    /// <summary>Of every organization that ever changed them.</summary>
    public static async Task<IReadOnlyList<(Guid Organization, TelemetrySettings Settings)>> OfAllAsync(InstallationDb db, CancellationToken ct) =>
        [.. (await ConfigurationStore.LastOfAllAsync(db, Section, ct).ConfigureAwait(false)).Select(row => (row.Organization, Read(row.Body)))];

    private static TelemetrySettings Read(string body) => JsonSerializer.Deserialize<TelemetrySettings>(body, JsonSerializerOptions.Web)!;
}
