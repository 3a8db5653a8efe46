using System.Diagnostics;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Storage.Db;
using Auspex.Storage.Models;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Predict;

/// <summary>A prediction made for somebody who asked, with all that led to it.</summary>
/// <param name="TimeUnixMs">Time of the frame it judges.</param>
/// <param name="Said">One value a column of the model's <see cref="PredictionColumns"/>.</param>
/// <param name="Features">The vector that was scored, by name.</param>
/// <param name="Missing">Signals the model was taught with that the frame has not.</param>
/// <param name="Reasons">What each signal adds to the score of the likeliest component, or to the life; largest first; empty where none were asked for.</param>
/// <param name="Score">That raw score; base and reasons add up to it.</param>
/// <param name="Base">Where the reasons begin; NaN where none were asked for.</param>
/// <param name="Took">How long it took to make.</param>
public sealed record ExplainedPrediction(
    long TimeUnixMs, IReadOnlyList<double> Said, IReadOnlyDictionary<string, double> Features, IReadOnlyList<string> Missing,
    IReadOnlyList<Reason> Reasons, double Score, double Base, TimeSpan Took);

/// <summary>Judges assets' newest frames again, outside the line: from the same frames follows the same prediction.</summary>
/// <param name="telemetryDatabase">Where checkpoints are.</param>
/// <param name="telemetry">The frames.</param>
/// <param name="models">The packages, which tell why.</param>
/// <param name="clock">Measures how long it takes.</param>
public sealed class OnDemandPrediction(Database telemetryDatabase, TelemetryStore telemetry, ModelStore models, TimeProvider clock)
{
    /// <summary>Judges an asset.</summary>
    /// <param name="db">Whose asset.</param>
    /// <param name="model">By which model.</param>
    /// <param name="asset">Key of the asset.</param>
    /// <param name="explained">Whether it is told why.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Null where the asset has no frames.</returns>
    public async Task<ExplainedPrediction?> OfAsync(OrganizationDb db, LiveModel model, AssetId asset, bool explained, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(model);
        long began = clock.GetTimestamp();
        if (await telemetry.NewestAsync(db.Organization, asset, ct).ConfigureAwait(false) is not { } frame)
        {
            return null;
        }

        AssetPast past = await AssetPast.OfAsync(db, asset, ct).ConfigureAwait(false);
        AssetModel before = await AssetModel.RestoreAsync(
            model.Plan, past, new OrganizationDb(telemetryDatabase, db.Organization), telemetry, asset, frame.TimeUnixMs, StoredFrame.LastSequence, ct, frame.TimeUnixMs).ConfigureAwait(false);
        ModelExplanation? why = explained ? ModelExplanation.Open(await models.OpenAsync(db, model.Version, ct).ConfigureAwait(false)) : null;
        return Judge(model, before, frame, why, began);
    }

    private ExplainedPrediction Judge(LiveModel model, AssetModel before, Frame frame, ModelExplanation? why, long began)
    {
        var schema = model.Plan.Definition.Schema;
        var values = new double[schema.Signals.Count];
        var row = new double[model.Plan.Definition.Columns.Count];
        var scores = new double[model.TargetCount];
        var said = new double[model.Columns.Signals.Length];
        bool whole = new SignalMap(schema).Read(
            new FrameView(frame.TimeUnixMs, frame.ArrivedUnixMs, frame.Signals, frame.Values, frame.Qualities), values);
        before.Features.Next(frame.TimeUnixMs, values, row);
        model.Score(row, scores, said, !whole);
        int target = model.Columns.Likeliest(said);
        (IReadOnlyList<Reason> reasons, double start) = why?.Of(values, row, target) ?? ([], double.NaN);
        double sum = start + reasons.Sum(reason => reason.Contribution);
        if (why is not null && !(Math.Abs(sum - scores[target]) <= 1e-6 * Math.Max(1, Math.Abs(scores[target]))))
        {
            throw new UnreachableException(FormattableString.Invariant($"bug: base and reasons add up to {sum}, the score is {scores[target]}"));
        }

        return new ExplainedPrediction(
            frame.TimeUnixMs,
            said,
            model.Plan.Definition.Names.Select((name, i) => (name, i)).ToDictionary(feature => feature.name, feature => row[feature.i], StringComparer.Ordinal),
            [.. schema.Signals.Where((_, i) => double.IsNaN(values[i])).Select(signal => signal.Name)],
            reasons,
            scores[target],
            start,
            clock.GetElapsedTime(began));
    }
}
