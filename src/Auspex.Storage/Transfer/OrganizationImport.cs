using System.Data.Common;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Organizations;
using Auspex.Storage.Telemetry;
using Dapper;

namespace Auspex.Storage.Transfer;

/// <summary>What an import took.</summary>
/// <param name="Id">The new organization.</param>
/// <param name="Name">Its name.</param>
/// <param name="Rows">Rows of every table that were taken.</param>
/// <param name="Documents">Documents.</param>
/// <param name="Artefacts">Versions of artefacts; the audit log of before is one of them.</param>
/// <param name="Frames">Frames.</param>
/// <param name="Members">Members who have an account here.</param>
/// <param name="NotMembers">Addresses of members who have none: invite them.</param>
/// <param name="LeftOut">Rows of those people that were left out: views, settings, places in operator positions.</param>
public sealed record ImportedOrganization(
    Guid Id, string Name, IReadOnlyDictionary<string, long> Rows, long Documents, long Artefacts, long Frames, long Members, IReadOnlyList<string> NotMembers, long LeftOut);

/// <summary>Makes an organization of an archive: a new one, with ids of its own for itself and for its keys, and those of the archive for everything inside it.</summary>
/// <param name="metadata">Where it is made.</param>
/// <param name="telemetry">Takes its frames.</param>
/// <param name="artefacts">Takes its model packages and reports.</param>
/// <param name="master">Seals documents.</param>
/// <param name="removal">Takes away what was begun, where it cannot be ended.</param>
/// <param name="clock">Dates it.</param>
public sealed class OrganizationImport(
    Database metadata, TelemetryStore telemetry, ArtefactStore artefacts, MasterKey master, OrganizationRemoval removal, TimeProvider clock)
{
    private const int FramesAnAppend = 5_000;

    private const string InsertOrganization = """
        insert into organization (id, name, time_zone, state, created_at) values (@id, @name, @zone, 'disabled', @now) on conflict (name) do nothing
        """;

    private const string Enable = "update organization set state = 'active' where id = @id";

    private const string UserOf = "select id from user_account where email = @email";

    private const string InsertMember = "insert into membership (organization, user_id, role, created_at) values (@id, @user, @role, @now)";

    private const string InsertDocument = """
        insert into document (organization, id, asset, name, media_type, size, hash, content, created_at, created_by)
        values (@organization, @Id, @Asset, @Name, @MediaType, @Size, @Hash, @content, @CreatedAt, @CreatedBy)
        """;

    private readonly InstallationDb _db = new(metadata);

    /// <summary>Imports an archive. Until all of it is there nobody can enter the organization; what fails leaves nothing of it.</summary>
    /// <param name="from">The archive's folder; only read.</param>
    /// <param name="name">Name of the new organization; null takes the archive's.</param>
    /// <param name="by">Who, as audit lines name them.</param>
    /// <param name="progress">Told how far it is, a line or a file at a time.</param>
    /// <param name="ct">Ends it; nothing half-imported is left.</param>
    /// <exception cref="StorageException">The archive is damaged or refused, or the name is taken. Nothing was imported.</exception>
    public async Task<ImportedOrganization> RunAsync(string from, string? name, string by, Action<TransferProgress> progress, CancellationToken ct)
    {
        OrganizationArchive archive = OrganizationArchive.Read(Path.GetFullPath(from));
        var reader = new ArchiveReader(Path.GetFullPath(from), archive, progress);
        await reader.CheckAsync(ct).ConfigureAwait(false);
        name = (name ?? archive.Organization.Name).Trim();
        if (name.Length is 0 or > 120)
        {
            throw new StorageException($"The organization's name has {name.Length} characters, it must have 1 to 120. Give another with --name.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(archive.Organization.TimeZone, out TimeZoneInfo? zone) || !zone.HasIanaId)
        {
            throw new StorageException($"manifest.json: the time zone '{archive.Organization.TimeZone}' is not known here.");
        }

        var id = Guid.CreateVersion7(clock.GetUtcNow());
        if (await _db.ExecuteAsync(InsertOrganization, new { id, name, zone = archive.Organization.TimeZone, now = clock.GetUtcNow() }, ct).ConfigureAwait(false) == 0)
        {
            throw new StorageException($"There is an organization '{name}' already. Give another name with --name.");
        }

        try
        {
            return await FillAsync(id, name, archive, reader, by, ct).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await removal.RemoveAsync(id, name, by, clock.GetUtcNow(), CancellationToken.None).ConfigureAwait(false);
            if (e is DbException or ArgumentException or FormatException)
            {
                throw new StorageException($"The archive does not fit: {e.Message} Nothing was imported.", e);
            }

            throw;
        }
    }

    private async Task<ImportedOrganization> FillAsync(Guid id, string name, OrganizationArchive archive, ArchiveReader reader, string by, CancellationToken ct)
    {
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        var strangers = new List<string>();
        await foreach ((ArchivedMember member, string where) in reader.LinesAsync<ArchivedMember>(OrganizationArchive.Members, ct).ConfigureAwait(false))
        {
            if (await _db.QuerySingleOrDefaultAsync<string>(UserOf, new { email = member.Email }, ct).ConfigureAwait(false) is not { } user)
            {
                strangers.Add(member.Email);
            }
            else if (!users.TryAdd(member.Id.ToString(), user))
            {
                throw new StorageException($"{where}: the member {member.Id} stands twice. Nothing was imported.");
            }
            else
            {
                await _db.ExecuteAsync(InsertMember, new { id, user, role = member.Role, now = clock.GetUtcNow() }, ct).ConfigureAwait(false);
            }
        }

        OrganizationDb db = _db.Of(id);
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        long leftOut = 0;
        foreach (CarriedTable table in OrganizationArchive.Tables.Where(table => archive.Files.Any(file => file.Name == table.FileName)))
        {
            (rows[table.Name], long left) = await LoadAsync(id, table, reader, users, ct).ConfigureAwait(false);
            leftOut += left;
        }

        long documents = await LoadDocumentsAsync(db, reader, ct).ConfigureAwait(false);
        long versions = await LoadArtefactsAsync(db, archive, reader, by, ct).ConfigureAwait(false);
        long frames = await LoadFramesAsync(id, reader, ct).ConfigureAwait(false);
        await db.WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(
                    transaction, id, by, "ORGANIZATION_IMPORTED", $"organization {id}",
                    new { name, from = archive.Organization.Id, archive.TakenAt, frames, documents, artefacts = versions }, clock.GetUtcNow()).ConfigureAwait(false);
                return 0;
            },
            ct).ConfigureAwait(false);
        await _db.ExecuteAsync(Enable, new { id }, ct).ConfigureAwait(false);
        return new ImportedOrganization(id, name, rows, documents, versions, frames, users.Count, strangers, leftOut);
    }

    // Rows as they are, but for whose they are: nothing in a line can name another organization.
    private async Task<(long Rows, long LeftOut)> LoadAsync(
        Guid id, CarriedTable table, ArchiveReader reader, Dictionary<string, string> users, CancellationToken ct)
    {
        const int RowsAWrite = 500;
        HashSet<string>? columns = null;
        long taken = 0;
        long leftOut = 0;
        var page = new List<(Dictionary<string, object?> Row, string Where)>();
        await foreach ((Dictionary<string, JsonElement> line, string where) in reader.LinesAsync<Dictionary<string, JsonElement>>(table.FileName, ct).ConfigureAwait(false))
        {
            columns ??= await ColumnsAsync(table, ct).ConfigureAwait(false);
            if (!columns.SetEquals(line.Keys))
            {
                string wrong = line.Keys.Except(columns).Select(key => $"'{key}' is no column").Concat(columns.Except(line.Keys).Select(key => $"'{key}' is missing")).First();
                throw new StorageException($"{where}: {wrong}. Nothing was imported.");
            }

            Dictionary<string, object?> row = line.ToDictionary(cell => cell.Key, cell => ValueOf(cell.Value, table, cell.Key, where), StringComparer.Ordinal);
            if (table.UserColumn is { } column)
            {
                if (!users.TryGetValue(row[column] as string ?? "", out string? user))
                {
                    leftOut++;
                    continue;
                }

                row[column] = user;
            }

            page.Add((row, where));
            taken++;
            if (page.Count == RowsAWrite)
            {
                await InsertAsync(id, table, page, ct).ConfigureAwait(false);
                page.Clear();
            }
        }

        await InsertAsync(id, table, page, ct).ConfigureAwait(false);
        return (taken, leftOut);
    }

    private Task<HashSet<string>> ColumnsAsync(CarriedTable table, CancellationToken ct) => metadata.ReadAsync(
        null,
        async (connection, ct) =>
        {
            DbCommand command = connection.CreateCommand();
            await using (command.ConfigureAwait(false))
            {
                command.CommandText = $"select * from {table.Name} where 1 = 0";
                DbDataReader reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    return Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).Where(column => column != "organization").ToHashSet(StringComparer.Ordinal);
                }
            }
        },
        ct);

    private Task<int> InsertAsync(Guid id, CarriedTable table, List<(Dictionary<string, object?> Row, string Where)> page, CancellationToken ct) => page.Count == 0
        ? Task.FromResult(0)
        : metadata.WriteAsync(
            id,
            async (connection, _) =>
            {
                string[] columns = [.. page[0].Row.Keys];
                string text = $"insert into {table.Name} (organization, {string.Join(", ", columns)}) values (@organization, {string.Join(", ", columns.Select(column => $"@{column}"))})";
                foreach ((Dictionary<string, object?> row, string where) in page)
                {
                    var parameters = new DynamicParameters(row);
                    parameters.Add("organization", id.ToString());
                    try
                    {
                        await connection.ExecuteAsync(text, parameters).ConfigureAwait(false);
                    }
                    catch (DbException e) when (e.SqlState?.StartsWith("23", StringComparison.Ordinal) == true || e is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: 19 or 20 } || e.SqlState?.StartsWith("22", StringComparison.Ordinal) == true)
                    {
                        throw new StorageException($"{where} does not fit: {e.Message} Nothing was imported.", e);
                    }
                }

                return page.Count;
            },
            ct);

    private static object? ValueOf(JsonElement value, CarriedTable table, string column, string where) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number when table.Fractions.Contains(column) => value.TryGetDouble(out double fraction) && double.IsFinite(fraction)
            ? fraction : throw new StorageException($"{where}: '{column}' is no finite number. Nothing was imported."),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number when value.TryGetInt64(out long number) => number,
        _ => throw new StorageException($"{where}: '{column}' is neither a text nor a whole number nor null. Nothing was imported."),
    };

    private async Task<long> LoadDocumentsAsync(OrganizationDb db, ArchiveReader reader, CancellationToken ct)
    {
        long taken = 0;
        await foreach ((ArchivedDocument document, string where) in reader.LinesAsync<ArchivedDocument>(OrganizationArchive.Documents, ct).ConfigureAwait(false))
        {
            byte[] content = await reader.WholeAsync($"documents/{document.Id}", ct).ConfigureAwait(false)
                ?? throw new StorageException($"{where}: documents/{document.Id} is not in the archive. Nothing was imported.");
            string closed = Convert.ToBase64String(master.Close(content, DocumentBound.Of(db.Organization, document.Id)));
            await db.ExecuteAsync(
                InsertDocument,
                new { document.Id, document.Asset, document.Name, document.MediaType, Size = (long)content.Length, document.Hash, content = closed, document.CreatedAt, document.CreatedBy },
                ct).ConfigureAwait(false);
            taken++;
        }

        return taken;
    }

    private async Task<long> LoadArtefactsAsync(OrganizationDb db, OrganizationArchive archive, ArchiveReader reader, string by, CancellationToken ct)
    {
        long taken = 0;
        await foreach ((ArchivedArtefact artefact, string where) in reader.LinesAsync<ArchivedArtefact>(OrganizationArchive.Artefacts, ct).ConfigureAwait(false))
        {
            byte[] content = await reader.WholeAsync($"artefacts/{artefact.Id}.{artefact.Version}", ct).ConfigureAwait(false)
                ?? throw new StorageException($"{where}: artefacts/{artefact.Id}.{artefact.Version} is not in the archive. Nothing was imported.");
            await artefacts.PutAsync(db, artefact.Id, artefact.Version, artefact.Kind, artefact.Name, content, artefact.CreatedBy, ct).ConfigureAwait(false);
            taken++;
        }

        // Its chain of hashes is bound to the organization that was: it cannot go on here, and is kept as it is.
        if (archive.Files.First(file => file.Name == OrganizationArchive.Audit) is { Bytes: > 0 and <= ArtefactStore.MostBytes })
        {
            await artefacts.PutAsync(
                db, Guid.CreateVersion7(clock.GetUtcNow()), 1, "audit", $"Audit log of {archive.Organization.Name} ({archive.Organization.Id}) until {archive.TakenAt:u}",
                await File.ReadAllBytesAsync(reader.PathOf(OrganizationArchive.Audit), ct).ConfigureAwait(false), by, ct).ConfigureAwait(false);
            taken++;
        }

        return taken;
    }

    private async Task<long> LoadFramesAsync(Guid id, ArchiveReader reader, CancellationToken ct)
    {
        long taken = 0;
        var frames = new List<Frame>();
        var shapes = new Dictionary<string, string[]>(StringComparer.Ordinal);
        await foreach ((ArchivedFrames line, string where) in reader.LinesAsync<ArchivedFrames>(OrganizationArchive.Frames, ct).ConfigureAwait(false))
        {
            int n = line.Times.Length;
            if (Series.AssetOf(new AssetId(line.Asset)).Length is 0 or > AssetId.MaxLength || line.Arrived.Length != n || line.Signals.Any(signal => signal.Values.Length != n || (signal.Qualities is { } marks && marks.Length != n)))
            {
                throw new StorageException($"{where}: times, arrivals, values and qualities are not of one length, or the asset's name is not of 1 to {AssetId.MaxLength} characters. Nothing was imported.");
            }

            for (int i = 0; i < n; i++)
            {
                frames.Add(FrameOf(line, i, shapes, where));
            }

            if (frames.Count >= FramesAnAppend)
            {
                taken += await AppendAsync().ConfigureAwait(false);
            }
        }

        return taken + await AppendAsync().ConfigureAwait(false);

        async Task<int> AppendAsync()
        {
            int count = frames.Count;
            await telemetry.AppendAsync(id, frames, ct).ConfigureAwait(false);
            frames = [];
            return count;
        }
    }

    private static Frame FrameOf(ArchivedFrames line, int row, Dictionary<string, string[]> shapes, string where)
    {
        ArchivedColumn[] present = [.. line.Signals.Where(signal => signal.Values[row] is not null)];
        string key = string.Join('\n', present.Select(signal => signal.Name));
        if (!shapes.TryGetValue(key, out string[]? names))
        {
            shapes.Add(key, names = [.. present.Select(signal => signal.Name)]);
        }

        int[] marks = [.. present.Select(signal => signal.Qualities?[row] ?? 0)];
        return marks.Any(mark => mark is < (int)Quality.Good or > (int)Quality.Bad)
            ? throw new StorageException($"{where}: a quality is {marks.Max()}; 0 good, 1 uncertain and 2 bad are known. Nothing was imported.")
            : new Frame(
                new AssetId(line.Asset), line.Times[row], line.Arrived[row], names, [.. present.Select(signal => signal.Values[row]!.Value)],
                Array.TrueForAll(marks, mark => mark == 0) ? null : Array.ConvertAll(marks, mark => (Quality)mark));
    }
}
