using System.Collections.Concurrent;

namespace Auspex.Flow.Connect.Sql;

/// <summary>Reads databases of organizations: each call on a thread and a connection of its own, which are given up where they do not end in time.</summary>
public sealed class SqlSources
{
    private const int MostCallsOfPeople = 2;

    private readonly string _folder;
    private readonly OwnDatabase _own;
    private readonly SqlLimits _limits;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<(Guid Organization, Guid Source), SqlCalls> _calls = new();
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _people = new();

    /// <param name="dataFolder">Files of SQLite are below <see cref="SqliteFiles.FolderName"/> in it, a folder an organization.</param>
    /// <param name="installation">Connection string of the installation's own PostgreSQL, which is no source; null where it has none.</param>
    /// <param name="limits">What a call may cost.</param>
    /// <param name="clock">Tells the time.</param>
    public SqlSources(string dataFolder, string? installation, SqlLimits limits, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (_folder, _own, _limits, _clock) = (Path.Combine(dataFolder, SqliteFiles.FolderName), new OwnDatabase(installation), limits, clock);
    }

    /// <summary>Connects, and makes sure that a query is answered.</summary>
    /// <exception cref="SqlSourceException">It does not; the message says why.</exception>
    /// <returns>What the server says it is.</returns>
    public Task<string> TestAsync(Guid organization, SqlConnectionSettings settings, CancellationToken ct) => ForPersonAsync(organization, settings, session => session.Server(), ct);

    /// <summary>Tables and views that can be read, with a guess of what they hold.</summary>
    /// <exception cref="SqlSourceException">They cannot be read.</exception>
    public Task<IReadOnlyList<SqlFoundTable>> TablesAsync(Guid organization, SqlConnectionSettings settings, CancellationToken ct) => ForPersonAsync(organization, settings, SqlDiscovery.Of, ct);

    /// <summary>Makes the folder of an organization's files, readable by the server alone.</summary>
    public void MakeFolder(Guid organization)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(FolderOf(organization));
        }
        else
        {
            Directory.CreateDirectory(FolderOf(organization), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Reads a page of a source.</summary>
    internal Task<SqlPage> ReadAsync(Guid organization, Guid source, SqlConnectionSettings settings, SqlMapping mapping, SqlRange range, CancellationToken ct) =>
        _calls.GetOrAdd((organization, source), _ => new SqlCalls(_limits, _clock)).RunAsync(() => InSession(organization, settings, session => SqlPages.Read(session, mapping, range, _limits, _clock.GetUtcNow())), ct);

    /// <summary>Reads the first rows of a table for somebody who looks at them.</summary>
    internal Task<SqlPage> FirstRowsAsync(Guid organization, SqlConnectionSettings settings, SqlMapping mapping, int most, CancellationToken ct) => ForPersonAsync(
        organization, settings, session => SqlPages.Read(session, mapping, default, _limits with { PageRows = most, MostGrowth = 1_000 }, _clock.GetUtcNow()), ct);

    /// <summary>Forgets a source that is gone, unless calls of it have not ended yet: they count on when it comes back.</summary>
    internal void Forget(Guid organization, Guid source)
    {
        if (_calls.TryGetValue((organization, source), out SqlCalls? calls) && !calls.HasLeftBehind)
        {
            _calls.TryRemove((organization, source), out _);
        }
    }

    /// <summary>Deletes the files of an organization that is removed.</summary>
    public void RemoveFolder(Guid organization)
    {
        if (Directory.Exists(FolderOf(organization)))
        {
            Directory.Delete(FolderOf(organization), recursive: true);
        }
    }

    private async Task<T> ForPersonAsync<T>(Guid organization, SqlConnectionSettings settings, Func<SqlSession, T> read, CancellationToken ct)
    {
        SemaphoreSlim turn = _people.GetOrAdd(organization, _ => new SemaphoreSlim(MostCallsOfPeople));
        await turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await _calls.GetOrAdd((organization, Guid.Empty), _ => new SqlCalls(_limits, _clock)).RunAsync(() => InSession(organization, settings, read), ct).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    private T InSession<T>(Guid organization, SqlConnectionSettings settings, Func<SqlSession, T> read)
    {
        if (settings.Fault() is null && _own.IsReachedBy(settings))
        {
            throw new SqlSourceException("This is the database of the installation itself, which is no source. Name the plant's own.", needsPerson: true);
        }

        try
        {
            using SqlSession session = SqlSession.Open(settings, FolderOf(organization), _limits);
            return read(session);
        }
        catch (Exception e) when (e is not SqlSourceException && SqlSession.IsOfDriver(e))
        {
            throw new SqlSourceException($"{settings} cannot be read: {SqlSession.Sentence(e)}", needsPerson: false, e);
        }
    }

    private string FolderOf(Guid organization) => Path.Combine(_folder, organization.ToString());
}
