using Auspex.Core.Assets;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train;
using FsCheck;
using FsCheck.Fluent;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Train;

public sealed class FoldsTests
{
    private static readonly TimeSpan Gap = TimeSpan.FromHours(4);

    [Fact]
    public void Of_AnyTable_HoldsEachRowOutOnceAndKeepsTheSidesApart() => Prop.ForAll(
        (from assets in Gen.Choose(1, 8)
         from rows in (from asset in Gen.Choose(0, assets - 1)
                       from hour in Gen.Choose(0, 200)
                       from positive in Gen.Frequency((4, Gen.Constant(0f)), (1, Gen.Constant(1f)))
                       select (asset, hour, positive)).NonEmptyListOf()
         from count in Gen.Choose(2, 6)
         select (rows, count)).ToArbitrary(),
        generated =>
        {
            (int Asset, int Hour, float Positive)[] rows = [.. generated.rows.DistinctBy(row => (row.asset, row.hour)).OrderBy(row => row.asset).ThenBy(row => row.hour)];
            TrainingTable table = Table([.. rows.Select(row => ($"m{row.Asset}", row.Hour, row.Positive))]);
            Folds folds;
            try
            {
                folds = Folds.Of(table, generated.count, Gap);
            }
            catch (DatasetException)
            {
                // Only where neither whole assets nor stretches of time can be held out.
                Assert.Single(rows.Select(row => row.Asset).Distinct());
                return;
            }

            Assert.Equal(Enumerable.Range(0, rows.Length), Enumerable.Range(0, folds.Count).SelectMany(folds.HeldOutRows).Order());
            for (int fold = 0; fold < folds.Count; fold++)
            {
                int[] train = folds.TrainRows(fold);
                int[] held = folds.HeldOutRows(fold);
                Assert.NotEmpty(train);
                Assert.NotEmpty(held);
                Assert.Equal(train.Order(), train);
                Assert.Equal(held.Order(), held);
                bool ofAssets = folds.Text.Contains("whole assets", StringComparison.Ordinal);
                if (ofAssets)
                {
                    Assert.Empty(train.Select(row => rows[row].Asset).Intersect(held.Select(row => rows[row].Asset)));
                    Assert.Equal(rows.Length, train.Length + held.Length);
                }
                else
                {
                    // A label taught ends before the first held-out row, and the labels held out end before the next row taught.
                    int first = held.Min(row => rows[row].Hour);
                    int last = held.Max(row => rows[row].Hour);
                    Assert.All(train, row => Assert.True(rows[row].Hour + 4 < first || rows[row].Hour > last + 4));
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Of_EnoughAssets_HoldsWholeAssetsOutAndSpreadsTheRarePositives()
    {
        // Ten assets of twenty rows, three of them with positives: each of three folds gets one of the three.
        TrainingTable table = Table([.. from asset in Enumerable.Range(0, 10)
                                        from hour in Enumerable.Range(0, 20)
                                        select ($"m{asset}", hour, asset is 2 or 3 or 4 && hour > 15 ? 1f : 0f)]);

        var folds = Folds.Of(table, 3, Gap);

        Assert.Equal(3, folds.Count);
        Assert.Equal([4, 4, 4], Enumerable.Range(0, 3).Select(fold => folds.HeldOutRows(fold).Count(row => table.Labels[0][row] > 0)));
        Assert.All(Enumerable.Range(0, 3), fold => Assert.InRange(folds.HeldOutRows(fold).Length, 60, 80));
    }

    [Fact]
    public void Of_PositivesOnOneAssetOnly_HoldsStretchesOfTimeOut()
    {
        // Held out with its asset, nothing would be left to learn the positives from.
        TrainingTable table = Table([.. from asset in Enumerable.Range(0, 6)
                                        from hour in Enumerable.Range(0, 200)
                                        select ($"m{asset}", hour, asset == 0 && hour % 20 > 15 ? 1f : 0f)]);

        var folds = Folds.Of(table, 5, Gap);

        Assert.Contains("stretches of time", folds.Text, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, folds.Count), fold => Assert.Contains(folds.TrainRows(fold), row => table.Labels[0][row] > 0));
    }

    [Fact]
    public void Of_FewerAssetsThanFolds_CutsTheTimeInEqualStretches()
    {
        TrainingTable table = Table([.. Enumerable.Range(0, 100).Select(hour => ("m", hour, hour % 10 == 9 ? 1f : 0f))]);

        var folds = Folds.Of(table, 5, Gap);

        Assert.Equal(5, folds.Count);
        Assert.Equal("5 stretches of time with a gap of one horizon", folds.Text);
        Assert.Equal(Enumerable.Range(20, 20), folds.HeldOutRows(1));
        Assert.Equal([.. Enumerable.Range(0, 16), .. Enumerable.Range(44, 56)], folds.TrainRows(1));
    }

    [Fact]
    public void Of_GapThatLeavesNothingToTrain_TakesFewerFoldsOrWholeAssets()
    {
        TrainingTable one = Table([.. Enumerable.Range(0, 30).Select(hour => ("m", hour, hour % 3 == 0 ? 1f : 0f))]);
        TrainingTable two = Table([.. from asset in Enumerable.Range(0, 2)
                                      from hour in Enumerable.Range(0, 30)
                                      select ($"m{asset}", hour, hour % 3 == 0 ? 1f : 0f)]);

        // The middle one of five, [12, 18), and 12 hours on either side are all thirty; of four, [7, 15) leaves 27 to 29.
        var folds = Folds.Of(one, 5, TimeSpan.FromHours(12));
        Assert.Equal(4, folds.Count);
        Assert.Equal([27, 28, 29], folds.TrainRows(1));
        Assert.Equal("2 folds of whole assets", Folds.Of(two, 5, TimeSpan.FromHours(30)).Text);
        var error = Assert.Throws<DatasetException>(() => Folds.Of(one, 5, TimeSpan.FromHours(30)));
        Assert.Contains("held out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AllRowsAtOneInstant_HasNoEmptyFold()
    {
        TrainingTable table = Table([("a", 5, 0f), ("b", 5, 1f), ("c", 5, 1f)]);

        var folds = Folds.Of(table, 5, Gap);

        Assert.All(Enumerable.Range(0, folds.Count), fold => Assert.NotEmpty(folds.HeldOutRows(fold)));
        Assert.All(Enumerable.Range(0, folds.Count), fold => Assert.NotEmpty(folds.TrainRows(fold)));
    }

    [Fact]
    public void Of_SameTable_GivesTheSameFolds()
    {
        TrainingTable table = Table([.. from asset in Enumerable.Range(0, 40) from hour in Enumerable.Range(0, 10) select ($"m{asset}", hour, (asset * hour) % 7 == 0 ? 1f : 0f)]);

        var first = Folds.Of(table, 5, Gap);
        var second = Folds.Of(table, 5, Gap);

        Assert.All(Enumerable.Range(0, 5), fold => Assert.Equal(first.HeldOutRows(fold), second.HeldOutRows(fold)));
    }

    [Fact]
    public void Of_AMillionRows_TakesNoTimeWorthMentioning()
    {
        TrainingTable table = Table([.. from asset in Enumerable.Range(0, 1000) from hour in Enumerable.Range(0, 1000) select ($"m{asset}", hour, hour % 50 == 0 ? 1f : 0f)]);
        long start = System.Diagnostics.Stopwatch.GetTimestamp();

        Folds.Of(table, 5, Gap);

        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30));
    }

    private static TrainingTable Table((string Asset, int Hour, float Label)[] rows) => new(
        ["x"], new double[rows.Length], [.. rows.Select(row => new AssetId(row.Asset))], [.. rows.Select(row => row.Hour * Hour)],
        [[.. rows.Select(row => row.Label)]]);
}
