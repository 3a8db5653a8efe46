using System.Text.Json;
using Auspex.Flow.Connect.Sql;

namespace Auspex.Flow;

/// <summary>How far a source is read. Transactions of a database commit out of the order of their keys: rows below what was read may show later. So what was read is read again,
/// once, when it is as old as such a transaction may be; only then is it settled.</summary>
/// <param name="Head">Key of the last row that was read; null at the beginning.</param>
/// <param name="Settled">Key up to which rows were read a second time; null where none were.</param>
/// <param name="Marks">Where the head was at which time, since what is settled; oldest first.</param>
internal sealed record SourceProgress(SqlKey? Head, SqlKey? Settled, IReadOnlyList<SourceMark> Marks)
{
    // So many marks are kept of an overlap at most.
    private const int MarksAnOverlap = 8;

    internal static readonly SourceProgress Begin = new(null, null, []);

    /// <summary>The head is elsewhere, or was looked at again.</summary>
    internal SourceProgress At(SqlKey? head, TimeSpan overlap, DateTimeOffset now)
    {
        bool marks = overlap > TimeSpan.Zero && head is not null && head != Settled && (Marks.Count == 0 || (Marks[^1].Key != head && now - Marks[^1].At >= overlap / MarksAnOverlap));
        return new SourceProgress(head, Settled, marks ? [.. Marks, new SourceMark(now, head!.Value)] : Marks);
    }

    /// <summary>Where rows must be read again up to now; null where none must.</summary>
    internal SqlKey? Due(TimeSpan overlap, DateTimeOffset now) => Marks.LastOrDefault(mark => now - mark.At >= overlap)?.Key;

    /// <summary>Rows up to a key were read again.</summary>
    /// <param name="key">The last one.</param>
    /// <param name="due">What was to be read.</param>
    /// <param name="all">Whether that was all.</param>
    internal SourceProgress Settle(SqlKey? key, SqlKey due, bool all) => all
        ? new SourceProgress(Head, due, [.. Marks.SkipWhile(mark => mark.Key != due).Skip(1)])
        : this with { Settled = key ?? Settled };

    /// <summary>As it is kept.</summary>
    internal string ToText() => JsonSerializer.Serialize(
        new Kept(Head?.ToText(), Settled?.ToText(), [.. Marks.Select(mark => new KeptMark(mark.At.ToUnixTimeMilliseconds(), mark.Key.ToText()))]), JsonSerializerOptions.Web);

    /// <summary>Of what was kept; empty for the beginning.</summary>
    internal static SourceProgress Read(string kept)
    {
        if (kept.Length == 0)
        {
            return Begin;
        }

        Kept read = JsonSerializer.Deserialize<Kept>(kept, JsonSerializerOptions.Web)!;
        return new SourceProgress(Key(read.Head), Key(read.Settled), [.. read.Marks.Select(mark => new SourceMark(DateTimeOffset.FromUnixTimeMilliseconds(mark.At), SqlKey.Parse(mark.Key)))]);
    }

    private static SqlKey? Key(string? kept) => kept is null ? null : SqlKey.Parse(kept);

    private sealed record Kept(string? Head, string? Settled, IReadOnlyList<KeptMark> Marks);

    private sealed record KeptMark(long At, string Key);
}

/// <summary>Where the head of a source was.</summary>
/// <param name="At">When.</param>
/// <param name="Key">Where.</param>
internal sealed record SourceMark(DateTimeOffset At, SqlKey Key);
