using Auspex.Flow.Predict;
using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Line;
using Auspex.Storage.Models;
using Auspex.Storage.Telemetry;
using Microsoft.Extensions.Logging;

namespace Auspex.Flow;

/// <summary>The live line of one organization: its partitions, and the models they score with.</summary>
internal sealed class OrganizationLine : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly LineOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task[] _running = [];
    private readonly PartitionLine?[] _partitions = new PartitionLine?[Partition.Count];
    private readonly ModelCache _models;
    private volatile IReadOnlyList<ModelVersion> _versions;

    private OrganizationLine(
        OrganizationDb db, OrganizationDb telemetryDb, TelemetryStore telemetry, ModelCache models, IReadOnlyList<ModelVersion> versions, LineOptions options, TimeProvider clock,
        ILogger logger)
    {
        (Db, TelemetryDb, Telemetry, _models, _versions, _options, _clock, _logger) = (db, telemetryDb, telemetry, models, versions, options, clock, logger);
    }

    /// <summary>Begins the line. When it ends every partition's journal is held: nothing that waits to be judged can be packed away before it is.</summary>
    internal static async Task<OrganizationLine> StartAsync(
        OrganizationDb db, OrganizationDb telemetryDb, TelemetryStore telemetry, ModelCache models, IReadOnlyList<ModelVersion> versions, LineOptions options, TimeProvider clock,
        ILogger logger)
    {
        var line = new OrganizationLine(db, telemetryDb, telemetry, models, versions, options, clock, logger);
        var held = new JournalReader?[Partition.Count];
        try
        {
            for (int part = 0; part < held.Length; part++)
            {
                held[part] = await line.HoldAsync(part, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (StorageException)
        {
            // Its telemetry cannot be read: partitions try again, and nothing of it is packed meanwhile.
        }

        line._running = [.. held.Select((journal, part) => Task.Run(() => line.RunAsync(part, journal, line._stop.Token)))];
        return line;
    }

    internal Guid Id => Db.Organization;

    internal OrganizationDb Db { get; }

    internal OrganizationDb TelemetryDb { get; }

    internal TelemetryStore Telemetry { get; }

    /// <summary>What frames are scored with from their next row on; one a task, replaced as a whole.</summary>
    internal IReadOnlyList<ModelVersion> Versions
    {
        get => _versions;
        set => _versions = value;
    }

    /// <summary>Models to judge a row with, in the order of <see cref="Versions"/>; null in the place of one that does not load. The caller lets go of them.</summary>
    internal async ValueTask<ModelUse?[]> TakeModelsAsync(CancellationToken ct)
    {
        IReadOnlyList<ModelVersion> versions = _versions;
        var models = new ModelUse?[versions.Count];
        try
        {
            for (int i = 0; i < models.Length; i++)
            {
                try
                {
                    models[i] = await _models.TakeAsync(Db, versions[i], ct).ConfigureAwait(false);
                }
                catch (ModelNotLoadedException)
                {
                    // It was told when it was tried. Rules go on; who asks for a prediction is told.
                }
            }
        }
        catch
        {
            foreach (ModelUse? use in models)
            {
                use?.Dispose();
            }

            throw;
        }

        return models;
    }

    /// <summary>Journal rows that are durable and not judged yet, over all partitions.</summary>
    internal long Behind => _partitions.Sum(partition => partition?.Behind ?? 0);

    /// <summary>Whether a partition has had rows to judge for longer than a lag and passed none.</summary>
    internal bool IsBehindBy(TimeSpan lag) => Array.Exists(_partitions, partition => partition?.IsBehindBy(lag) == true);

    /// <summary>Lets partitions end the row they are at and stores their cursors.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
        _stop.Dispose();
    }

    // A partition that cannot read or store begins again behind what it had passed: nothing is lost by it, and the others go on.
    private async Task RunAsync(int part, JournalReader? held, CancellationToken ct)
    {
        TimeSpan wait = FirstWait;
        while (!ct.IsCancellationRequested)
        {
            long passed = -1;
            PartitionLine? partition = null;
            try
            {
                JournalReader journal = held ?? await HoldAsync(part, ct).ConfigureAwait(false);
                held = null;
                partition = new PartitionLine(this, journal, _options, _clock);
                passed = journal.Passed;
                _partitions[part] = partition;
                await partition.RunAsync(ct).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // a partition that ends is told by nobody, and holds its journal for ever
            catch (Exception e)
#pragma warning restore CA1031
            {
                // One that got on before it failed has not been failing all along.
                wait = partition?.Passed > passed ? FirstWait : wait;
                Log.PartitionFailed(_logger, e, part, Id, wait);
                await Task.Delay(wait, _clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    private async Task<JournalReader> HoldAsync(int part, CancellationToken ct)
    {
        IReadOnlyDictionary<int, long> cursors = await LineStore.CursorsAsync(TelemetryDb, ct).ConfigureAwait(false);
        return await Telemetry.ReadJournalAsync(Id, part, cursors.GetValueOrDefault(part)).ConfigureAwait(false);
    }
}
