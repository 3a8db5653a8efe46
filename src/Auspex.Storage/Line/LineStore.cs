using Auspex.Core.Assets;
using Auspex.Storage.Db;

namespace Auspex.Storage.Line;

/// <summary>What features remember of an asset's whole life.</summary>
/// <param name="Asset">Key of the asset.</param>
/// <param name="Features">Hash of their definition.</param>
/// <param name="Sequence">The journal row that had been judged when it was made.</param>
/// <param name="Body">What the features wrote.</param>
public sealed record FeatureCheckpoint(AssetId Asset, string Features, long Sequence, byte[] Body);

/// <summary>How far the live line is: a cursor a partition, and checkpoints of features.</summary>
public static class LineStore
{
    private const string Cursors = "select part as Part, sequence as Sequence from line_cursor where organization = @organization";

    private const string SetCursor = """
        insert into line_cursor (organization, part, sequence) values (@organization, @part, @sequence)
        on conflict (organization, part) do update set sequence = excluded.sequence
        """;

    private const string Checkpoint = """
        select sequence as Sequence, body as Body from feature_checkpoint where organization = @organization and asset = @asset and features = @features
        """;

    private const string SetCheckpoint = """
        insert into feature_checkpoint (organization, asset, features, sequence, body) values (@organization, @asset, @features, @sequence, @body)
        on conflict (organization, asset, features) do update set sequence = excluded.sequence, body = excluded.body
        """;

    /// <summary>The last judged row of each partition that has one.</summary>
    public static async Task<IReadOnlyDictionary<int, long>> CursorsAsync(OrganizationDb telemetry, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(telemetry);
        return (await telemetry.QueryAsync<CursorRow>(Cursors, null, ct).ConfigureAwait(false)).ToDictionary(row => (int)row.Part, row => row.Sequence);
    }

    /// <summary>Moves a partition's cursor, with checkpoints that belong to it, in one transaction.</summary>
    /// <param name="telemetry">The organization's telemetry database.</param>
    /// <param name="part">Which partition.</param>
    /// <param name="sequence">The last row whose effects are stored.</param>
    /// <param name="checkpoints">As of that row.</param>
    /// <param name="ct">Looked at before it begins.</param>
    public static Task MoveAsync(OrganizationDb telemetry, int part, long sequence, IReadOnlyCollection<FeatureCheckpoint> checkpoints, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(telemetry);
        ArgumentNullException.ThrowIfNull(checkpoints);
        return telemetry.WriteAsync(
            async transaction =>
            {
                foreach (FeatureCheckpoint checkpoint in checkpoints)
                {
                    await transaction.ExecuteAsync(
                        SetCheckpoint, new { asset = checkpoint.Asset.Value, features = checkpoint.Features, sequence = checkpoint.Sequence, body = checkpoint.Body }).ConfigureAwait(false);
                }

                return await transaction.ExecuteAsync(SetCursor, new { part, sequence }).ConfigureAwait(false);
            },
            ct);
    }

    /// <summary>The checkpoint of an asset's features; null where there is none.</summary>
    public static async Task<FeatureCheckpoint?> CheckpointAsync(OrganizationDb telemetry, AssetId asset, string features, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(telemetry);
        CheckpointRow? row = await telemetry.QuerySingleOrDefaultAsync<CheckpointRow>(Checkpoint, new { asset = asset.Value, features }, ct).ConfigureAwait(false);
        return row is null ? null : new FeatureCheckpoint(asset, features, row.Sequence, row.Body);
    }

    private sealed record CursorRow(long Part, long Sequence);

    private sealed record CheckpointRow(long Sequence, byte[] Body);
}
