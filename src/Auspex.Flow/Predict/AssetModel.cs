using Auspex.Core.Assets;
using Auspex.Features;
using Auspex.Storage.Db;
using Auspex.Storage.Line;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Predict;

/// <summary>One asset under one definition of features: what it remembers, frame by frame. It outlives the models that score it, so long as they have these features. Not for
/// use from several threads.</summary>
internal sealed class AssetModel
{
    private AssetModel(FeaturePlan plan, AssetFeatures features)
    {
        (Plan, Features) = (plan, features);
    }

    internal FeaturePlan Plan { get; }

    internal AssetFeatures Features { get; }

    /// <summary>Frames taken since the last checkpoint.</summary>
    internal int SinceCheckpoint { get; set; }

    /// <summary>The asset as it was when a journal row of its partition had been judged: from its checkpoint and the frames that had arrived by then, in the order they did,
    /// and so the same, bit for bit, as if it had never been let go of.</summary>
    /// <param name="plan">The features.</param>
    /// <param name="past">Facts and events.</param>
    /// <param name="db">The organization's telemetry database.</param>
    /// <param name="telemetry">Its frames.</param>
    /// <param name="asset">Key of the asset.</param>
    /// <param name="nextMs">Time of the earliest frame that will be taken next.</param>
    /// <param name="sequence">The journal row.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="untilMs">Frames of this time and later are left out.</param>
    internal static async Task<AssetModel> RestoreAsync(
        FeaturePlan plan, AssetPast past, OrganizationDb db, TelemetryStore telemetry, AssetId asset, long nextMs, long sequence, CancellationToken ct,
        long untilMs = long.MaxValue)
    {
        double[] facts = past.FactsOf(plan.Definition.Schema);
        FeatureCheckpoint? checkpoint = plan.RemembersLife
            ? await LineStore.CheckpointAsync(db, asset, plan.Definition.Hash, ct).ConfigureAwait(false) : null;
        if (checkpoint?.Sequence > sequence)
        {
            checkpoint = null; // of a line that was ahead; what it knew is made again
        }

        AssetFeatures features = checkpoint is null ? new AssetFeatures(plan, facts) : AssetFeatures.Restore(plan, facts, checkpoint.Body);
        foreach (AssetEvent happened in past.Events)
        {
            features.Add(happened);
        }

        // Windows need what is younger than their reach; what remembers a life needs all of it, or all since the checkpoint.
        long fromMs = checkpoint is not null ? features.SettledUntilUnixMs == long.MinValue ? long.MinValue : features.SettledUntilUnixMs + 1
            : plan.RemembersLife ? long.MinValue
            : nextMs - plan.ReachMs;
        IReadOnlyList<StoredFrame> arrived = await telemetry.ArrivalsAsync(db.Organization, asset, fromMs, sequence, ct).ConfigureAwait(false);
        var restored = new AssetModel(plan, features);
        restored.Replay([.. arrived.Where(stored => stored.Frame.TimeUnixMs < untilMs)], checkpoint is null ? 0 : StoredFrame.LastOf(checkpoint.Sequence));
        return restored;
    }

    // Frames that the checkpoint had seen lie in the windows as they stood then; those behind it come one by one.
    private void Replay(IReadOnlyList<StoredFrame> arrived, long seen)
    {
        var map = new SignalMap(Plan.Definition.Schema);
        var values = new double[Plan.Definition.Schema.Signals.Count];
        Frame[] inWindows = [.. arrived.TakeWhile(stored => stored.Order <= seen).Select(stored => stored.Frame)];
        long newest = inWindows.Length == 0 ? long.MinValue : inWindows.Max(frame => frame.TimeUnixMs);
        foreach (Frame frame in inWindows.Where(frame => frame.TimeUnixMs > newest - Plan.ReachMs).OrderBy(frame => frame.TimeUnixMs))
        {
            Take(frame);
        }

        foreach (StoredFrame stored in arrived.Skip(inWindows.Length))
        {
            Take(stored.Frame);
        }

        void Take(Frame frame)
        {
            map.Read(new FrameView(frame.TimeUnixMs, frame.ArrivedUnixMs, frame.Signals, frame.Values, frame.Qualities), values);
            Features.Add(frame.TimeUnixMs, values);
        }
    }
}
