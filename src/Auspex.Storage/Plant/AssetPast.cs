using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Db;

namespace Auspex.Storage.Plant;

/// <summary>What is known of an asset beside its frames.</summary>
/// <param name="Facts">Its constants, by name.</param>
/// <param name="Events">Failures, maintenance and errors, by time.</param>
public sealed record AssetPast(IReadOnlyDictionary<string, JsonElement> Facts, IReadOnlyList<AssetEvent> Events)
{
    private const string FactsText = "select facts from tree_node where organization = @organization and id = @asset";

    private const string EventsOf = """
        select kind as Kind, started_at as At, component as Component, code as Code from plant_event
        where organization = @organization and asset = @asset and kind in ('failure', 'maintenance', 'error') order by started_at, id
        """;

    /// <summary>Nothing is known.</summary>
    public static AssetPast Unknown { get; } = new(new Dictionary<string, JsonElement>(), []);

    /// <summary>What is known of the asset whose frames are kept under a key; nothing where the key is no asset's.</summary>
    public static async Task<AssetPast> OfAsync(OrganizationDb db, AssetId key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        if ((await FrameNameStore.OfKeysAsync(db, [key.Value], ct).ConfigureAwait(false)).GetValueOrDefault(key.Value) is not { } asset
            || await db.QuerySingleOrDefaultAsync<string>(FactsText, new { asset = asset.Asset }, ct).ConfigureAwait(false) is not { } facts)
        {
            return Unknown;
        }

        IReadOnlyList<EventRow> events = await db.QueryAsync<EventRow>(EventsOf, new { asset = asset.Asset }, ct).ConfigureAwait(false);
        return new AssetPast(
            JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(facts)!,
            [.. events.Select(row => new AssetEvent(key, row.At, KindOf(row.Kind), (row.Kind == "error" ? row.Code : row.Component) ?? ""))]);
    }

    /// <summary>The facts a schema asks for, in its order: numbers, booleans as 0 and 1, states by their index; NaN where one is not known.</summary>
    public double[] FactsOf(AssetSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return [.. schema.Facts.Select(fact => Facts.TryGetValue(fact.Name, out JsonElement value) ? NumberOf(fact, value) : double.NaN)];
    }

    private static double NumberOf(SignalDefinition fact, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String when fact.Kind == SignalKind.State =>
            fact.States.ToList().IndexOf(value.GetString()!) is >= 0 and var index ? index : double.NaN,
        _ => double.NaN,
    };

    private static AssetEventKind KindOf(string kind) => kind switch
    {
        "failure" => AssetEventKind.Failure,
        "maintenance" => AssetEventKind.Maintenance,
        _ => AssetEventKind.Error,
    };

    private sealed record EventRow(string Kind, long At, string? Component, string? Code);
}
