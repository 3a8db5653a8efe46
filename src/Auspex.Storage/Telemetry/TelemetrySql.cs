namespace Auspex.Storage.Telemetry;

/// <summary>The statements of the telemetry store.</summary>
internal static class TelemetrySql
{
    internal const string Organizations = "select distinct organization from telemetry_journal";

    internal const string Journal = """
        select part, sequence, body from telemetry_journal
        where organization = @organization and part = @part and sequence > @after order by sequence limit 64
        """;

    internal const string Partitions = """
        select part, packed_sequence as Sequence, packed_to_ms as ToMs from telemetry_partition where organization = @organization
        """;

    internal const string Assets = "select asset from telemetry_asset where organization = @organization order by asset";

    internal const string HasAsset = "select count(*) from telemetry_asset where organization = @organization and asset = @asset";

    // "where true": else SQLite takes "on" for that of a join.
    internal const string AddAssetsOnSqlite = """
        insert into telemetry_asset (organization, asset) select @organization, value from json_each(@names) where true on conflict do nothing
        """;

    internal const string AddAssetsOnPostgreSql = """
        insert into telemetry_asset (organization, asset) select @organization, asset from unnest(@assets) as row (asset) on conflict do nothing
        """;

    internal const string AppendOnSqlite =
        "insert into telemetry_journal (organization, part, sequence, frames, body) values (@organization, @Part, @Sequence, @Frames, @Body)";

    // One round trip for all partitions of a commit.
    internal const string AppendOnPostgreSql = """
        insert into telemetry_journal (organization, part, sequence, frames, body)
        select @organization, part, sequence, frames, body from unnest(@parts, @sequences, @frames, @bodies) as row (part, sequence, frames, body)
        """;

    // Chunks do not overlap: the first that matters is the last that begins before the range.
    internal const string ChunksFrom = """
        select from_ms as FromMs, to_ms as ToMs, frames, body from telemetry_chunk
        where organization = @organization and asset = @asset and from_ms < @to and to_ms >= @from
          and from_ms >= coalesce((select max(from_ms) from telemetry_chunk where organization = @organization and asset = @asset and from_ms <= @from), @from)
        order by from_ms limit @most
        """;

    internal const string ChunkIndex = """
        select from_ms as FromMs, to_ms as ToMs, frames from telemetry_chunk
        where organization = @organization and asset = @asset
          and from_ms >= coalesce((select max(from_ms) from telemetry_chunk where organization = @organization and asset = @asset and from_ms <= @from), @from)
        order by from_ms
        """;

    internal const string OneChunk = """
        select from_ms as FromMs, to_ms as ToMs, frames, body from telemetry_chunk
        where organization = @organization and asset = @asset and from_ms = @from
        """;

    internal const string LastChunk = """
        select from_ms as FromMs, to_ms as ToMs, frames, body from telemetry_chunk
        where organization = @organization and asset = @asset order by from_ms desc limit 1
        """;

    internal const string DeleteChunk = "delete from telemetry_chunk where organization = @organization and asset = @asset and from_ms = @from";

    internal const string InsertChunk = """
        insert into telemetry_chunk (organization, asset, from_ms, to_ms, frames, body) values (@organization, @asset, @from, @to, @frames, @body)
        """;

    // Pieces of a segment do not overlap in names: the one that can hold an asset is the last that begins with it or before it.
    internal const string PiecesOf = """
        select segment, first_asset as FirstAsset, last_asset as LastAsset, from_ms as FromMs, to_ms as ToMs, frames, body from telemetry_piece
        where organization = @organization and part = @part and last_asset >= @asset and from_ms < @to and to_ms >= @from
          and (segment, first_asset) in (
            select s.segment, (
              select max(p.first_asset) from telemetry_piece p
              where p.organization = @organization and p.part = @part and p.segment = s.segment and p.first_asset <= @asset)
            from telemetry_segment s where s.organization = @organization and s.part = @part and s.from_ms < @to and s.to_ms >= @from)
        """;

    internal const string NextPiece = """
        select segment, first_asset as FirstAsset, last_asset as LastAsset, from_ms as FromMs, to_ms as ToMs, frames, body from telemetry_piece
        where organization = @organization and part = @part and segment = @segment and first_asset > @after order by first_asset limit 1
        """;

    internal const string Segments = """
        select segment, tier, from_ms as FromMs, to_ms as ToMs, frames from telemetry_segment where organization = @organization and part = @part order by segment
        """;

    internal const string LastSegment = "select coalesce(max(segment), 0) from telemetry_piece where organization = @organization and part = @part";

    internal const string InsertPiece = """
        insert into telemetry_piece (organization, part, segment, first_asset, last_asset, from_ms, to_ms, frames, body)
        values (@organization, @part, @segment, @FirstAsset, @LastAsset, @FromMs, @ToMs, @Frames, @Body)
        """;

    internal const string InsertSegment = """
        insert into telemetry_segment (organization, part, segment, tier, from_ms, to_ms, frames) values (@organization, @part, @Segment, @Tier, @FromMs, @ToMs, @Frames)
        """;

    internal const string DeleteSegment = "delete from telemetry_segment where organization = @organization and part = @part and segment = @segment";

    internal const string DeletePieces = "delete from telemetry_piece where organization = @organization and part = @part and segment = @segment";

    internal const string DeleteLoosePieces = """
        delete from telemetry_piece where organization = @organization and part = @part
          and segment not in (select s.segment from telemetry_segment s where s.organization = @organization and s.part = @part)
        """;

    internal const string DeleteJournal = "delete from telemetry_journal where organization = @organization and part = @part and sequence <= @sequence";

    internal const string SetPacked = """
        insert into telemetry_partition (organization, part, packed_sequence, packed_to_ms) values (@organization, @part, @sequence, @to)
        on conflict (organization, part) do update set packed_sequence = excluded.packed_sequence, packed_to_ms = excluded.packed_to_ms
        """;

    internal const string Retention = "select days from telemetry_retention where organization = @organization";

    internal const string Retaining = "select organization from telemetry_retention";

    internal const string SetRetention = """
        insert into telemetry_retention (organization, days) values (@organization, @days) on conflict (organization) do update set days = excluded.days
        """;

    internal const string ClearRetention = "delete from telemetry_retention where organization = @organization";

    internal const string DeleteOld = "delete from telemetry_chunk where organization = @organization and to_ms < @before";

    internal const string OldSegments = "select part, segment from telemetry_segment where organization = @organization and to_ms < @before";
}
