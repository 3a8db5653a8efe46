using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Plant;

namespace Auspex.Storage.Sources;

/// <summary>The databases that organizations have frames read from. What opens a connection is sealed with the organization's data key, and bound to organization and source.</summary>
/// <param name="keys">The data keys.</param>
public sealed class DataSourceStore(DataKeys keys)
{
    /// <summary>Most sources of an organization.</summary>
    public const int Most = 50;

    private const string Columns = """
        id as Id, name as Name, sealed as Sealed, mapping as Mapping, poll_seconds as PollSeconds, overlap_seconds as OverlapSeconds, paused as Paused, epoch as Epoch,
          progress as Progress, status as Status, revision as Revision, created_at as CreatedAt, updated_at as UpdatedAt
        """;

    private const string All = $"select {Columns} from data_source where organization = @organization order by key_name, id";

    private const string ById = $"select {Columns} from data_source where organization = @organization and id = @id";

    private const string Marks = """
        select d.organization as Organization, d.id as Id, d.revision as Revision, d.paused as Paused from data_source d join organization o on o.id = d.organization
        where o.state = 'active' order by d.organization, d.id
        """;

    private const string OthersOfName = "select count(*) from data_source where organization = @organization and key_name = @keyName and id <> @id";

    private const string Count = "select count(*) from data_source where organization = @organization";

    private const string Insert = """
        insert into data_source (organization, id, name, key_name, sealed, mapping, poll_seconds, overlap_seconds, paused, epoch, progress, status, revision, created_at, updated_at)
        values (@organization, @id, @name, @keyName, @closed, @mapping, @poll, @overlap, 0, 1, '', '', 1, @now, @now)
        """;

    private const string Update = """
        update data_source set name = @name, key_name = @keyName, sealed = @closed, mapping = @mapping, poll_seconds = @poll, overlap_seconds = @overlap,
          epoch = epoch + @restart, progress = case when @restart = 1 then '' else progress end, revision = revision + 1, updated_at = @now
        where organization = @organization and id = @id
        """;

    private const string SetPaused = """
        update data_source set paused = @paused, revision = revision + 1, updated_at = @now where organization = @organization and id = @id
        """;

    private const string SetProgress = """
        update data_source set progress = @progress, status = @status where organization = @organization and id = @id and epoch = @epoch
        """;

    private const string SetStatus = "update data_source set status = @status where organization = @organization and id = @id";

    private const string Delete = "delete from data_source where organization = @organization and id = @id";

    /// <summary>All sources of an organization, by name.</summary>
    public static async Task<IReadOnlyList<DataSource>> AllAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return [.. (await db.QueryAsync<Row>(All, null, ct).ConfigureAwait(false)).Select(row => row.Source())];
    }

    /// <summary>A source; null where the organization has none of the id.</summary>
    public static async Task<DataSource?> FindAsync(OrganizationDb db, Guid id, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return (await db.QuerySingleOrDefaultAsync<Row>(ById, new { id }, ct).ConfigureAwait(false))?.Source();
    }

    /// <summary>Every source of every organization that is at work.</summary>
    public static async Task<IReadOnlyList<DataSourceMark>> MarksAsync(InstallationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return [.. (await db.QueryAsync<MarkRow>(Marks, null, ct).ConfigureAwait(false))
            .Select(row => new DataSourceMark(Guid.Parse(row.Organization), Guid.Parse(row.Id), row.Revision, row.Paused != 0))];
    }

    /// <summary>Seals what opens a connection.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="id">Of the source.</param>
    /// <param name="plain">What opens it.</param>
    /// <param name="ct">Ends waiting.</param>
    public async Task<string> CloseAsync(OrganizationDb db, Guid id, ReadOnlyMemory<byte> plain, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return Convert.ToBase64String(Seal.Close(await keys.OfAsync(db, make: true, ct).ConfigureAwait(false), plain.Span, Bound(db.Organization, id)));
    }

    /// <summary>Opens what opens the connection of a source, into memory only.</summary>
    /// <exception cref="StorageException">It was sealed for another organization or source, or was changed.</exception>
    public async Task<byte[]> OpenAsync(OrganizationDb db, DataSource source, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(source);
        return Seal.Open(
            await keys.OfAsync(db, make: false, ct).ConfigureAwait(false), Convert.FromBase64String(source.Sealed), Bound(db.Organization, Guid.Parse(source.Id)));
    }

    /// <summary>Makes a source of revision 1 that begins at once.</summary>
    public static async Task<DataSourceRefusal> CreateAsync(
        OrganizationTransaction transaction, Guid id, string name, string closed, string mapping, int pollSeconds, int overlapSeconds, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("data sources").ConfigureAwait(false);
        if (await transaction.QuerySingleOrDefaultAsync<long>(Count, null).ConfigureAwait(false) >= Most)
        {
            return DataSourceRefusal.TooMany;
        }

        string keyName = TreeStore.KeyOf(name);
        if (await transaction.QuerySingleOrDefaultAsync<long>(OthersOfName, new { keyName, id }).ConfigureAwait(false) > 0)
        {
            return DataSourceRefusal.NameTaken;
        }

        await transaction.ExecuteAsync(Insert, new { id, name, keyName, closed, mapping, poll = (long)pollSeconds, overlap = (long)overlapSeconds, now }).ConfigureAwait(false);
        return DataSourceRefusal.None;
    }

    /// <summary>Changes a source.</summary>
    /// <param name="transaction">Of the organization.</param>
    /// <param name="id">Which.</param>
    /// <param name="revision">The one the caller saw.</param>
    /// <param name="restart">Whether something else is read from now on: reading begins anew, and who reads still cannot move it.</param>
    public static async Task<DataSourceRefusal> ReplaceAsync(
        OrganizationTransaction transaction, Guid id, long? revision, string name, string closed, string mapping, int pollSeconds, int overlapSeconds, bool restart, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync("data sources").ConfigureAwait(false);
        DataSourceRefusal refusal = Stale(await transaction.QuerySingleOrDefaultAsync<Row>(ById, new { id }).ConfigureAwait(false), revision);
        string keyName = TreeStore.KeyOf(name);
        if (refusal == DataSourceRefusal.None && await transaction.QuerySingleOrDefaultAsync<long>(OthersOfName, new { keyName, id }).ConfigureAwait(false) > 0)
        {
            refusal = DataSourceRefusal.NameTaken;
        }

        if (refusal == DataSourceRefusal.None)
        {
            await transaction.ExecuteAsync(
                Update, new { id, name, keyName, closed, mapping, poll = (long)pollSeconds, overlap = (long)overlapSeconds, restart = restart ? 1L : 0L, now }).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Stops a source, or lets it go on where it was.</summary>
    public static async Task<DataSourceRefusal> SetPausedAsync(OrganizationTransaction transaction, Guid id, bool paused, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return await transaction.ExecuteAsync(SetPaused, new { id, paused = paused ? 1L : 0L, now }).ConfigureAwait(false) == 1 ? DataSourceRefusal.None : DataSourceRefusal.Unknown;
    }

    /// <summary>Removes a source; frames that came from it stay.</summary>
    public static async Task<DataSourceRefusal> RemoveAsync(OrganizationTransaction transaction, Guid id, long? revision)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        DataSourceRefusal refusal = Stale(await transaction.QuerySingleOrDefaultAsync<Row>(ById, new { id }).ConfigureAwait(false), revision);
        if (refusal == DataSourceRefusal.None)
        {
            await transaction.ExecuteAsync(Delete, new { id }).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Stores how far a source is read, once the frames until there are durable.</summary>
    /// <returns>False where the source is gone, or reads something else by now: nothing was stored.</returns>
    public static async Task<bool> SetProgressAsync(OrganizationDb db, Guid id, long epoch, string progress, string status, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.ExecuteAsync(SetProgress, new { id, epoch, progress, status }, ct).ConfigureAwait(false) == 1;
    }

    /// <summary>Stores how it went.</summary>
    public static Task SetStatusAsync(OrganizationDb db, Guid id, string status, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.ExecuteAsync(SetStatus, new { id, status }, ct);
    }

    private static string Bound(Guid organization, Guid id) => $"data source {id} of {organization}";

    private static DataSourceRefusal Stale(Row? source, long? revision) =>
        source is null ? DataSourceRefusal.Unknown : revision is { } seen && seen != source.Revision ? DataSourceRefusal.Changed : DataSourceRefusal.None;

    private sealed record Row(
        string Id, string Name, string Sealed, string Mapping, long PollSeconds, long OverlapSeconds, long Paused, long Epoch, string Progress, string Status, long Revision,
        DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
    {
        internal DataSource Source() => new(Id, Name, Sealed, Mapping, PollSeconds, OverlapSeconds, Paused != 0, Epoch, Progress, Status, Revision, CreatedAt, UpdatedAt);
    }

    private sealed record MarkRow(string Organization, string Id, long Revision, long Paused);
}
