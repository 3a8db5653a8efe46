using Auspex.Core.Assets;
using Auspex.Learning.Datasets;
using Auspex.Learning.Label;
using FsCheck;
using FsCheck.Fluent;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Label;

public sealed class DataSplitTests
{
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(4);

    [Fact]
    public void Of_Instant_TestsOneHorizonLater()
    {
        var split = DataSplit.Of(Plant(new SplitSettings { At = "1970-01-03T00:00:00Z" }), Horizon, 1);

        Assert.Equal((DataSplitKind.Time, 48 * Hour, 52 * Hour), (split.Kind, split.TrainUntilUnixMs, split.TestFromUnixMs));
        Assert.Equal(4, split.TrainAssets.Count);
        Assert.Contains("trained on what was known at 1970-01-03 00:00 UTC, tested from 1970-01-03 04:00 UTC", split.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Instant_KeepsAssetsOutThatHaveNoRowOnASide()
    {
        Dataset dataset = Of(new LabelSettings(), new SplitSettings { At = "1970-01-01T10:00:00+00:00" },
            [Asset("early", 0, 10), Asset("late", 11, 10), Asset("both", 0, 30), new DatasetAsset(History("empty", []), DatasetPart.Unassigned)]);

        var split = DataSplit.Of(dataset, Horizon, 1);

        Assert.Equal(["both", "early"], Names(split.TrainAssets));
        Assert.Equal(["both", "late"], Names(split.TestAssets));
    }

    [Fact]
    public void Of_AnyInstantAndHorizon_NoTrainingLabelReachesATestRow() => Prop.ForAll(
        (from at in Gen.Choose(1, 90)
         from horizon in Gen.Choose(1, 30)
         from failures in Gen.Choose(0, 100).ListOf()
         from steps in Gen.Choose(1, 3).ListOf(60)
         select (at, horizon, failures, steps)).ToArbitrary(),
        generated =>
        {
            int hour = 0;
            AssetHistory history = History("a", [0, .. generated.steps.Select(step => hour += step), 200], [.. generated.failures.Select(at => Failure("a", at))]);
            string instant = DateTimeOffset.UnixEpoch.AddHours(generated.at).ToString("o");
            var horizon = TimeSpan.FromHours(generated.horizon);
            var split = DataSplit.Of(Of(new LabelSettings(), new SplitSettings { At = instant }, [new DatasetAsset(history, DatasetPart.Unassigned)]), horizon, 1);
            LabelledRows rows = LabelledRows.Of(history, FailureLabel(generated.horizon), split.TrainUntilUnixMs);

            Assert.All(rows.Rows, row => Assert.True(history.TimesUnixMs[row] + (long)horizon.TotalMilliseconds <= split.TrainUntilUnixMs));
            Assert.Equal((long)horizon.TotalMilliseconds, split.TestFromUnixMs - split.TrainUntilUnixMs);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Of_NothingSaid_TrainsOnFourFifthsOfTheTime()
    {
        var split = DataSplit.Of(Plant(null), Horizon, 1); // frames from 0 to 100 h

        Assert.Equal((DataSplitKind.Time, 80 * Hour, 84 * Hour), (split.Kind, split.TrainUntilUnixMs, split.TestFromUnixMs));
    }

    [Fact]
    public void Of_FileParts_DecideWhenNothingElseIsSaid()
    {
        Dataset dataset = Of(new LabelSettings(), null,
            [Asset("a", 0, 10, DatasetPart.Train), Asset("b", 0, 10, DatasetPart.Test), Asset("c", 0, 10)]);

        var split = DataSplit.Of(dataset, Horizon, 1);

        Assert.Equal(DataSplitKind.Files, split.Kind);
        Assert.Equal(["a", "c"], Names(split.TrainAssets));
        Assert.Equal(["b"], Names(split.TestAssets));
        Assert.Equal((long.MaxValue, long.MinValue), (split.TrainUntilUnixMs, split.TestFromUnixMs));
    }

    [Fact]
    public void Of_InstantAndFileParts_KeepsToBoth()
    {
        Dataset dataset = Of(new LabelSettings(), new SplitSettings { At = "1970-01-01T10:00:00Z" },
            [Asset("a", 0, 30, DatasetPart.Train), Asset("b", 0, 30, DatasetPart.Test), Asset("c", 0, 30)]);

        var split = DataSplit.Of(dataset, Horizon, 1);

        Assert.Equal(["a", "c"], Names(split.TrainAssets));
        Assert.Equal(["b", "c"], Names(split.TestAssets));
    }

    [Fact]
    public void Of_NamedAssets_TestsThemAlone()
    {
        var split = DataSplit.Of(Plant(new SplitSettings { TestAssets = ["a2", "a4"] }), Horizon, 1);

        Assert.Equal(["a1", "a3"], Names(split.TrainAssets));
        Assert.Equal(["a2", "a4"], Names(split.TestAssets));
    }

    [Fact]
    public void Of_UnknownAsset_IsNamed()
    {
        var error = Assert.Throws<DatasetException>(() => DataSplit.Of(Plant(new SplitSettings { TestAssets = ["a2", "zz"] }), Horizon, 1));
        Assert.Contains("'zz'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Share_IsDrawnByTheSeedAndPartsTheAssets()
    {
        Dataset dataset = Of(new LabelSettings(), new SplitSettings { TestShare = 0.3 }, [.. Enumerable.Range(0, 20).Select(i => Asset($"m{i}", 0, 5))]);
        Dataset reversed = dataset with { Assets = [.. dataset.Assets.Reverse()] };

        string[] first = Names(DataSplit.Of(dataset, Horizon, 7).TestAssets);
        Assert.Equal(6, first.Length);
        Assert.Equal(first, Names(DataSplit.Of(reversed, Horizon, 7).TestAssets));
        Assert.NotEqual(first, Names(DataSplit.Of(dataset, Horizon, 8).TestAssets));
        var split = DataSplit.Of(dataset, Horizon, 7);
        Assert.Equal(20, split.TrainAssets.Union(split.TestAssets).Count());
        Assert.Empty(split.TrainAssets.Intersect(split.TestAssets));
    }

    [Theory]
    [InlineData(0.01, 1)] // at least one is tested
    [InlineData(0.99, 3)] // and at least one trains
    [InlineData(0.5, 2)]
    public void Of_Share_LeavesAnAssetOnEachSide(double share, int test) =>
        Assert.Equal(test, DataSplit.Of(Plant(new SplitSettings { TestShare = share }), Horizon, 1).TestAssets.Count);

    [Fact]
    public void Of_EmptySide_IsRefusedInWords()
    {
        SplitSettings[] settings =
        [
            new() { TestAssets = ["a1", "a2", "a3", "a4"] }, new() { At = "2000-01-01T00:00:00Z" }, new() { At = "1960-01-01T00:00:00Z" },
        ];
        Assert.All(settings, split =>
        {
            var error = Assert.Throws<DatasetException>(() => DataSplit.Of(Plant(split), Horizon, 1));
            Assert.Contains("both need at least one", error.Message, StringComparison.Ordinal);
        });
        Assert.Throws<DatasetException>(() => DataSplit.Of(Of(new LabelSettings(), new SplitSettings { TestShare = 0.5 }, [Asset("only", 0, 9)]), Horizon, 1));
        Assert.Throws<DatasetException>(() => DataSplit.Of(Of(), Horizon, 1));
    }

    private static Dataset Plant(SplitSettings? split) => Of(new LabelSettings(), split, [.. Enumerable.Range(1, 4).Select(i => Asset($"a{i}", 0, 101))]);

    private static DatasetAsset Asset(string name, int from, int count, DatasetPart part = DatasetPart.Unassigned) =>
        new(History(name, Enumerable.Range(from, count)), part);

    private static string[] Names(IEnumerable<AssetId> assets) => [.. assets.Order().Select(asset => asset.Value)];
}
