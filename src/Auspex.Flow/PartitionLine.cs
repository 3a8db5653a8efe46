using Auspex.Core.Assets;
using Auspex.Flow.Predict;
using Auspex.Storage.Line;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow;

/// <summary>The single-threaded owner of one partition's assets: takes their frames in arrival order, makes features, scores, and stores what was said before it lets go of the
/// frames.</summary>
/// <remarks>Predictions are stored before the cursor moves. Frames behind it are judged again after a stop: from the same frames and the same model follows the same prediction,
/// which the store knows by asset and time and keeps once.</remarks>
internal sealed class PartitionLine
{
    private readonly OrganizationLine _organization;
    private readonly JournalReader _journal;
    private readonly LineOptions _options;
    private readonly TimeProvider _clock;
    private readonly Dictionary<AssetId, AssetModel?[]> _assets = [];
    private readonly List<Frame> _said = [];
    private readonly List<FeatureCheckpoint> _checkpoints = [];
    private ModelScratch?[] _scratch = [];
    private long _stored;
    private long _storedAt;
    private long _passedAt;

    internal PartitionLine(OrganizationLine organization, JournalReader journal, LineOptions options, TimeProvider clock)
    {
        (_organization, _journal, _options, _clock, _stored) = (organization, journal, options, clock, journal.Passed);
        _passedAt = clock.GetTimestamp();
    }

    /// <summary>Sequence of the last row whose effects are stored.</summary>
    internal long Passed => _journal.Passed;

    /// <summary>Rows that are durable and not judged yet.</summary>
    internal long Behind => _journal.Committed - _journal.Passed;

    /// <summary>Whether rows wait and none was passed for a while.</summary>
    internal bool IsBehindBy(TimeSpan lag) => Behind > 0 && _clock.GetElapsedTime(Interlocked.Read(ref _passedAt)) > lag;

    /// <summary>Judges what comes until it is told to stop; then the cursor is stored.</summary>
    internal async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                ArrivedFrames rows = await NextAsync(ct).ConfigureAwait(false);
                Interlocked.Exchange(ref _passedAt, _clock.GetTimestamp());
                long last;
                do
                {
                    await JudgeAsync(rows, ct).ConfigureAwait(false);
                    last = rows.Sequence;
                }
                while (_said.Count < _options.PredictionsAWrite && _journal.TryNext(out rows));
                await StoreAsync(ct).ConfigureAwait(false);
                _journal.Pass(last);
                Interlocked.Exchange(ref _passedAt, _clock.GetTimestamp());
                if (_clock.GetElapsedTime(_storedAt) >= _options.CursorEvery || _checkpoints.Count > 0)
                {
                    await MoveCursorAsync(ct).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What was not passed is judged after the next start.
        }

        await MoveCursorAsync(CancellationToken.None).ConfigureAwait(false);
    }

    // Idle partitions store their cursor a little later than busy ones do.
    private async ValueTask<ArrivedFrames> NextAsync(CancellationToken ct)
    {
        if (_journal.TryNext(out ArrivedFrames rows))
        {
            return rows;
        }

        if (_stored < _journal.Passed)
        {
            await MoveCursorAsync(ct).ConfigureAwait(false);
        }

        return await _journal.NextAsync(ct).ConfigureAwait(false);
    }

    // A row's frames are judged by one model of each task whole: it is held until the last of them is.
    private async Task JudgeAsync(ArrivedFrames rows, CancellationToken ct)
    {
        ModelUse?[] models = await _organization.TakeModelsAsync(ct).ConfigureAwait(false);
        try
        {
            if (models.Length == 0)
            {
                _assets.Clear();
                return;
            }

            _scratch = [.. models.Select((use, i) => use is null ? null : _scratch.ElementAtOrDefault(i) is { } known && known.Fits(use.Model) ? known : new ModelScratch(use.Model))];
            var assets = new AssetModel?[rows.Assets.Count][];
            for (int i = 0; i < assets.Length; i++)
            {
                AssetId asset = rows.Assets[i];
                if (!Series.IsDerived(asset))
                {
                    _assets.TryGetValue(asset, out AssetModel?[]? known);
                    assets[i] = known is not null && Fits(known, models)
                        ? known : _assets[asset] = await RestoreAsync(asset, known ?? [], EarliestOf(rows, i), rows.Sequence - 1, models, ct).ConfigureAwait(false);
                }
            }

            Judge(rows, assets, models);
        }
        finally
        {
            foreach (ModelUse? use in models)
            {
                use?.Dispose();
            }
        }
    }

    private void Judge(ArrivedFrames rows, AssetModel?[][] assets, ModelUse?[] models)
    {
        long now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (ArrivedFrame row in rows)
        {
            for (int i = 0; i < models.Length; i++)
            {
                if (models[i] is { } use && assets[row.Asset]?[i] is { } asset)
                {
                    Judge(rows.Assets[row.Asset], asset, use, _scratch[i]!, row.Frame, now);
                }
            }
        }

        for (int i = 0; i < assets.Length; i++)
        {
            foreach (AssetModel? asset in assets[i] ?? [])
            {
                if (asset?.SinceCheckpoint >= _options.CheckpointFrames)
                {
                    _checkpoints.Add(new FeatureCheckpoint(rows.Assets[i], asset.Plan.Definition.Hash, rows.Sequence, asset.Features.Checkpoint()));
                    asset.SinceCheckpoint = 0;
                }
            }
        }
    }

    private void Judge(AssetId key, AssetModel asset, ModelUse use, ModelScratch scratch, FrameView frame, long now)
    {
        long began = _clock.GetTimestamp();
        bool whole = scratch.Map.Read(frame, scratch.Values);
        if (frame.TimeUnixMs <= asset.Features.NewestUnixMs)
        {
            // Late or revised: it joins the windows of what is judged after it.
            asset.Features.Add(frame.TimeUnixMs, scratch.Values);
            return;
        }

        LiveModel model = use.Model;
        asset.Features.Next(frame.TimeUnixMs, scratch.Values, scratch.Row);
        asset.SinceCheckpoint += asset.Plan.RemembersLife ? 1 : 0;
        var said = new double[model.Columns.Signals.Length];
        model.Score(scratch.Row, scratch.Scores, said, !whole || use.Record.Health != ModelHealth.Healthy);
        _said.Add(new Frame(Series.PredictionsOf(key, model.Version.Task), frame.TimeUnixMs, now, model.Columns.Signals, said));
        use.Record.Add(_clock.GetElapsedTime(began));
    }

    private async Task StoreAsync(CancellationToken ct)
    {
        for (int from = 0; from < _said.Count; from += TelemetryStore.MostFramesAnAppend)
        {
            List<Frame> part = _said.Count <= TelemetryStore.MostFramesAnAppend ? _said : _said.GetRange(from, Math.Min(TelemetryStore.MostFramesAnAppend, _said.Count - from));
            await _organization.Telemetry.AppendAsync(_organization.Id, part, ct).ConfigureAwait(false);
        }

        _said.Clear();
    }

    private async Task MoveCursorAsync(CancellationToken ct)
    {
        if (_stored == _journal.Passed)
        {
            return;
        }

        await LineStore.MoveAsync(_organization.TelemetryDb, _journal.Part, _journal.Passed, _checkpoints, ct).ConfigureAwait(false);
        _stored = _journal.Passed;
        _storedAt = _clock.GetTimestamp();
        _checkpoints.Clear();
    }

    // What an asset remembers fits every model of the same features; a model that is not there sees no frame, so what was kept for it is made again.
    private static bool Fits(AssetModel?[] known, ModelUse?[] models)
    {
        for (int i = 0; i < models.Length; i++)
        {
            if (i >= known.Length || known[i]?.Plan.Definition.Hash != models[i]?.Model.Plan.Definition.Hash)
            {
                return false;
            }
        }

        return known.Length == models.Length;
    }

    private async Task<AssetModel?[]> RestoreAsync(AssetId asset, AssetModel?[] known, long nextMs, long sequence, ModelUse?[] models, CancellationToken ct)
    {
        AssetPast? past = null;
        var left = new List<AssetModel?>(known);
        var restored = new AssetModel?[models.Length];
        for (int i = 0; i < restored.Length; i++)
        {
            if (models[i]?.Model.Plan is not { } plan)
            {
                continue;
            }

            int same = left.FindIndex(one => one?.Plan.Definition.Hash == plan.Definition.Hash);
            if (same >= 0)
            {
                restored[i] = left[same];
                left.RemoveAt(same);
                continue;
            }

            past ??= await AssetPast.OfAsync(_organization.Db, asset, ct).ConfigureAwait(false);
            restored[i] = await AssetModel.RestoreAsync(plan, past, _organization.TelemetryDb, _organization.Telemetry, asset, nextMs, sequence, ct).ConfigureAwait(false);
        }

        return restored;
    }

    private static long EarliestOf(ArrivedFrames rows, int asset)
    {
        long earliest = long.MaxValue;
        foreach (ArrivedFrame row in rows)
        {
            if (row.Asset == asset)
            {
                earliest = Math.Min(earliest, row.Frame.TimeUnixMs);
            }
        }

        return earliest;
    }

    // What scoring a row needs and does not keep.
    private sealed class ModelScratch(LiveModel model)
    {
        private readonly string _features = model.Plan.Definition.Hash;

        internal SignalMap Map { get; } = new(model.Plan.Definition.Schema);

        internal double[] Values { get; } = new double[model.Plan.Definition.Schema.Signals.Count];

        internal double[] Row { get; } = new double[model.Plan.Definition.Columns.Count];

        internal double[] Scores { get; } = new double[model.TargetCount];

        internal bool Fits(LiveModel other) => other.Plan.Definition.Hash == _features && other.TargetCount == Scores.Length;
    }
}
