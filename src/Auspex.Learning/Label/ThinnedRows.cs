using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Time;

namespace Auspex.Learning.Label;

/// <summary>The rows that are taught where there are more of them than can be taught at once: rows that say little are thinned evenly in time, and
/// those that stay count for those that went, so that probabilities stay those of the data.</summary>
/// <param name="Assets">The rows of each asset, in the order given.</param>
/// <param name="Weights">[asset][row of it]: how many rows it stands for; an empty list where all count alike.</param>
/// <param name="Note">What was left out, for the reader of the report; null where nothing was.</param>
public sealed record ThinnedRows(IReadOnlyList<LabelledRows> Assets, IReadOnlyList<float[]> Weights, string? Note)
{
    private enum Nearness
    {
        Positive,
        Near,
        Far,
    }

    /// <summary>Keeps every positive row, and of the others every one within one horizon before a positive one, as long as these are at most half of
    /// what can be taught; thins the rest. Where the positive rows alone are more than that half, or remaining useful life is taught, all rows
    /// are thinned alike.</summary>
    /// <param name="histories">The history of each asset.</param>
    /// <param name="labelled">Its labelled rows.</param>
    /// <param name="label">What is taught.</param>
    /// <param name="most">Most rows of all assets together, at least 2.</param>
    public static ThinnedRows Of(IReadOnlyList<AssetHistory> histories, IReadOnlyList<LabelledRows> labelled, LabelDefinition label, long most)
    {
        ArgumentNullException.ThrowIfNull(histories);
        ArgumentNullException.ThrowIfNull(labelled);
        ArgumentNullException.ThrowIfNull(label);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
        long all = labelled.Sum(asset => (long)asset.Rows.Length);
        if (all <= most)
        {
            return new ThinnedRows(labelled, [], null);
        }

        Nearness[][] nearness = [.. Enumerable.Range(0, labelled.Count).Select(i => NearnessOf(histories[i], labelled[i], label))];
        long positive = nearness.Sum(rows => rows.LongCount(near => near == Nearness.Positive));
        long near = nearness.Sum(rows => rows.LongCount(near => near == Nearness.Near));
        (Nearness thinned, string which) = positive + near <= most / 2
            ? (Nearness.Far, $" further than {DurationText.Format(2 * label.Horizon)} from a failure")
            : positive > 0 && positive <= most / 2 ? (Nearness.Near, " that no failure follows within the horizon") : (Nearness.Positive, "");
        long kept = thinned switch { Nearness.Far => positive + near, Nearness.Near => positive, _ => 0 };
        long thin = all - kept;
        long room = most - kept;

        long seen = 0;
        var rows = new LabelledRows[labelled.Count];
        var weights = new float[labelled.Count][];
        for (int i = 0; i < labelled.Count; i++)
        {
            // Every row thinned stands for thin / room of them: they are taken wherever their count passes a whole number of that.
            int[] stay =
            [
                .. Enumerable.Range(0, labelled[i].Rows.Length).Where(row => nearness[i][row] < thinned || Passes(seen++, room, thin)),
            ];
            rows[i] = new LabelledRows(
                [.. stay.Select(row => labelled[i].Rows[row])], [.. labelled[i].Labels.Select(column => stay.Select(row => column[row]).ToArray())]);
            weights[i] = [.. stay.Select(row => nearness[i][row] < thinned ? 1 : (float)((double)thin / room))];
        }

        return new ThinnedRows(rows, thinned == Nearness.Positive ? [] : weights, string.Create(CultureInfo.InvariantCulture,
            $"{all} training rows are more than the {most} that are taught at once: of the {thin} rows{which} {room}, evenly spread in time, are taught, each for {(double)thin / room:0.#}."));
    }

    // Of n numbers exactly m pass, evenly spread, among them the first.
    private static bool Passes(long number, long m, long n) => number == 0 || number * m / n != (number - 1) * m / n;

    private static Nearness[] NearnessOf(AssetHistory history, LabelledRows labelled, LabelDefinition label)
    {
        var nearness = new Nearness[labelled.Rows.Length];
        if (label.Task != PredictionTask.Failure)
        {
            return nearness; // all alike
        }

        long horizonMs = (long)label.Horizon.TotalMilliseconds;
        long nextPositive = long.MaxValue;
        for (int row = nearness.Length - 1; row >= 0; row--)
        {
            long time = history.TimesUnixMs[labelled.Rows[row]];
            bool isPositive = labelled.Labels.Any(column => column[row] > 0);
            nextPositive = isPositive ? time : nextPositive;
            nearness[row] = isPositive ? Nearness.Positive : nextPositive - time <= horizonMs ? Nearness.Near : Nearness.Far;
        }

        return nearness;
    }
}
