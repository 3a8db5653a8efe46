using Auspex.Native.LightGbm;

namespace Auspex.Native.Tests.LightGbm;

public sealed class LightGbmDatasetTests
{
    private static readonly LightGbmParameters Binary = new();

    [Fact]
    public void Create_LengthsDiffer_SaysWhichAndHowMany()
    {
        var values = Assert.Throws<ArgumentException>(() => LightGbmDataset.Create(new double[5], 3, 2, new float[3], [], ["a", "b"], Binary));
        var labels = Assert.Throws<ArgumentException>(() => LightGbmDataset.Create(new double[6], 3, 2, new float[2], [], ["a", "b"], Binary));
        var weights = Assert.Throws<ArgumentException>(
            () => LightGbmDataset.Create(new double[6], 3, 2, new float[3], new float[4], ["a", "b"], Binary));
        var names = Assert.Throws<ArgumentException>(() => LightGbmDataset.Create(new double[6], 3, 2, new float[3], [], ["a"], Binary));

        Assert.Contains("values must have 6 entries (rows × columns), has 5", values.Message, StringComparison.Ordinal);
        Assert.Contains("labels must have 3 entries (one a row), has 2", labels.Message, StringComparison.Ordinal);
        Assert.Contains("weights must have 3 entries", weights.Message, StringComparison.Ordinal);
        Assert.Contains("featureNames must have 2 entries", names.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LightGbmObjective.Binary, 0.5f, "The label of row 1 must be 0 or 1, was 0.5.")]
    [InlineData(LightGbmObjective.Binary, float.NaN, "The label of row 1 must be 0 or 1, was NaN.")]
    [InlineData(LightGbmObjective.Regression, float.NaN, "The label of row 1 must be finite, was NaN.")]
    public void Create_BadLabel_NamesRowAndValue(LightGbmObjective objective, float label, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => LightGbmDataset.Create(
            new double[2], 2, 1, [0, label], [], ["x"], new LightGbmParameters { Objective = objective }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_InfiniteValueOrNegativeWeight_IsRefused()
    {
        var value = Assert.Throws<ArgumentException>(
            () => LightGbmDataset.Create([1, 2, 3, double.NegativeInfinity], 2, 2, [0, 1], [], ["x", "y"], Binary));
        var weight = Assert.Throws<ArgumentException>(() => LightGbmDataset.Create([1, 2], 2, 1, [0, 1], [1, -1], ["x"], Binary));

        Assert.Contains("row 1, column 1 is infinite", value.Message, StringComparison.Ordinal);
        Assert.Contains("weight of row 1 must be finite and not negative, was -1", weight.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ReferenceOfOtherWidthOrDisposed_IsRefused()
    {
        var train = LightGbmDataset.Create(new double[4], 2, 2, [0, 1], [], ["x", "y"], Binary);

        Assert.Throws<ArgumentException>(() => LightGbmDataset.Create(new double[2], 2, 1, [0, 1], [], ["x"], Binary, train));
        train.Dispose();
        Assert.Throws<ObjectDisposedException>(() => LightGbmDataset.Create(new double[4], 2, 2, [0, 1], [], ["x", "y"], Binary, train));
    }

    [Fact]
    public void AddValidation_BinnedWithoutReference_LightGbmRefuses()
    {
        double[] values = [.. Enumerable.Range(0, 200).Select(i => (double)i)];
        float[] labels = [.. Enumerable.Range(0, 200).Select(i => i < 100 ? 0f : 1f)];
        using var train = LightGbmDataset.Create(values, 200, 1, labels, [], ["x"], Binary);
        using var stranger = LightGbmDataset.Create([.. values.Select(v => v * v)], 200, 1, labels, [], ["x"], Binary);
        using LightGbmBooster booster = LightGbmBooster.Create(train, Binary);

        Assert.Contains("different bin mappers",
            Assert.Throws<LightGbmException>(() => booster.AddValidation(stranger)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => booster.Evaluate(1));
    }

    [Theory]
    [InlineData(3f, "The label of row 1 must be a whole number from 0 to 2, was 3.")]
    [InlineData(0.5f, "The label of row 1 must be a whole number from 0 to 2, was 0.5.")]
    [InlineData(-1f, "The label of row 1 must be a whole number from 0 to 2, was -1.")]
    [InlineData(float.NaN, "The label of row 1 must be a whole number from 0 to 2, was NaN.")]
    public void Create_LabelOfNoClass_NamesRowAndValue(float label, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => LightGbmDataset.Create(
            new double[2], 2, 1, [0, label], [], ["x"], new LightGbmParameters { Objective = LightGbmObjective.Multiclass, ClassCount = 3 }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_ConstraintsOfOtherWidth_SaysBothNumbers() => Assert.Contains("MonotoneConstraints must have 2 entries (one a column, or none), has 1",
        Assert.Throws<ArgumentException>(() => LightGbmDataset.Create(
            new double[4], 2, 2, [0, 1], [], ["x", "y"], new LightGbmParameters { MonotoneConstraints = [1] })).Message, StringComparison.Ordinal);

    [Fact]
    public void Subset_RowsNotThereOrNotAscending_NamesTheEntry()
    {
        using var all = LightGbmDataset.Create([1, 2, 3], 3, 1, [0, 1, 0], [], ["x"], Binary);

        Assert.Contains("from 0 to 2; entry 1 is 3 after 0", Assert.Throws<ArgumentException>(() => all.Subset([0, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("entry 1 is 1 after 1", Assert.Throws<ArgumentException>(() => all.Subset([1, 1])).Message, StringComparison.Ordinal);
        Assert.Contains("entry 0 is -1.", Assert.Throws<ArgumentException>(() => all.Subset([-1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => all.Subset([]));
        all.Dispose();
        Assert.Throws<ObjectDisposedException>(() => all.Subset([0]));
    }

    [Fact]
    public void From_NamesLightGbmCannotTake_BecomeSafeAndDistinct()
    {
        string[] safe = SafeFeatureNames.From(["hz1 pv", "hz1:pv", "hz1,pv", "größe", "", "hz1pv_rolling_300s_mean", "x-1.5"]);

        Assert.Equal(["hz1_pv", "hz1_pv_1", "hz1_pv_2", "gr__e", "_", "hz1pv_rolling_300s_mean", "x-1.5"], safe);
    }

    [Fact]
    public void From_NameThatAnotherWouldBecome_StaysDistinct() =>
        Assert.Equal(3, SafeFeatureNames.From(["a_1", "a", "a"]).Distinct().Count());
}
