using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Auspex.Storage.Db;

namespace Auspex.Storage.Quarantine;

/// <summary>Rows of all organizations that were refused. Each organization has so much room; its own oldest rows make way for newer ones, and nobody else's.</summary>
/// <param name="database">With the schema <c>telemetry</c>: what is refused waits for what is stored, and nothing else for it.</param>
/// <param name="limits">How much room.</param>
/// <param name="clock">Stamps rows.</param>
public sealed class QuarantineStore(Database database, QuarantineLimits limits, TimeProvider clock)
{
    // A piece a transaction: what is stored meanwhile waits for one piece at most.
    private const int RowsAPiece = 256;
    private const int CharactersAPiece = 1024 * 1024;

    private const int CharactersOfALongRow = 4 * 1024;
    private const int RowOverhead = 300; // ids, hash, numbers and their index

    private const string Columns = """
        id as Id, door as Door, form as Form, line_precision as LinePrecision, sender as Sender, sender_name as SenderName, asset as Asset, field as Field, reason as Reason, body as Body,
        whole as Whole, first_at as FirstAt, last_at as LastAt, times as Times
        """;

    private const string Into = """
        quarantine_row (
          organization, id, hash, door, form, line_precision, sender, sender_name, asset, field, reason, body, whole, size, first_at, last_at, times)
        """;

    // The same row again: what is wrong with it may be something else by now.
    private const string Again = """
        on conflict (organization, hash) do update set
          field = excluded.field, reason = excluded.reason, sender = excluded.sender, sender_name = excluded.sender_name, last_at = excluded.last_at,
          times = quarantine_row.times + excluded.times
        returning id as Id, size as Size
        """;

    private const string InsertSqlite = $"""
        insert into {Into}
        select @organization, json_extract(j.value, '$.id'), json_extract(j.value, '$.hash'), @door, json_extract(j.value, '$.form'), json_extract(j.value, '$.line_precision'),
          @sender, @senderName, json_extract(j.value, '$.asset'), json_extract(j.value, '$.field'), json_extract(j.value, '$.reason'), json_extract(j.value, '$.body'),
          json_extract(j.value, '$.whole'), json_extract(j.value, '$.size'), @now, @now, json_extract(j.value, '$.times')
        from json_each(@rows) j where true
        {Again}
        """;

    private const string InsertPostgreSql = $"""
        insert into {Into}
        select @organization, j.id, j.hash, @door, j.form, j.line_precision, @sender, @senderName, j.asset, j.field, j.reason, j.body, j.whole, j.size, @now, @now, j.times
        from json_to_recordset(cast(@rows as json)) as j (
          id text, hash text, form text, line_precision text, asset text, field text, reason text, body text, whole bigint, size bigint, times bigint)
        {Again}
        """;

    private const string AddTotal = """
        insert into quarantine_total (organization, kept, bytes, dropped) values (@organization, @kept, @bytes, @dropped)
        on conflict (organization) do update set
          kept = quarantine_total.kept + excluded.kept, bytes = quarantine_total.bytes + excluded.bytes, dropped = quarantine_total.dropped + excluded.dropped
        returning kept as Kept, bytes as Bytes, dropped as Dropped
        """;

    private const string Total = "select kept as Kept, bytes as Bytes, dropped as Dropped from quarantine_total where organization = @organization";

    private const string Oldest = "select id as Id, size as Size from quarantine_row where organization = @organization order by id limit @most";

    private const string Delete = "delete from quarantine_row where organization = @organization and id = @id returning size";

    private const string ById = $"select {Columns} from quarantine_row where organization = @organization and id = @id";

    private const string Filtered = """
        from quarantine_row where organization = @organization and (@field = '' or field = @field) and (@reason = '' or lower(reason) like @reason escape '!')
          and (@asset = '' or asset = @asset) and (@door = '' or door = @door) and last_at >= @fromMs and last_at < @toMs
        """;

    private const string Newest = $"select {Columns} {Filtered} and (@beforeId = '' or id < @beforeId) order by id desc limit @most";

    private const string OldestOfFilter = $"select {Columns} {Filtered} and id > @afterId order by id limit @most";

    /// <summary>Keeps rows that were refused; when it ends they are durable, however many had to go for them.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="door">How they came.</param>
    /// <param name="sender">Who sent them, as audit lines name them.</param>
    /// <param name="senderName">Name of the key they came with.</param>
    /// <param name="rows">In the order they came.</param>
    /// <param name="ct">Looked at between pieces.</param>
    public async Task KeepAsync(Guid organization, string door, string sender, string? senderName, IReadOnlyList<RefusedRow> rows, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rows);
        for (int from = 0; from < rows.Count;)
        {
            int count = 0;
            for (long characters = 0; count < RowsAPiece && from + count < rows.Count && (count == 0 || characters < CharactersAPiece); count++)
            {
                characters += rows[from + count].Text.Length;
            }

            RefusedRow[] piece = [.. rows.Skip(from).Take(count)];
            from += count;
            await KeepPieceAsync(organization, door, sender, senderName, piece, ct).ConfigureAwait(false);
        }
    }

    /// <summary>A row; null where the organization has none of the id.</summary>
    public Task<QuarantinedRow?> FindAsync(Guid organization, Guid id, CancellationToken ct) => Of(organization).QuerySingleOrDefaultAsync<QuarantinedRow>(ById, new { id }, ct);

    /// <summary>Rows by the time they first came, newest first.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="beforeId">Behind this one; empty from the newest on.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="ct">Ends waiting.</param>
    public Task<IReadOnlyList<QuarantinedRow>> PageAsync(Guid organization, QuarantineFilter filter, string beforeId, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Of(organization).QueryAsync<QuarantinedRow>(
            Newest, new { field = filter.Field, reason = Part(filter.Reason), asset = filter.Asset, door = filter.Door, fromMs = filter.FromMs, toMs = filter.ToMs, beforeId, most }, ct);
    }

    /// <summary>Rows by the time they first came, oldest first.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="filter">Which.</param>
    /// <param name="afterId">Behind this one; empty from the oldest on.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="ct">Ends waiting.</param>
    public Task<IReadOnlyList<QuarantinedRow>> OldestAsync(Guid organization, QuarantineFilter filter, string afterId, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return Of(organization).QueryAsync<QuarantinedRow>(
            OldestOfFilter, new { field = filter.Field, reason = Part(filter.Reason), asset = filter.Asset, door = filter.Door, fromMs = filter.FromMs, toMs = filter.ToMs, afterId, most }, ct);
    }

    /// <summary>Takes rows out; those that are not there any more are passed over.</summary>
    /// <returns>Rows taken out.</returns>
    public Task<int> RemoveAsync(Guid organization, IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return ids.Count == 0 ? Task.FromResult(0) : Of(organization).WriteAsync(
            async transaction =>
            {
                await transaction.AloneAsync("quarantine").ConfigureAwait(false);
                (int rows, long bytes) = await DeleteAsync(transaction, ids).ConfigureAwait(false);
                await transaction.QuerySingleOrDefaultAsync<TotalRow>(AddTotal, new { kept = -(long)rows, bytes = -bytes, dropped = 0L }).ConfigureAwait(false);
                return rows;
            },
            ct);
    }

    /// <summary>How full it is.</summary>
    public async Task<QuarantineTotal> TotalAsync(Guid organization, CancellationToken ct) =>
        await Of(organization).QuerySingleOrDefaultAsync<TotalRow>(Total, null, ct).ConfigureAwait(false) is { } total
            ? new QuarantineTotal(total.Kept, total.Bytes, total.Dropped) : new QuarantineTotal(0, 0, 0);

    private OrganizationDb Of(Guid organization) => new(database, organization);

    private Task<int> KeepPieceAsync(Guid organization, string door, string sender, string? senderName, RefusedRow[] piece, CancellationToken ct)
    {
        DateTimeOffset now = clock.GetUtcNow();
        Dictionary<string, Kept> kept = Rows(piece, now);
        return Of(organization).WriteAsync(
            async transaction =>
            {
                await transaction.AloneAsync("quarantine").ConfigureAwait(false);
                IEnumerable<IdAndSize> stored = await transaction.QueryAsync<IdAndSize>(
                    transaction.Dialect == Dialect.Sqlite ? InsertSqlite : InsertPostgreSql,
                    new { door, sender = Storable(sender), senderName = senderName is null ? null : Storable(senderName), now, rows = JsonSerializer.Serialize(kept.Values) }).ConfigureAwait(false);
                // A row that was there keeps the id it has.
                IdAndSize[] added = [.. stored.IntersectBy(kept.Values.Select(row => row.id), row => row.Id, StringComparer.Ordinal)];
                TotalRow total = (await transaction.QuerySingleOrDefaultAsync<TotalRow>(
                    AddTotal, new { kept = (long)added.Length, bytes = added.Sum(row => row.Size), dropped = 0L }).ConfigureAwait(false))!;
                while (total.Kept > limits.Rows || total.Bytes > limits.Bytes)
                {
                    total = await DropOldestAsync(transaction, total).ConfigureAwait(false);
                }

                return added.Length;
            },
            ct);
    }

    private async Task<TotalRow> DropOldestAsync(OrganizationTransaction transaction, TotalRow total)
    {
        (long rows, long bytes) = (total.Kept, total.Bytes);
        var ids = new List<string>();
        foreach (IdAndSize row in await transaction.QueryAsync<IdAndSize>(Oldest, new { most = (long)RowsAPiece }).ConfigureAwait(false))
        {
            if (rows <= limits.Rows && bytes <= limits.Bytes)
            {
                break;
            }

            ids.Add(row.Id);
            (rows, bytes) = (rows - 1, bytes - row.Size);
        }

        if (ids.Count == 0)
        {
            throw new System.Diagnostics.UnreachableException("bug: a quarantine without rows is full");
        }

        await DeleteAsync(transaction, ids).ConfigureAwait(false);
        return (await transaction.QuerySingleOrDefaultAsync<TotalRow>(
            AddTotal, new { kept = rows - total.Kept, bytes = bytes - total.Bytes, dropped = (long)ids.Count }).ConfigureAwait(false))!;
    }

    private static async Task<(int Rows, long Bytes)> DeleteAsync(OrganizationTransaction transaction, IEnumerable<string> ids)
    {
        (int rows, long bytes) = (0, 0);
        foreach (string id in ids)
        {
            if (await transaction.QuerySingleOrDefaultAsync<long?>(Delete, new { id }).ConfigureAwait(false) is { } size)
            {
                (rows, bytes) = (rows + 1, bytes + size);
            }
        }

        return (rows, bytes);
    }

    // Each once, under ids that rise in the order the rows came.
    private Dictionary<string, Kept> Rows(RefusedRow[] piece, DateTimeOffset now)
    {
        string[] ids = [.. piece.Select(_ => Guid.CreateVersion7(now).ToString()).Order(StringComparer.Ordinal)];
        var kept = new Dictionary<string, Kept>(piece.Length, StringComparer.Ordinal);
        for (int i = 0; i < piece.Length; i++)
        {
            RefusedRow row = piece[i];
            string hash = HashOf(row, now);
            if (kept.TryGetValue(hash, out Kept? same))
            {
                kept[hash] = same with { times = same.times + 1 };
                continue;
            }

            string text = Storable(row.Text);
            bool fits = text.Length <= limits.CharactersARow;
            text = fits ? text : Storable(text[..CharactersOfALongRow]);
            (string field, string reason) = (Storable(row.Field), Storable(row.Reason));
            kept.Add(hash, new Kept(
                ids[i], hash, row.Form, row.LinePrecision, row.Asset is null ? null : Storable(row.Asset), field, reason, text, fits && text == row.Text ? 1 : 0,
                Encoding.UTF8.GetByteCount(text) + Encoding.UTF8.GetByteCount(reason) + RowOverhead, 1));
        }

        return kept;
    }

    private static string HashOf(RefusedRow row, DateTimeOffset now)
    {
        string when = row.IsTimed ? "" : now.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{row.Form}\n{row.LinePrecision}\n{when}\n{row.Text}")));
    }

    // What no database keeps is replaced: NUL, and half a character.
    private static string Storable(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        var storable = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            storable.Append(rune.Value == 0 ? "\ufffd" : rune.ToString());
        }

        return storable.ToString();
    }

    private static string Part(string reason) =>
        reason.Length == 0 ? "" : $"%{reason.ToLowerInvariant().Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal)}%";

    // Names as the statements have them.
#pragma warning disable IDE1006
    private sealed record Kept(
        string id, string hash, string form, string? line_precision, string? asset, string field, string reason, string body, long whole, long size, long times);
#pragma warning restore IDE1006

    private sealed record IdAndSize(string Id, long Size);

    private sealed record TotalRow(long Kept, long Bytes, long Dropped);
}

/// <summary>How much room each organization has for rows that were refused.</summary>
/// <param name="Rows">Rows at most; default 100,000.</param>
/// <param name="Bytes">Bytes at most; default 64 MiB.</param>
/// <param name="CharactersARow">Longest row that is kept whole, and can be mapped again; default 262,144.</param>
public sealed record QuarantineLimits(long Rows = 100_000, long Bytes = 64L * 1024 * 1024, int CharactersARow = 256 * 1024);
