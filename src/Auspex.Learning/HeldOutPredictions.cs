using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Train;
using Auspex.Models;

namespace Auspex.Learning;

/// <summary>What was said of the training rows by members of the bag that had not seen them, asset by asset: thresholds, calibration and
/// intervals are chosen on these, and on nothing else.</summary>
internal static class HeldOutPredictions
{
    /// <summary>The predictions in the form of a test side; true lives are not capped.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="scores">[output][row] raw scores by members that had not seen the row.</param>
    /// <param name="foldOf">Fold that held out each row.</param>
    /// <param name="head">Its heads and tables of confidence, for each fold fitted on the others.</param>
    /// <param name="assets">Histories of the rows' assets.</param>
    /// <param name="label">What was taught.</param>
    /// <param name="samplingPeriod">Usual time between two rows.</param>
    public static Judged Of(TrainingTable table, IReadOnlyList<double[]> scores, int[] foldOf, FittedHead head,
        IEnumerable<DatasetAsset> assets, LabelDefinition label, TimeSpan samplingPeriod)
    {
        Dictionary<AssetId, AssetHistory> histories = assets.ToDictionary(asset => asset.History.Asset, asset => asset.History);
        var failures = new List<AssetPredictions>();
        var events = new List<AssetEvents>();
        var lives = new List<AssetLifePredictions>();
        var conditions = new List<AssetConditions>();
        foreach (Range rows in AssetRows(table))
        {
            AssetHistory history = histories[table.Assets[rows.Start.Value]];
            long[] times = table.TimesUnixMs[rows];
            int first = rows.Start.Value;
            ModelHead Head(int row) => head.OfFold[foldOf[first + row]];
            if (label.Task == PredictionTask.Failure)
            {
                double[][] rowScores = [.. times.Select((_, i) => scores.Select(output => output[first + i]).ToArray())];
                double[][] probabilities =
                [
                    .. scores.Select((_, component) =>
                        rowScores.Select((row, i) => ((FailureHead)Head(i)).ComponentProbability(component, row)).ToArray()),
                ];
                if (label.Horizon == TimeSpan.Zero)
                {
                    conditions.Add(new AssetConditions(
                        history.Asset, times, probabilities, [.. table.Labels.Select(labels => times.Select((_, i) => (double)labels[first + i]).ToArray())]));
                }
                else
                {
                    failures.Add(new AssetPredictions(history.Asset, times, probabilities)
                    {
                        Confidences =
                        [
                            .. scores.Select((output, component) =>
                                times.Select((_, i) => head.ConfidenceOfFold[foldOf[first + i]][component].Confidence(output[first + i])).ToArray()),
                        ],
                    });
                    events.Add(new AssetEvents(history.Asset, history.Events, LastJudged(times[^1], history, samplingPeriod)));
                }
            }
            else
            {
                IReadOnlyList<FailureEpisode> episodes = FailureEpisodes.Of(history.Asset, history.Events, label);
                (double Lower, double Upper)?[] intervals = [.. times.Select((_, i) => ((LifeHead)Head(i)).Interval(scores[0][first + i]))];
                bool hasIntervals = Array.TrueForAll(intervals, interval => interval is not null);
                lives.Add(new AssetLifePredictions(
                    history.Asset, times,
                    [.. times.Select((_, i) => ((LifeHead)Head(i)).RemainingUsefulLife(scores[0][first + i]))],
                    [.. times.Select(time => LabelledRows.Life(time, episodes, label))],
                    hasIntervals ? [.. intervals.Select(interval => interval!.Value.Lower)] : null,
                    hasIntervals ? [.. intervals.Select(interval => interval!.Value.Upper)] : null));
            }
        }

        return new Judged(failures, events, lives, conditions);
    }

    // Rows of an asset lie together in the table.
    private static IEnumerable<Range> AssetRows(TrainingTable table)
    {
        int first = 0;
        for (int row = 1; row <= table.Rows; row++)
        {
            if (row == table.Rows || table.Assets[row] != table.Assets[first])
            {
                yield return first..row;
                first = row;
            }
        }
    }

    // A failure right behind the last row that was scored was foretold or not; before one further on, most of the horizon was never scored.
    private static long LastJudged(long lastRow, AssetHistory history, TimeSpan samplingPeriod)
    {
        long near = lastRow + (2 * (long)samplingPeriod.TotalMilliseconds);
        return history.Events
            .Where(happened => happened.Kind == AssetEventKind.Failure && happened.TimeUnixMs > lastRow && happened.TimeUnixMs <= near)
            .Select(happened => happened.TimeUnixMs).DefaultIfEmpty(lastRow).Max();
    }
}
