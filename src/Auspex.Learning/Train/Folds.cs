using Auspex.Core.Assets;

namespace Auspex.Learning.Train;

/// <summary>Parts of the training rows that take turns at being held out: whole assets, or stretches of time with a purge gap.</summary>
public sealed class Folds
{
    private readonly int[][] _train;
    private readonly int[][] _heldOut;

    private Folds(int[][] train, int[][] heldOut, string text)
    {
        _train = train;
        _heldOut = heldOut;
        Text = text;
    }

    /// <summary>Number of folds.</summary>
    public int Count => _train.Length;

    /// <summary>How they were made, for reports.</summary>
    public string Text { get; }

    /// <summary>Rows a fold trains on, ascending.</summary>
    public int[] TrainRows(int fold) => _train[fold];

    /// <summary>Rows a fold holds out, ascending; each row is held out once.</summary>
    public int[] HeldOutRows(int fold) => _heldOut[fold];

    /// <summary>Folds of whole assets when there are at least as many assets as folds, else stretches of time.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="count">Number of folds, at least 2.</param>
    /// <param name="gap">With stretches of time: rows nearer than this to a held-out stretch do not train.</param>
    public static Folds Of(TrainingTable table, int count, TimeSpan gap)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        return table.Assets.Distinct().Count() >= count ? ByAsset(table, count) : ByTime(table, count, (long)gap.TotalMilliseconds);
    }

    // Assets are dealt out by what is scarce, positive labels, then by rows: each to the fold that has least of them so far.
    private static Folds ByAsset(TrainingTable table, int count)
    {
        var positives = new double[count];
        var rows = new int[count];
        var foldOf = new Dictionary<AssetId, int>();
        var groups = Enumerable.Range(0, table.Rows).GroupBy(row => table.Assets[row])
            .Select(group => (Asset: group.Key, Rows: group.Count(), Positives: group.Sum(row => table.Labels.Max(label => (double)label[row]))))
            .OrderByDescending(group => group.Positives).ThenByDescending(group => group.Rows).ThenBy(group => group.Asset);
        foreach ((AssetId asset, int assetRows, double assetPositives) in groups)
        {
            int least = Enumerable.Range(0, count).MinBy(fold => (positives[fold], rows[fold]));
            foldOf[asset] = least;
            positives[least] += assetPositives;
            rows[least] += assetRows;
        }

        int[] all = [.. Enumerable.Range(0, table.Rows)];
        return new Folds(
            [.. Enumerable.Range(0, count).Select(fold => all.Where(row => foldOf[table.Assets[row]] != fold).ToArray())],
            [.. Enumerable.Range(0, count).Select(fold => all.Where(row => foldOf[table.Assets[row]] == fold).ToArray())],
            $"{count} folds of whole assets");
    }

    private static Folds ByTime(TrainingTable table, int count, long gapMs)
    {
        long[] sorted = [.. table.TimesUnixMs.Order()];
        long[] from = [.. Enumerable.Range(0, count + 1).Select(fold => fold == count ? long.MaxValue : sorted[(int)((long)fold * sorted.Length / count)])];
        from[0] = long.MinValue;
        int[] all = [.. Enumerable.Range(0, table.Rows)];
        bool IsNear(long time, int fold) => time >= (fold == 0 ? long.MinValue : from[fold] - gapMs)
            && time < (fold == count - 1 ? long.MaxValue : from[fold + 1] + gapMs);
        return new Folds(
            [.. Enumerable.Range(0, count).Select(fold => all.Where(row => !IsNear(table.TimesUnixMs[row], fold)).ToArray())],
            [.. Enumerable.Range(0, count).Select(fold => all.Where(row => table.TimesUnixMs[row] >= from[fold] && table.TimesUnixMs[row] < from[fold + 1]).ToArray())],
            $"{count} stretches of time with a gap of one horizon");
    }
}
