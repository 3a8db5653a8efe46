using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Label;
using FsCheck;
using FsCheck.Fluent;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Label;

public sealed class ThinnedRowsTests
{
    [Fact]
    public void Of_NoMoreThanCanBeTaught_IsWhatWasGiven()
    {
        (AssetHistory[] histories, LabelledRows[] rows) = Fleet(FailureLabel(4), [100, 50]);

        ThinnedRows thinned = ThinnedRows.Of(histories, rows, FailureLabel(4), rows.Sum(asset => asset.Rows.Length));

        Assert.Same(rows, thinned.Assets);
        Assert.Empty(thinned.Weights);
        Assert.Null(thinned.Note);
    }

    [Fact]
    public void Of_FarFewerThanThereAre_KeepsWhatIsNearAFailureAndEveryTenthOfTheRest()
    {
        // Frames at 0 … 999, failure at 900, horizon 20 h: positive 880 … 899, near 860 … 879, known until 999 - 20; 900 itself is failed.
        LabelDefinition label = FailureLabel(20);
        (AssetHistory[] histories, LabelledRows[] rows) = Fleet(label, [900], frames: 1000);
        Assert.Equal(979, rows[0].Rows.Length);

        ThinnedRows thinned = ThinnedRows.Of(histories, rows, label, 40 + 94);

        LabelledRows kept = Assert.Single(thinned.Assets);
        float[] weights = Assert.Single(thinned.Weights);
        Assert.Equal(40 + 94, kept.Rows.Length);
        Assert.Equal(Enumerable.Range(860, 40), kept.Rows.Where((_, i) => weights[i] == 1));
        Assert.Equal(Enumerable.Range(880, 20), kept.Rows.Where((_, i) => kept.Labels[0][i] == 1));
        int[] far = [.. kept.Rows.Where((_, i) => weights[i] > 1)];
        Assert.Equal(0, far[0]);
        Assert.All(far.Zip(far.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 9, pair.First < 860 && pair.Second > 900 ? 60 : 11));
        Assert.Equal(979 - 40, weights.Where(weight => weight > 1).Sum(), 1e-2);
        Assert.Equal(
            "979 training rows are more than the 134 that are taught at once: of the 939 rows further than 40h from a failure 94, evenly spread in time, "
            + "are taught, each for 10.", thinned.Note);
    }

    [Fact]
    public void Of_PositivesAndNearMoreThanHalf_ThinsAllNegatives()
    {
        LabelDefinition label = FailureLabel(20);
        (AssetHistory[] histories, LabelledRows[] rows) = Fleet(label, [900], frames: 1000);

        ThinnedRows thinned = ThinnedRows.Of(histories, rows, label, 60);

        Assert.Equal(20, thinned.Weights[0].Count(weight => weight == 1));
        Assert.Equal(60, thinned.Assets[0].Rows.Length);
        Assert.Contains("of the 959 rows that no failure follows within the horizon 40,", thinned.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_PositivesMoreThanHalfOrLives_ThinsAllAlike()
    {
        LabelDefinition failure = FailureLabel(20);
        (AssetHistory[] histories, LabelledRows[] rows) = Fleet(failure, [900], frames: 1000);
        (AssetHistory[] lives, LabelledRows[] lifeRows) = Fleet(LifeLabel(null), [900], frames: 1000);

        ThinnedRows thinned = ThinnedRows.Of(histories, rows, failure, 30);
        ThinnedRows thinnedLives = ThinnedRows.Of(lives, lifeRows, LifeLabel(null), 90);

        Assert.Equal((30, 90), (thinned.Assets[0].Rows.Length, thinnedLives.Assets[0].Rows.Length));
        Assert.Empty(thinned.Weights); // each counts for as many as any other
        Assert.Empty(thinnedLives.Weights);
        Assert.Contains("of the 979 rows 30,", thinned.Note, StringComparison.Ordinal);
        Assert.All(thinnedLives.Assets[0].Rows.Zip(thinnedLives.Assets[0].Rows.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 10, 11));
    }

    [Fact]
    public void Of_AnyFleet_FillsTheRoomAndKeepsTheCounts() => Prop.ForAll(
        (from ends in Gen.Choose(20, 400).NonEmptyListOf()
         from horizon in Gen.Choose(1, 40)
         from most in Gen.Choose(2, 500)
         select (ends: ends.Take(6).ToArray(), horizon, most)).ToArbitrary(),
        fleet =>
        {
            LabelDefinition label = FailureLabel(fleet.horizon);
            (AssetHistory[] histories, LabelledRows[] rows) = Fleet(label, fleet.ends);
            long all = rows.Sum(asset => (long)asset.Rows.Length);

            ThinnedRows thinned = ThinnedRows.Of(histories, rows, label, fleet.most);

            Assert.Equal(Math.Min(all, fleet.most), thinned.Assets.Sum(asset => asset.Rows.Length));
            if (thinned.Weights.Count == 0)
            {
                return;
            }

            Assert.Equal(all, thinned.Weights.Sum(weights => weights.Sum(weight => (double)weight)), 0.01 * all);
            for (int i = 0; i < rows.Length; i++)
            {
                LabelledRows kept = thinned.Assets[i];
                Assert.Equal(kept.Rows.Length, thinned.Weights[i].Length);
                Assert.Equal(kept.Rows.Order(), kept.Rows);
                Dictionary<int, float> was = rows[i].Rows.Zip(rows[i].Labels[0]).ToDictionary();
                Assert.All(kept.Rows.Zip(kept.Labels[0]), row => Assert.Equal(was[row.First], row.Second));
                Assert.Equal(was.Values.Count(value => value > 0), kept.Labels[0].Count(value => value > 0));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static (AssetHistory[] Histories, LabelledRows[] Rows) Fleet(LabelDefinition label, int[] failures, int? frames = null)
    {
        AssetHistory[] histories =
        [
            .. failures.Select((hour, i) => History($"m{i:00}", Enumerable.Range(0, frames ?? hour + 50), Failure($"m{i:00}", hour))),
        ];
        return (histories, [.. histories.Select(history => LabelledRows.Of(history, label, long.MaxValue))]);
    }
}
