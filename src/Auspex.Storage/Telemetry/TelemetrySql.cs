namespace Auspex.Storage.Telemetry;

/// <summary>The statements of the telemetry store.</summary>
internal static class TelemetrySql
{
    internal const string Organizations = "select distinct organization from telemetry_journal";

    internal const string Journal = """
        select part, sequence, body from telemetry_journal
        where organization = @organization and part = @part and sequence > @after order by sequence limit 64
        """;

    internal const string Sequences = "select part, packed_sequence as Sequence from telemetry_partition where organization = @organization";

    internal const string Assets = "select asset, max(to_ms) as ToMs from telemetry_chunk where organization = @organization group by asset";

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

    internal const string DeleteJournal = "delete from telemetry_journal where organization = @organization and part = @part and sequence <= @sequence";

    internal const string SetSequence = """
        insert into telemetry_partition (organization, part, packed_sequence) values (@organization, @part, @sequence)
        on conflict (organization, part) do update set packed_sequence = excluded.packed_sequence
        """;

    internal const string Retention = "select days from telemetry_retention where organization = @organization";

    internal const string Retaining = "select organization from telemetry_retention";

    internal const string SetRetention = """
        insert into telemetry_retention (organization, days) values (@organization, @days) on conflict (organization) do update set days = excluded.days
        """;

    internal const string ClearRetention = "delete from telemetry_retention where organization = @organization";

    internal const string DeleteOld = "delete from telemetry_chunk where organization = @organization and to_ms < @before";
}
