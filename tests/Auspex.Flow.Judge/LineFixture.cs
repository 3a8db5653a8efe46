using System.Text.Json;
using Auspex.Models.Package;
using Auspex.Storage;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Auspex.Storage.Models;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Auspex.Flow.Tests;

/// <summary>An installation with one organization and no server: databases in a folder, opened again as after a stop.</summary>
internal sealed class LineFixture : IAsyncDisposable
{
    private readonly string _path;
    private readonly bool _kept;
    private DataFolder? _folder;

    private LineFixture(string? path)
    {
        _kept = path is not null;
        _path = path ?? Directory.CreateTempSubdirectory("auspex-flow-").FullName;
    }

    public static Guid Organization { get; } = Guid.Parse("0198a000-0000-7000-8000-000000000001");

    public string Folder => _path;

    public Database Metadata { get; private set; } = null!;

    public Database TelemetryDatabase { get; private set; } = null!;

    public TelemetryStore Telemetry { get; private set; } = null!;

    public ModelStore Models { get; private set; } = null!;

    public OrganizationDb Db => new(Metadata, Organization);

    public OrganizationDb TelemetryDb => new(TelemetryDatabase, Organization);

    /// <param name="options">Of the telemetry store.</param>
    /// <param name="folder">Whose files are opened, and stay; null makes one that goes with the fixture.</param>
    public static async Task<LineFixture> StartAsync(TelemetryOptions? options = null, string? folder = null)
    {
        var fixture = new LineFixture(folder);
        await fixture.OpenAsync(options);
        await new InstallationDb(fixture.Metadata).ExecuteAsync(
            "insert into organization (id, name, time_zone, state, created_at) values (@id, 'plant', 'UTC', 'active', 0) on conflict do nothing", new { id = Organization.ToString() }, default);
        return fixture;
    }

    public async Task OpenAsync(TelemetryOptions? options = null)
    {
        _folder = DataFolder.Hold(_path);
        Metadata = SqliteDatabase.Open(Path.Combine(_path, "metadata.db"));
        await SchemaUpgrade.ApplyAsync(Metadata, "metadata", TimeProvider.System, default);
        TelemetryDatabase = SqliteDatabase.Open(Path.Combine(_path, "telemetry.db"));
        await SchemaUpgrade.ApplyAsync(TelemetryDatabase, "telemetry", TimeProvider.System, default);
        Telemetry = await TelemetryStore.OpenAsync(TelemetryDatabase, options ?? new TelemetryOptions(), TimeProvider.System, default);
        Models = new ModelStore(new ArtefactStore(new ArtefactFiles(_folder), MasterKey.Of(_folder, Convert.ToBase64String(new byte[32].Select((_, i) => (byte)i).ToArray())), TimeProvider.System), TimeProvider.System);
    }

    public async Task CloseAsync()
    {
        await Telemetry.DisposeAsync();
        await TelemetryDatabase.DisposeAsync();
        await Metadata.DisposeAsync();
        _folder!.Dispose();
    }

    public LivePipeline Line(LineOptions? options = null, Func<Auspex.Flow.Predict.MemoryLoad>? memory = null) =>
        new(Metadata, TelemetryDatabase, Telemetry, Models, options ?? new LineOptions(), TimeProvider.System, NullLogger<LivePipeline>.Instance, memory);

    public async Task EnablePredictionsAsync(bool enabled = true) => await Db.WriteAsync(
        async transaction =>
        {
            long revision = (await Auspex.Storage.Configuration.ConfigurationStore.LastAsync(transaction, "prediction"))?.Revision ?? 0;
            await Auspex.Storage.Configuration.ConfigurationStore.AppendAsync(
                transaction, "prediction", revision + 1, enabled ? """{"predictionEnabled":true}""" : """{"predictionEnabled":false}""", "tests", DateTimeOffset.UnixEpoch);
            return 0;
        },
        default);

    public async Task<ModelVersion> DeployAsync(ModelPackage package)
    {
        ModelVersion added = await Models.AddAsync(
            Db, package.ToArchive(), ScoringForm.Of(package).Write(), new PackageFacts(package.Manifest.Task, package.Manifest.Name, package.Manifest.Features.Hash, JsonSerializer.Serialize(package.Manifest.Label)), "tests", default);
        (ModelVersion? active, _) = await Models.DeployAsync(Db, added.Version, "tests", default);
        return active!;
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (!_kept)
        {
            Directory.Delete(_path, recursive: true);
        }
    }
}
