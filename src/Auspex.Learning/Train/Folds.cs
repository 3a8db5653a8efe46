using Auspex.Core.Assets;
using Auspex.Core.Time;
using Auspex.Learning.Datasets;

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

    /// <summary>The same folds of some of the rows, numbered as given.</summary>
    /// <param name="rows">Rows of the table, ascending.</param>
    /// <returns>Null when one would have nothing to teach or to hold out.</returns>
    public Folds? Of(int[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int[][] Places(int[][] parts) =>
            [.. parts.Select(part => part.Select(row => Array.BinarySearch(rows, row)).Where(place => place >= 0).ToArray())];
        (int[][] train, int[][] heldOut) = (Places(_train), Places(_heldOut));
        return Array.TrueForAll(train, part => part.Length > 0) && Array.TrueForAll(heldOut, part => part.Length > 0)
            ? new Folds(train, heldOut, Text)
            : null;
    }

    /// <summary>Folds of whole assets when there are at least as many assets as folds, else stretches of time; fewer folds where that many
    /// would leave one without rows. Folds that each keep a positive row of every target to learn from come first.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="count">Number of folds wanted, at least 2.</param>
    /// <param name="gap">With stretches of time: rows nearer than this to a held-out stretch do not train.</param>
    /// <exception cref="DatasetException">Nothing can be held out: one asset, over too short a time.</exception>
    public static Folds Of(TrainingTable table, int count, TimeSpan gap)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2);
        Folds? first = null;
        foreach (Folds folds in Possible(table, count, gap))
        {
            if (folds.TeachEveryTarget(table))
            {
                return folds;
            }

            first ??= folds;
        }

        return first ?? throw new DatasetException(
            $"Nothing can be held out to stop training by: the {table.Rows} training rows are of one asset and too short for two stretches of time "
            + $"with a gap of {DurationText.Format(gap)} between them. Give more assets or a longer history, or a shorter horizon.");
    }

    private static IEnumerable<Folds> Possible(TrainingTable table, int count, TimeSpan gap)
    {
        int assets = table.Assets.Distinct().Count();
        if (assets >= count)
        {
            yield return ByAsset(table, count);
        }

        for (int stretches = count; stretches >= 2; stretches--)
        {
            Folds folds = ByTime(table, stretches, (long)gap.TotalMilliseconds);
            if (Array.TrueForAll(folds._train, rows => rows.Length > 0) && Array.TrueForAll(folds._heldOut, rows => rows.Length > 0))
            {
                yield return folds;
            }
        }

        if (assets >= 2 && assets < count)
        {
            yield return ByAsset(table, assets);
        }
    }

    // A booster that saw no positive row says "never" of all of them, and its loss would speak for all folds.
    private bool TeachEveryTarget(TrainingTable table) => Array.TrueForAll(table.Labels, labels =>
        !Array.Exists(labels, label => label > 0) || Array.TrueForAll(_train, rows => Array.Exists(rows, row => labels[row] > 0)));

    private static Folds ByAsset(TrainingTable table, int count)
    {
        var places = new Dictionary<AssetId, int>();
        int[] placeOf = [.. table.Assets.Select(asset => places.TryAdd(asset, places.Count) ? places.Count - 1 : places[asset])];
        var assetRows = new int[places.Count];
        var assetPositives = new double[places.Count];
        for (int row = 0; row < table.Rows; row++)
        {
            assetRows[placeOf[row]]++;
            assetPositives[placeOf[row]] += table.Labels.Max(label => label[row]);
        }

        int[] foldOf = AssetDeal.Deal(assetPositives, assetRows,
            places.OrderByDescending(entry => assetPositives[entry.Value]).ThenByDescending(entry => assetRows[entry.Value]).ThenBy(entry => entry.Key)
                .Select(entry => entry.Value),
            count);
        int[] all = [.. Enumerable.Range(0, table.Rows)];
        return new Folds(
            [.. Enumerable.Range(0, count).Select(fold => all.Where(row => foldOf[placeOf[row]] != fold).ToArray())],
            [.. Enumerable.Range(0, count).Select(fold => all.Where(row => foldOf[placeOf[row]] == fold).ToArray())],
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
