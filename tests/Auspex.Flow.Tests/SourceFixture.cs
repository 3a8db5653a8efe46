using System.Data.Common;
using Auspex.Flow.Connect.Sql;
using Auspex.Flow.Map;
using Auspex.Flow.Tests.Connect.Sql;
using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Schema;
using Auspex.Storage.Sources;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auspex.Flow.Tests;

/// <summary>An installation whose databases fail when a test says so, as if it were killed there, and are opened again as after a start.</summary>
internal sealed class SourceFixture : IAsyncDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("auspex-sources-").FullName;
    private readonly TimeProvider _clock;
    private DataFolder? _folder;
    private Database? _metadata;
    private Database? _telemetry;

    private SourceFixture(TimeProvider clock) => _clock = clock;

    public Kill Kill { get; } = new();

    public TelemetryStore Telemetry { get; private set; } = null!;

    public DataSourceStore Store { get; private set; } = null!;

    public SqlSources Sources { get; private set; } = null!;

    public SourceReading Reading { get; private set; } = null!;

    public InstallationDb Installation => new(_metadata!);

    public static async Task<SourceFixture> StartAsync(TimeProvider clock, SqlLimits limits, params Guid[] organizations)
    {
        var fixture = new SourceFixture(clock);
        await fixture.OpenAsync(limits);
        foreach (Guid organization in organizations)
        {
            await fixture.Installation.ExecuteAsync(
                "insert into organization (id, name, time_zone, state, created_at) values (@id, @id, 'UTC', 'active', 0)", new { id = organization.ToString() }, default);
        }

        return fixture;
    }

    public OrganizationDb Of(Guid organization) => Installation.Of(organization);

    public async Task OpenAsync(SqlLimits limits)
    {
        _folder = DataFolder.Hold(_path);
        _metadata = new KillableDatabase(await OpenAsync("metadata"), Kill);
        _telemetry = new KillableDatabase(await OpenAsync("telemetry"), Kill);
        Telemetry = await TelemetryStore.OpenAsync(_telemetry, new TelemetryOptions { ChunkFrames = 64, PackAtValues = 500 }, _clock, default);
        Store = new DataSourceStore(new DataKeys(MasterKey.Of(_folder, null), _clock));
        Sources = new SqlSources(_path, null, limits, _clock);
        Reading = new SourceReading(Sources, Store, Telemetry, new FrameAssets(Telemetry, _clock), _clock);
    }

    public async Task<SourcePolling> PollingAsync(TimeSpan lookEvery)
    {
        var polling = new SourcePolling(Installation, Sources, Store, Telemetry, new FrameAssets(Telemetry, _clock), lookEvery, _clock, NullLogger<SourcePolling>.Instance);
        await polling.LookAsync(default);
        return polling;
    }

    /// <summary>Makes a source; a file of SQLite is where the plant has it.</summary>
    public async Task<Guid> MakeAsync(Guid organization, string name, PlantDatabase plant, SqlMapping mapping, int pollSeconds, int overlapSeconds)
    {
        if (plant.Kind == SqlConnectionSettings.Sqlite)
        {
            Directory.CreateDirectory(Path.Combine(_path, SqliteFiles.FolderName));
            Directory.CreateSymbolicLink(Path.Combine(_path, SqliteFiles.FolderName, organization.ToString()), plant.Folder);
        }

        return await MakeAsync(organization, name, plant.Settings, mapping, pollSeconds, overlapSeconds);
    }

    public async Task<Guid> MakeAsync(Guid organization, string name, SqlConnectionSettings settings, SqlMapping mapping, int pollSeconds, int overlapSeconds)
    {
        var id = Guid.NewGuid();
        string closed = await Store.CloseAsync(Of(organization), id, settings.ToBytes(), default);
        Assert.Equal(DataSourceRefusal.None, await Of(organization).WriteAsync(
            transaction => DataSourceStore.CreateAsync(transaction, id, name, closed, mapping.ToText(), pollSeconds, overlapSeconds, _clock.GetUtcNow()), default));
        return id;
    }

    public async Task CloseAsync()
    {
        await Telemetry.DisposeAsync();
        await _telemetry!.DisposeAsync();
        await _metadata!.DisposeAsync();
        _folder!.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Kill.Disarm();
        await CloseAsync();
        Directory.Delete(_path, recursive: true);
    }

    private async Task<Database> OpenAsync(string store)
    {
        SqliteDatabase database = SqliteDatabase.Open(Path.Combine(_path, $"{store}.db"));
        await SchemaUpgrade.ApplyAsync(database, store, _clock, default);
        return database;
    }

    private sealed class KillableDatabase(Database inner, Kill kill) : Database
    {
        public override Dialect Dialect => inner.Dialect;

        public override async Task<T> ReadAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct)
        {
            kill.Before();
            return await inner.ReadAsync(organization, work, ct);
        }

        public override async Task<T> WriteAsync<T>(Guid? organization, Func<DbConnection, CancellationToken, Task<T>> work, CancellationToken ct)
        {
            kill.Before();
            T result = await inner.WriteAsync(organization, work, ct);
            // Written, but nobody hears of it.
            kill.Before();
            return result;
        }

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>When everything ends.</summary>
internal sealed class Kill
{
    private int _left = int.MaxValue;

    /// <summary>After so many reads and writes nothing is read or written any more.</summary>
    public void In(int operations) => Volatile.Write(ref _left, operations);

    public void Disarm() => Volatile.Write(ref _left, int.MaxValue);

    public bool Happened => Volatile.Read(ref _left) < 0;

    internal void Before()
    {
        if (Volatile.Read(ref _left) != int.MaxValue && Interlocked.Decrement(ref _left) < 0)
        {
            throw new KilledException();
        }
    }
}

internal sealed class KilledException() : StorageException("killed");
