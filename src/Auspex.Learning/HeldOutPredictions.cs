using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Train;
using Auspex.Learning.Train.LightGbm;
using Auspex.Models.Trees;

namespace Auspex.Learning;

/// <summary>What was said of the training rows by members of the bag that had not seen them, asset by asset: thresholds, calibration and
/// intervals are chosen on these, and on nothing else.</summary>
internal static class HeldOutPredictions
{
    /// <summary>The predictions in the form of a test side; true lives are not capped.</summary>
    public static Judged Of(
        TrainingTable table, IReadOnlyList<TrainedTarget> trained, IEnumerable<DatasetAsset> assets, LabelDefinition label, TimeSpan samplingPeriod)
    {
        Dictionary<AssetId, AssetHistory> histories = assets.ToDictionary(asset => asset.History.Asset, asset => asset.History);
        var failures = new List<AssetPredictions>();
        var events = new List<AssetEvents>();
        var lives = new List<AssetLifePredictions>();
        foreach (Range rows in AssetRows(table))
        {
            AssetHistory history = histories[table.Assets[rows.Start.Value]];
            long[] times = table.TimesUnixMs[rows];
            if (label.Task == PredictionTask.Failure)
            {
                failures.Add(new AssetPredictions(
                    history.Asset, times, [.. trained.Select(target => target.HeldOutScores[rows].Select(ModelOutputs.Probability).ToArray())]));
                events.Add(new AssetEvents(history.Asset, history.Events, LastJudged(times[^1], history, samplingPeriod)));
            }
            else
            {
                IReadOnlyList<FailureEpisode> episodes = FailureEpisodes.Of(history.Asset, history.Events, label);
                lives.Add(new AssetLifePredictions(
                    history.Asset, times,
                    [.. trained[0].HeldOutScores[rows].Select(ModelOutputs.RemainingUsefulLife)],
                    [.. times.Select(time => LabelledRows.Life(time, episodes, label))]));
            }
        }

        return new Judged(failures, events, lives);
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
