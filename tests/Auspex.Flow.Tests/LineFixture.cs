using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Trees;
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
    private readonly string _path = Directory.CreateTempSubdirectory("auspex-flow-").FullName;
    private DataFolder? _folder;

    public static Guid Organization { get; } = Guid.Parse("0198a000-0000-7000-8000-000000000001");

    public Database Metadata { get; private set; } = null!;

    public Database TelemetryDatabase { get; private set; } = null!;

    public TelemetryStore Telemetry { get; private set; } = null!;

    public ModelStore Models { get; private set; } = null!;

    public OrganizationDb Db => new(Metadata, Organization);

    public OrganizationDb TelemetryDb => new(TelemetryDatabase, Organization);

    public static async Task<LineFixture> StartAsync(TelemetryOptions? options = null)
    {
        var fixture = new LineFixture();
        await fixture.OpenAsync(options);
        await new InstallationDb(fixture.Metadata).ExecuteAsync(
            "insert into organization (id, name, time_zone, state, created_at) values (@id, 'plant', 'UTC', 'active', 0)", new { id = Organization.ToString() }, default);
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

    public LivePipeline Line(LineOptions? options = null) =>
        new(Metadata, TelemetryDatabase, Telemetry, Models, options ?? new LineOptions(), TimeProvider.System, NullLogger<LivePipeline>.Instance);

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
            Db, package.ToArchive(), new PackageFacts(package.Manifest.Task, package.Manifest.Name, package.Manifest.Features.Hash, JsonSerializer.Serialize(package.Manifest.Label)), "tests", default);
        (ModelVersion? active, _) = await Models.DeployAsync(Db, added.Version, "tests", default);
        return active!;
    }

    /// <summary>A failure model over two readings, a boolean and a fact, whose score follows each of its features closely.</summary>
    /// <param name="wholeLife">With features that remember an asset's whole life.</param>
    /// <param name="seed">Another seed is another model of the same features.</param>
    public static ModelPackage Package(bool wholeLife, int seed = 1)
    {
        var schema = new AssetSchema(
            [
                new("heat", SignalKind.Continuous, "degC", SignalRole.Reading, []),
                new("load", SignalKind.Continuous, "kW", SignalRole.Reading, []),
                new("door", SignalKind.Boolean, null, SignalRole.Reading, []),
            ],
            [new("age", SignalKind.Continuous, "years", SignalRole.Fact, [])],
            ["fan"],
            ["E1"]);
        TimeSpan period = TimeSpan.FromSeconds(30);
        FeatureOptions options = wholeLife ? FeatureOptions.ForWear(period, runningAge: true) : FeatureOptions.ForSamplingPeriod(period, runningAge: false);
        var definition = FeatureDefinition.Build(schema, options);
        var random = new Random(seed);
        var trees = new List<Tree>();
        for (int feature = 0; feature < definition.Columns.Count; feature++)
        {
            for (int copy = 0; copy < 6; copy++)
            {
                double threshold = random.NextDouble() * random.NextDouble() * 100;
                trees.Add(new Tree(
                    0, [new TreeNode(threshold, feature, ~0, ~1, random.Next(2) == 0)], [100], [(random.NextDouble() - 0.5) / 10, (random.NextDouble() - 0.5) / 10], [50, 50]));
            }
        }

        var ensemble = new TreeEnsemble(definition.Columns.Count, [-1], trees);
        var row = new double[definition.Columns.Count];
        var scores = new double[1];
        ensemble.Score(row, scores);
        byte[] model = OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.Failure, "oven", "v1.0.0"));
        return ModelPackage.Create(
            new ModelManifest
            {
                FormatVersion = 1,
                Name = "oven",
                Version = "v1.0.0",
                Task = PredictionTask.Failure,
                CreatedAt = DateTimeOffset.UnixEpoch,
                AuspexVersion = "0.1.0",
                Dataset = "ovens",
                Features = new ManifestFeatures(definition.Hash, definition.Names, JsonDocument.Parse(definition.ToJson()).RootElement),
                Schema = schema,
                Label = new LabelDefinition(PredictionTask.Failure, TimeSpan.FromMinutes(10), TimeSpan.Zero, TimeSpan.FromHours(1), ["fan"], null, null, null),
                Training = new ManifestTraining(
                    DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch.AddDays(2), 1_000, ["oven-1", "oven-2"], [10], [trees.Count],
                    new Dictionary<string, string>(), 1, "least cost"),
                Thresholds = new ManifestThresholds(0.85),
                Metrics = JsonDocument.Parse("{}").RootElement,
                GoldenRows = [new GoldenRow(row, scores)],
                Parity = new ManifestParity(0, 1),
            },
            model);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        Directory.Delete(_path, recursive: true);
    }
}
