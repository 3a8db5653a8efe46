using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Auspex.Core.Assets;
using Auspex.Core.Time;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Label;

/// <summary>What tells the two sides of a split apart.</summary>
public enum DataSplitKind
{
    /// <summary>Training ends at an instant; the test begins a purge gap later.</summary>
    Time,

    /// <summary>Some assets train, others test.</summary>
    Assets,

    /// <summary>The data set's own files say which assets train and which test.</summary>
    Files,

    /// <summary>All that may be learned from trains; what its folds held out is the only test.</summary>
    HeldOut,
}

/// <summary>Which rows teach and which test: by time with a purge gap, or by assets; never by single rows.</summary>
/// <param name="Kind">What tells the two sides apart.</param>
/// <param name="TrainAssets">Assets whose rows teach.</param>
/// <param name="TestAssets">Assets whose rows test; with a split by time the same as those that teach.</param>
/// <param name="TrainUntilUnixMs">Rows and events after this instant are not known to training; <see cref="long.MaxValue"/> for a split by assets.</param>
/// <param name="TestFromUnixMs">First instant that is judged; <see cref="long.MinValue"/> for a split by assets.</param>
/// <param name="Text">The split in words, for reports.</param>
public sealed record DataSplit(
    DataSplitKind Kind, IReadOnlySet<AssetId> TrainAssets, IReadOnlySet<AssetId> TestAssets, long TrainUntilUnixMs, long TestFromUnixMs, string Text)
{
    /// <summary>Share of the time that trains when nothing else is said.</summary>
    private const double DefaultTrainShare = 0.8;

    /// <summary>The split a data set's description asks for; without one, the parts of its files, and failing those the first four fifths of
    /// the time against the last.</summary>
    /// <param name="dataset">The data set.</param>
    /// <param name="horizon">Length of the purge gap: what a label at the end of training may know of.</param>
    /// <param name="seed">Draws the test assets of a split by share.</param>
    /// <exception cref="DatasetException">A side would be empty, or a named asset does not exist.</exception>
    public static DataSplit Of(Dataset dataset, TimeSpan horizon, int seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        SplitSettings? settings = dataset.Description.Split;
        DataSplit split = settings switch
        {
            { At: { } at } => AtInstant(dataset, DateTimeOffset.Parse(at, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), horizon),
            { TestAssets: { } names } => OfAssets(dataset, names),
            { TestShare: { } share } => OfShare(dataset, share, seed),
            _ when dataset.Assets.Any(asset => asset.Part != DatasetPart.Unassigned) => OfParts(dataset),
            _ => AtInstant(dataset, ShareOfTime(dataset), horizon),
        };
        if (split.TrainAssets.Count == 0 || split.TestAssets.Count == 0)
        {
            throw new DatasetException($"The split of data set '{dataset.Description.Name}' ({split.Text}) leaves "
                + $"{split.TrainAssets.Count} assets to train on and {split.TestAssets.Count} to test on; both need at least one.");
        }

        return split;
    }

    /// <summary>Everything trains but the assets of files that are for the test: nothing is kept for one.</summary>
    /// <exception cref="DatasetException">All files are for the test.</exception>
    public static DataSplit WithoutTest(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        HashSet<AssetId> train = [.. dataset.Assets.Where(asset => asset.Part != DatasetPart.Test).Select(asset => asset.History.Asset)];
        return train.Count > 0
            ? new DataSplit(DataSplitKind.HeldOut, train, new HashSet<AssetId>(), long.MaxValue, long.MaxValue, "no test side: judged by what the folds held out")
            : throw new DatasetException($"Data set '{dataset.Description.Name}' has files of part test only; there is nothing to train on.");
    }

    private static DataSplit AtInstant(Dataset dataset, long atUnixMs, TimeSpan gap)
    {
        long testFrom = atUnixMs + (long)gap.TotalMilliseconds;
        AssetId[] train = [.. dataset.Assets.Where(a => a.Part != DatasetPart.Test && a.History.Count > 0 && a.History.TimesUnixMs[0] <= atUnixMs).Select(a => a.History.Asset)];
        AssetId[] test = [.. dataset.Assets.Where(a => a.Part != DatasetPart.Train && a.History.Count > 0 && a.History.TimesUnixMs[^1] >= testFrom).Select(a => a.History.Asset)];
        return new DataSplit(DataSplitKind.Time, train.ToHashSet(), test.ToHashSet(), atUnixMs, testFrom,
            $"by time: trained on what was known at {Instant(atUnixMs)}, tested from {Instant(testFrom)} after a gap of {DurationText.Format(gap)}");
    }

    private static long ShareOfTime(Dataset dataset)
    {
        long first = dataset.Assets.Where(a => a.History.Count > 0).Select(a => a.History.TimesUnixMs[0]).DefaultIfEmpty(0).Min();
        long last = dataset.Assets.Where(a => a.History.Count > 0).Select(a => a.History.TimesUnixMs[^1]).DefaultIfEmpty(0).Max();
        return first + (long)((last - first) * DefaultTrainShare);
    }

    private static DataSplit OfAssets(Dataset dataset, IReadOnlyList<string> names)
    {
        HashSet<AssetId> test = [.. names.Select(name => new AssetId(name))];
        AssetId[] unknown = [.. test.Where(asset => !dataset.Assets.Any(a => a.History.Asset == asset)).Order()];
        if (unknown.Length > 0)
        {
            throw new DatasetException($"split.testAssets names '{unknown[0]}', which data set '{dataset.Description.Name}' does not have.");
        }

        return ByAssets(dataset, DataSplitKind.Assets, test.Contains, $"by assets: {test.Count} named for the test");
    }

    private static DataSplit OfShare(Dataset dataset, double share, int seed)
    {
        // By a hash of each name, not by shuffling the list: an asset more or less in a later export moves no other to the other side.
        AssetId[] assets = [.. dataset.Assets.Select(a => a.History.Asset).OrderBy(asset => Draw(asset, seed), StringComparer.Ordinal)];
        HashSet<AssetId> test = [.. assets.Take(Math.Clamp((int)Math.Round(assets.Length * share), 1, Math.Max(1, assets.Length - 1)))];
        return ByAssets(dataset, DataSplitKind.Assets, test.Contains, string.Create(CultureInfo.InvariantCulture, $"by assets: {test.Count} of {assets.Length} drawn for the test with seed {seed}"));
    }

    private static string Draw(AssetId asset, int seed) => Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}:{asset.Value}"))));

    private static DataSplit OfParts(Dataset dataset)
    {
        HashSet<AssetId> test = [.. dataset.Assets.Where(a => a.Part == DatasetPart.Test).Select(a => a.History.Asset)];
        return ByAssets(dataset, DataSplitKind.Files, test.Contains, "by assets: the files of the data set say which train and which test");
    }

    private static DataSplit ByAssets(Dataset dataset, DataSplitKind kind, Func<AssetId, bool> isTest, string text) => new(
        kind,
        dataset.Assets.Select(a => a.History.Asset).Where(asset => !isTest(asset)).ToHashSet(),
        dataset.Assets.Select(a => a.History.Asset).Where(isTest).ToHashSet(),
        long.MaxValue, long.MinValue, text);

    private static string Instant(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
