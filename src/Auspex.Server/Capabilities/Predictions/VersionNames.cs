using Auspex.Flow;
using Auspex.Flow.Predict;
using Auspex.Storage.Db;
using Auspex.Storage.Models;

namespace Auspex.Server.Capabilities.Predictions;

/// <summary>What the numbers mean by which stored predictions name their models.</summary>
internal sealed class VersionNames
{
    // As many versions as any organization will look back on.
    private const int Most = 1_000;

    private readonly Dictionary<long, string> _names;
    private readonly Dictionary<string, ModelRecord> _records;

    private VersionNames(Dictionary<long, string> names, Dictionary<string, ModelRecord> records) => (_names, _records) = (names, records);

    internal static async Task<VersionNames> OfAsync(OrganizationDb db, LivePipeline line, CancellationToken ct) => new(
        (await ModelStore.ListAsync(db, null, Most, ct).ConfigureAwait(false)).ToDictionary(version => version.Number, version => version.Version),
        line.Models.RecordsOf(db.Organization).ToDictionary(record => record.Version, StringComparer.Ordinal));

    internal string? Of(double? number) => number is { } known ? _names.GetValueOrDefault((long)known) : null;

    internal string? LifeUnitOf(double? number) => Record(number)?.LifeUnit;

    internal double LoadMs(double? number) => Record(number)?.LoadTime?.TotalMilliseconds ?? 0;

    private ModelRecord? Record(double? number) => Of(number) is { } version ? _records.GetValueOrDefault(version) : null;
}
