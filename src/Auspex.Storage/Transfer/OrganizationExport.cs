using System.Data.Common;
using System.Runtime.CompilerServices;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Backup;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Telemetry;
using Dapper;

namespace Auspex.Storage.Transfer;

/// <summary>Writes everything one organization owns into a folder of open files.</summary>
/// <param name="metadata">Where it is.</param>
/// <param name="telemetry">Its frames.</param>
/// <param name="artefacts">Its model packages and reports.</param>
/// <param name="master">Opens documents.</param>
/// <param name="clock">Dates it.</param>
public sealed class OrganizationExport(Database metadata, TelemetryStore telemetry, ArtefactStore artefacts, MasterKey master, TimeProvider clock)
{
    private const int FramesALine = 1_000;
    private const int RowsAPage = 500;

    private const string Own = "select id, name, time_zone as TimeZone from organization where id = @organization";

    private const string ByName = "select id from organization where id = @name or name = @name order by case when id = @name then 0 else 1 end limit 1";

    private const string MembersOf = """
        select u.id, u.email, u.name, m.role from membership m join user_account u on u.id = m.user_id where m.organization = @organization order by u.email
        """;

    private const string DocumentsOf = """
        select id, asset, name, media_type as MediaType, size, hash, created_at as CreatedAt, created_by as CreatedBy from document where organization = @organization order by id
        """;

    private const string ContentOf = "select content from document where organization = @organization and id = @id";

    /// <summary>Id of an organization by its id or name; null where there is none.</summary>
    public static async Task<Guid?> FindAsync(InstallationDb db, string name, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.QuerySingleOrDefaultAsync<string>(ByName, new { name }, ct).ConfigureAwait(false) is { } id ? Guid.Parse(id) : null;
    }

    /// <summary>Writes an archive.</summary>
    /// <param name="organization">Whose.</param>
    /// <param name="to">A folder that is new or empty. It appears whole or not at all.</param>
    /// <param name="progress">Told how far it is, a line or a file at a time.</param>
    /// <param name="ct">Ends it; nothing half-written is left.</param>
    /// <exception cref="StorageException">The folder cannot be used, something of the organization is damaged, or a disk or database fails; nothing was written.</exception>
    public Task<OrganizationArchive> WriteAsync(Guid organization, string to, Action<TransferProgress> progress, CancellationToken ct) =>
        DraftFolder.FillAsync(Path.TrimEndingDirectorySeparator(Path.GetFullPath(to)), async draft =>
        {
            var db = new OrganizationDb(metadata, organization);
            var writer = new ArchiveWriter(draft, progress);
            DateTimeOffset at = clock.GetUtcNow();
            (ArchivedOrganization own, List<ArchivedDocument> documents) = await metadata.ReadAsync(
                organization,
                async (connection, ct) =>
                {
                    ArchivedOrganization own = await OneAsync(connection, organization).ConfigureAwait(false);
                    foreach (CarriedTable table in OrganizationArchive.Tables)
                    {
                        await writer.LinesAsync(table.FileName, RowsAsync(connection, organization, table, ct), ct).ConfigureAwait(false);
                    }

                    IEnumerable<MemberRow> members = await connection.QueryAsync<MemberRow>(MembersOf, new { organization = organization.ToString() }).ConfigureAwait(false);
                    await writer.LinesAsync(OrganizationArchive.Members, Each(members.Select(row => new ArchivedMember(Guid.Parse(row.Id), row.Email, row.Name, row.Role))), ct).ConfigureAwait(false);
                    IEnumerable<DocumentRow> documents = await connection.QueryAsync<DocumentRow>(DocumentsOf, new { organization = organization.ToString() }).ConfigureAwait(false);
                    return (own, documents.Select(row => new ArchivedDocument(
                        Guid.Parse(row.Id), Guid.Parse(row.Asset), row.Name, row.MediaType, row.Size, row.Hash, row.CreatedAt, row.CreatedBy)).ToList());
                },
                ct).ConfigureAwait(false);
            await WriteDocumentsAsync(db, writer, documents, ct).ConfigureAwait(false);
            await writer.LinesAsync(OrganizationArchive.Audit, AuditAsync(db, ct), ct).ConfigureAwait(false);
            await WriteArtefactsAsync(db, writer, ct).ConfigureAwait(false);
            await writer.LinesAsync(OrganizationArchive.Frames, FramesAsync(organization, ct), ct).ConfigureAwait(false);
            var archive = new OrganizationArchive(
                OrganizationArchive.PresentFormat, typeof(OrganizationExport).Assembly.GetName().Version!.ToString(3), at, own, writer.Files);
            archive.Write(draft);
            return archive;
        });

    private static async Task<ArchivedOrganization> OneAsync(DbConnection connection, Guid organization) =>
        await connection.QuerySingleOrDefaultAsync<OwnRow>(Own, new { organization = organization.ToString() }).ConfigureAwait(false) is { } row
            ? new ArchivedOrganization(Guid.Parse(row.Id), row.Name, row.TimeZone)
            : throw new StorageException($"There is no organization {organization}.");

    private static async IAsyncEnumerable<Dictionary<string, object?>> RowsAsync(
        DbConnection connection, Guid organization, CarriedTable table, [EnumeratorCancellation] CancellationToken ct)
    {
        DbCommand command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.CommandText = $"select * from {table.Name} where organization = @organization order by {table.Order}";
            DbParameter parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("organization", organization.ToString());
            command.Parameters.Add(parameter);
            DbDataReader reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(ct).ConfigureAwait(false))
                {
                    var row = new Dictionary<string, object?>(StringComparer.Ordinal);
                    for (int i = 0; i < reader.FieldCount; i++)
                    {
                        if (reader.GetName(i) != "organization")
                        {
                            row.Add(reader.GetName(i), reader.IsDBNull(i) ? null : reader.GetValue(i));
                        }
                    }

                    yield return row;
                }
            }
        }
    }

    private async Task WriteDocumentsAsync(OrganizationDb db, ArchiveWriter writer, List<ArchivedDocument> documents, CancellationToken ct)
    {
        var written = new List<ArchivedDocument>();
        foreach (ArchivedDocument document in documents)
        {
            // One that was removed meanwhile is left out.
            if (await db.QuerySingleOrDefaultAsync<string>(ContentOf, new { id = document.Id }, ct).ConfigureAwait(false) is { } content)
            {
                writer.Whole($"documents/{document.Id}", master.Open(Convert.FromBase64String(content), DocumentBound.Of(db.Organization, document.Id)));
                written.Add(document);
            }
        }

        await writer.LinesAsync(OrganizationArchive.Documents, Each(written), ct).ConfigureAwait(false);
    }

    private async Task WriteArtefactsAsync(OrganizationDb db, ArchiveWriter writer, CancellationToken ct)
    {
        var written = new List<ArchivedArtefact>();
        foreach (string kind in await ArtefactStore.KindsAsync(db, ct).ConfigureAwait(false))
        {
            Artefact? after = null;
            IReadOnlyList<Artefact> page;
            do
            {
                page = await ArtefactStore.ListAsync(db, kind, after, RowsAPage, ct).ConfigureAwait(false);
                foreach (Artefact artefact in page)
                {
                    if (await artefacts.OpenAsync(db, artefact.Id, artefact.Version, ct).ConfigureAwait(false) is { } content)
                    {
                        writer.Whole($"artefacts/{artefact.Id}.{artefact.Version}", content);
                        written.Add(new ArchivedArtefact(
                            artefact.Id, artefact.Version, artefact.Kind, artefact.Name, artefact.Sha256, artefact.CreatedAt.ToUnixTimeMilliseconds(), artefact.CreatedBy));
                    }
                }

                after = page.Count > 0 ? page[^1] : null;
            }
            while (page.Count == RowsAPage);
        }

        await writer.LinesAsync(OrganizationArchive.Artefacts, Each(written), ct).ConfigureAwait(false);
    }

    private static async IAsyncEnumerable<AuditEntry> AuditAsync(OrganizationDb db, [EnumeratorCancellation] CancellationToken ct)
    {
        long after = 0;
        IReadOnlyList<AuditEntry> page;
        do
        {
            page = await AuditLog.PageAsync(db, after, RowsAPage, ct).ConfigureAwait(false);
            foreach (AuditEntry entry in page)
            {
                yield return entry;
                after = entry.Sequence;
            }
        }
        while (page.Count == RowsAPage);
    }

    private async IAsyncEnumerable<ArchivedFrames> FramesAsync(Guid organization, [EnumeratorCancellation] CancellationToken ct)
    {
        IReadOnlyList<AssetId> assets = await telemetry.AssetsAsync(organization, ct).ConfigureAwait(false);
        foreach (AssetId asset in assets.SelectMany(asset => Series.Of(asset).Prepend(asset)))
        {
            long from = long.MinValue;
            FrameColumns read;
            do
            {
                read = await telemetry.ReadAsync(organization, asset, from, long.MaxValue, null, FramesALine, ct).ConfigureAwait(false);
                if (read.Times.Length > 0)
                {
                    yield return new ArchivedFrames(asset.Value, read.Times, read.Arrived, [.. Enumerable.Range(0, read.Signals.Length).Select(i => ColumnOf(read, i))]);
                    from = read.Times[^1] + 1;
                }
            }
            while (read.More);
        }
    }

    private static ArchivedColumn ColumnOf(FrameColumns frames, int signal)
    {
        Quality[]? qualities = frames.Qualities[signal];
        return new ArchivedColumn(
            frames.Signals[signal],
            [.. frames.Values[signal].Select((value, i) => qualities?[i] == Quality.Absent ? (double?)null : value)],
            qualities is null || Array.TrueForAll(qualities, quality => quality is Quality.Good or Quality.Absent)
                ? null
                : Array.ConvertAll(qualities, quality => quality == Quality.Absent ? 0 : (int)quality));
    }

    private static async IAsyncEnumerable<T> Each<T>(IEnumerable<T> lines)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (T line in lines)
        {
            yield return line;
        }
    }

    private sealed record OwnRow(string Id, string Name, string TimeZone);

    private sealed record MemberRow(string Id, string Email, string Name, string Role);

    private sealed record DocumentRow(string Id, string Asset, string Name, string MediaType, long Size, string Hash, long CreatedAt, string CreatedBy);
}
