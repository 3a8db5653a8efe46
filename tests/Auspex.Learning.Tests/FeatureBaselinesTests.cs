using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Train;
using Auspex.Models.Package;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests;

public sealed class FeatureBaselinesTests
{
    [Fact]
    public void Of_OneToAHundred_HasDecilesAndTheBandOfHealthyRows()
    {
        // 1 to 100, of which the upper half lies before a failure.
        TrainingTable table = Table([.. Enumerable.Range(1, 100).Select(i => (double)i)], value => value > 50 ? 1 : 0);

        ManifestBaseline baseline = FeatureBaselines.Of(table, FailureLabel(4), 2);

        Assert.Equal((100, 50, "rows that no failure follows within 4h"), (baseline.Rows, baseline.NormalRows, baseline.NormalMeans));
        FeatureBaseline feature = Assert.Single(baseline.Features);
        Assert.Equal([10, 20, 30, 40, 50, 60, 70, 80, 90], feature.Edges);
        Assert.All(feature.Shares, share => Assert.Equal(0.1, share, 6));
        Assert.Equal((0, 1, 100), (feature.Missing, feature.Least!.Value, feature.Most!.Value));
        Assert.Equal(new NormalBand(3, 48), feature.Normal); // at least 5 and 95 % of 50 rows
    }

    [Fact]
    public void Of_ThinnedRows_CountsThemForThoseThatWent()
    {
        double[] values = [.. Enumerable.Repeat(0.0, 50), .. Enumerable.Repeat(1.0, 50)];
        TrainingTable table = Table(values, _ => 0) with { Weights = [.. values.Select(value => value == 0 ? 1f : 9f)] };

        ManifestBaseline baseline = FeatureBaselines.Of(table, FailureLabel(4), 1);

        Assert.Equal((500, 500), (baseline.Rows, baseline.NormalRows));
        Assert.Equal([0.1, 0.9, 0], baseline.Features[0].Shares);
        Assert.Equal([0.0, 1.0], baseline.Features[0].Edges);
    }

    [Fact]
    public void Of_MissingAndInfiniteValues_AreMissing()
    {
        double[] values = [.. Enumerable.Repeat(double.NaN, 30), .. Enumerable.Repeat(double.PositiveInfinity, 20), .. Enumerable.Repeat(7.0, 50)];

        FeatureBaseline half = FeatureBaselines.Of(Table(values, _ => 0), FailureLabel(4), 1).Features[0];
        FeatureBaseline none = FeatureBaselines.Of(Table([double.NaN, double.NaN], _ => 0), FailureLabel(4), 1).Features[0];

        Assert.Equal((0.5, new NormalBand(7, 7)), (half.Missing, half.Normal!.Value));
        Assert.Equal([1.0, 0.0], half.Shares);
        Assert.Equal((1, null, null), (none.Missing, none.Least, none.Normal));
        Assert.Empty(none.Shares);
    }

    [Fact]
    public void Of_FewNormalRows_HasNoBand()
    {
        Assert.Null(FeatureBaselines.Of(Table([.. Enumerable.Range(0, 100).Select(i => (double)i)], value => value < 19 ? 0 : 1), FailureLabel(4), 1).Features[0].Normal);
        Assert.NotNull(FeatureBaselines.Of(Table([.. Enumerable.Range(0, 100).Select(i => (double)i)], value => value < 20 ? 0 : 1), FailureLabel(4), 1).Features[0].Normal);
    }

    [Theory]
    [InlineData(60.0, 40, "rows with a life of 60 h or more")]
    [InlineData(90.0, 50, "rows with a life of 50 h or more, the longer half")] // ten rows at the cap are too few
    [InlineData(null, 50, "rows with a life of 50 h or more, the longer half")]
    public void Of_Lives_TakesTheHealthyOnesAsNormal(double? cap, int normal, string words)
    {
        double[] ages = [.. Enumerable.Range(0, 100).Select(i => (double)i)];
        TrainingTable table = Table(ages, age => (float)Math.Min(99 - age, cap ?? double.PositiveInfinity));

        ManifestBaseline baseline = FeatureBaselines.Of(table, LifeLabel(cap), 1);

        Assert.Equal((normal, words), ((int)baseline.NormalRows, baseline.NormalMeans));
        Assert.True(baseline.Features[0].Normal!.Value.High < normal); // the young ones
    }

    [Fact]
    public void Of_MoreRowsThanAreLookedAt_DrawsThemFromAllHoursOfTheDay()
    {
        double[] values = [.. Enumerable.Range(0, 24 * FeatureBaselines.MostRows / 10).Select(row => (double)(row % 24))];

        FeatureBaseline feature = FeatureBaselines.Of(Table(values, _ => 0), FailureLabel(4), 1).Features[0];

        Assert.Equal((0, 23), (feature.Least, feature.Most));
        Assert.Equal(new NormalBand(1, 22), feature.Normal);
    }

    [Fact]
    public void Of_HugeTinyAndConstantNumbers_KeepsEveryRule()
    {
        double[] values = [.. Enumerable.Range(0, 200).Select(i => (i % 4) switch { 0 => double.MaxValue, 1 => double.MinValue, 2 => double.Epsilon, _ => 1 / 3.0 })];

        FeatureBaseline feature = FeatureBaselines.Of(Table(values, _ => 0), FailureLabel(4), 1).Features[0];

        Assert.Equal(feature.Edges.Order().Distinct(), feature.Edges);
        Assert.Equal(1, feature.Shares.Sum(), 3);
        Assert.All(feature.Edges, edge => Assert.True(double.IsFinite(edge)));
    }

    private static TrainingTable Table(double[] values, Func<double, float> label) => new(
        ["x"], values, [.. values.Select(_ => new AssetId("a"))], [.. values.Select((_, i) => i * Hour)], [[.. values.Select(label)]]);
}
