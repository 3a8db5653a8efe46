using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Configuration;

/// <summary>Which columns of an organization's sources are signals, as far as frames are read by it.</summary>
/// <param name="ContinuousColumns">Columns of continuous signals and counters that are expected.</param>
/// <param name="BooleanColumns">Columns of boolean signals that are expected.</param>
/// <param name="ColumnMapping">Signal of a column that is called otherwise, by column.</param>
/// <param name="ColumnUnits">Unit that a column comes in, by column.</param>
public sealed record SchemaSettings(
    IReadOnlyList<string>? ContinuousColumns, IReadOnlyList<string>? BooleanColumns, IReadOnlyDictionary<string, string>? ColumnMapping, IReadOnlyDictionary<string, string>? ColumnUnits)
{
    /// <summary>Name of the section in routes and database.</summary>
    public const string Section = "schema";

    /// <summary>Signals that are expected, by the names they have here.</summary>
    public IEnumerable<string> Expected => (ContinuousColumns ?? []).Concat(BooleanColumns ?? [])
        .Select(column => ColumnMapping?.GetValueOrDefault(column) ?? column).Distinct(StringComparer.Ordinal);

    /// <summary>What counts for an organization now.</summary>
    public static async Task<SchemaSettings> OfAsync(OrganizationDb db, CancellationToken ct) =>
        await ConfigurationStore.LastAsync(db, Section, ct).ConfigureAwait(false) is { } revision
            ? JsonSerializer.Deserialize<SchemaSettings>(revision.Body, JsonSerializerOptions.Web)! : new SchemaSettings(null, null, null, null);
}
