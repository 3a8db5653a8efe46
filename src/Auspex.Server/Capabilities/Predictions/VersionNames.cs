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
    private readonly Dictionary<long, LiveModel> _loaded;

    private VersionNames(Dictionary<long, string> names, Dictionary<long, LiveModel> loaded) => (_names, _loaded) = (names, loaded);

    internal static async Task<VersionNames> OfAsync(OrganizationDb db, LivePipeline line, CancellationToken ct) => new(
        (await ModelStore.ListAsync(db, null, Most, ct).ConfigureAwait(false)).ToDictionary(version => version.Number, version => version.Version),
        line.ModelsOf(db.Organization).ToDictionary(model => model.Version.Number));

    internal string? Of(double? number) => number is { } known ? _names.GetValueOrDefault((long)known) : null;

    internal string? LifeUnitOf(double? number) => Loaded(number)?.Package.Manifest.Label.LifeUnit;

    internal double LoadMs(double? number) => Loaded(number)?.LoadTime.TotalMilliseconds ?? 0;

    private LiveModel? Loaded(double? number) => number is { } known ? _loaded.GetValueOrDefault((long)known) : null;
}
