using Auspex.Native.LightGbm;

namespace Auspex.Native.Tests.LightGbm;

public sealed class LightGbmDatasetBuilderTests
{
    private const int Columns = 5;
    private static readonly string[] Names = ["dense", "sparse", "mostly missing", "constant", "tiny"];
    private static readonly LightGbmParameters Parameters = new() { Seed = 3, Metric = LightGbmMetric.LogLoss, FeatureFraction = 1 };

    [Theory]
    [InlineData(3_000, 1)] // the sample is all rows
    [InlineData(3_000, 700)]
    [InlineData(230_000, 100_000)] // LightGBM samples 200,000 of them
    public void Finish_RowsInBlocks_IsTheSetThatCreateMakes(int rows, int block)
    {
        (double[] values, float[] labels, float[] weights) = Rows(rows);
        using var whole = LightGbmDataset.Create(values, rows, Columns, labels, weights, Names, Parameters);

        using LightGbmDataset built = Build(values, labels, weights, block);

        Assert.Equal((rows, Columns), (built.Rows, built.Columns));
        Assert.Equal(Train(whole), Train(built));
    }

    [Fact]
    public void Push_WithMoreThreadsThanItWasBegunWith_KeepsEveryRow()
    {
        // The sparse columns have a buffer a thread: a set begun for one thread must take rows from two.
        (double[] values, float[] labels, _) = Rows(20_000);
        using var whole = LightGbmDataset.Create(values, 20_000, Columns, labels, [], Names, Parameters);
        using var builder = new LightGbmDatasetBuilder(20_000, Names, Parameters with { Threads = 1 });
        Sample(builder, values, 20_000);
        using var other = LightGbmDataset.Create([1, 2], 2, 1, [0, 1], [], ["x"], Parameters with { Threads = 16 });

        builder.Push(values);
        using LightGbmDataset built = builder.Finish(labels, []);

        Assert.Equal(Train(whole, threads: 2), Train(built, threads: 2));
    }

    [Fact]
    public void Finish_ValidationInBlocks_MeasuresAsTheSetThatCreateMakes()
    {
        (double[] values, float[] labels, float[] weights) = Rows(3_000);
        (double[] unseen, float[] unseenLabels, _) = Rows(1_000, seed: 2);
        using var train = LightGbmDataset.Create(values, 3_000, Columns, labels, weights, Names, Parameters);
        using var whole = LightGbmDataset.Create(unseen, 1_000, Columns, unseenLabels, [], Names, Parameters, train);
        using var builder = new LightGbmDatasetBuilder(train, 1_000, Parameters);
        Assert.True(builder.SampleRows.IsEmpty);
        builder.Push(unseen.AsSpan(0, 300 * Columns));
        builder.Push(unseen.AsSpan(300 * Columns));
        using LightGbmDataset built = builder.Finish(unseenLabels, []); // the training set has weights, this one has none

        using LightGbmBooster booster = LightGbmBooster.Create(train, Parameters);
        booster.AddValidation(whole);
        booster.AddValidation(built);
        for (int i = 0; i < 20; i++)
        {
            Assert.False(booster.Update());
            Assert.Equal(booster.Evaluate(1), booster.Evaluate(2));
        }

        double[] ofValues = [.. booster.PredictRaw(unseen, 1_000, Columns).Select(score => 1 / (1 + Math.Exp(-score)))];
        Assert.Equal(ofValues, booster.Predictions(2), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(booster.Predictions(1), booster.Predictions(2));
    }

    [Fact]
    public void Subset_OfSomeRows_TrainsAsThoseRowsBinnedAlike()
    {
        (double[] values, float[] labels, float[] weights) = Rows(3_000);
        using var all = LightGbmDataset.Create(values, 3_000, Columns, labels, weights, Names, Parameters);
        int[] some = [.. Enumerable.Range(0, 3_000).Where(row => row % 3 != 1)];
        using var builder = new LightGbmDatasetBuilder(all, some.Length, Parameters);
        builder.Push([.. some.SelectMany(row => values[(row * Columns)..((row + 1) * Columns)])]);
        using LightGbmDataset pushed = builder.Finish([.. some.Select(row => labels[row])], [.. some.Select(row => weights[row])]);

        using LightGbmDataset subset = all.Subset(some);
        string whole = Train(all);
        all.Dispose();

        Assert.Equal(some.Length, subset.Rows);
        Assert.Equal(Train(pushed), Train(subset));
        Assert.NotEqual(whole, Train(subset));
    }

    [Fact]
    public void SetAnswers_OtherLabelsAndNoWeights_TrainsAsASetMadeWithThem()
    {
        (double[] values, float[] labels, float[] weights) = Rows(3_000);
        float[] others = [.. labels.Select(label => 1 - label)];
        using var made = LightGbmDataset.Create(values, 3_000, Columns, others, [], Names, Parameters);
        using var changed = LightGbmDataset.Create(values, 3_000, Columns, labels, weights, Names, Parameters);

        changed.SetAnswers(others, []);

        Assert.Equal(Train(made), Train(changed));
        Assert.Contains("labels must have 3000 entries (one a row), has 1",
            Assert.Throws<ArgumentException>(() => changed.SetAnswers([1], [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Push_OutOfTurnOrTooMany_SaysWhatIsMissing()
    {
        using var builder = new LightGbmDatasetBuilder(3, ["x", "y"], Parameters);

        Assert.Equal([0, 1, 2], builder.SampleRows.ToArray());
        Assert.Contains("Only 0 of 3 rows of the sample were added",
            Assert.Throws<InvalidOperationException>(() => builder.Push([1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("A row has 2 values; 3 values are no whole number",
            Assert.Throws<ArgumentException>(() => builder.AddSample([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("row 0, column 1 is infinite",
            Assert.Throws<ArgumentException>(() => builder.AddSample([1, double.PositiveInfinity])).Message, StringComparison.Ordinal);
        builder.AddSample([1, 2, 3, 4]);
        Assert.Contains("There are 3 rows of the sample; 2 after 2 are too many",
            Assert.Throws<ArgumentException>(() => builder.AddSample([5, 6, 7, 8])).Message, StringComparison.Ordinal);
        builder.AddSample([5, 6]);
        builder.Push([1, 2]);
        Assert.Contains("1 of 3 rows were pushed", Assert.Throws<InvalidOperationException>(() => builder.Finish([0, 1, 0], [])).Message, StringComparison.Ordinal);
        Assert.Contains("row 1, column 0 is infinite",
            Assert.Throws<ArgumentException>(() => builder.Push([double.NegativeInfinity, 4])).Message, StringComparison.Ordinal);
        builder.Push([3, 4, 5, 6]);
        Assert.Contains("There are 3 rows; 1 after 3 are too many",
            Assert.Throws<ArgumentException>(() => builder.Push([7, 8])).Message, StringComparison.Ordinal);
        Assert.Contains("The label of row 2 must be 0 or 1, was 2",
            Assert.Throws<ArgumentException>(() => builder.Finish([0, 1, 2], [])).Message, StringComparison.Ordinal);
        using LightGbmDataset built = builder.Finish([0, 1, 0], []);
        Assert.Equal(3, built.Rows);
        Assert.Throws<InvalidOperationException>(() => builder.Finish([0, 1, 0], []));
    }

    private static (double[] Values, float[] Labels, float[] Weights) Rows(int rows, int seed = 1)
    {
        var random = new Random(seed);
        var values = new double[rows * Columns];
        var labels = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            Span<double> x = values.AsSpan(row * Columns, Columns);
            x[0] = random.NextDouble();
            x[1] = random.Next(20) == 0 ? random.NextDouble() : 0;
            x[2] = random.Next(10) == 0 ? random.NextDouble() : double.NaN;
            x[3] = 4;
            x[4] = random.Next(3) == 0 ? 1e-40 : random.Next(5);
            labels[row] = x[0] + x[1] > 0.7 || x[2] > 0.5 ? 1 : 0;
        }

        return (values, labels, [.. labels.Select((label, row) => label + 1 + (row % 3))]);
    }

    private static LightGbmDataset Build(double[] values, float[] labels, float[] weights, int block)
    {
        using var builder = new LightGbmDatasetBuilder(labels.Length, Names, Parameters);
        Sample(builder, values, block);
        for (int row = 0; row < labels.Length; row += block)
        {
            builder.Push(values.AsSpan(row * Columns, Math.Min(block, labels.Length - row) * Columns));
        }

        return builder.Finish(labels, weights);
    }

    private static void Sample(LightGbmDatasetBuilder builder, double[] values, int block)
    {
        foreach (int[] rows in builder.SampleRows.ToArray().Chunk(block))
        {
            builder.AddSample([.. rows.SelectMany(row => new ArraySegment<double>(values, row * Columns, Columns))]);
        }
    }

    private static string Train(LightGbmDataset dataset, int threads = 0)
    {
        LightGbmParameters parameters = Parameters with { Threads = threads };
        using LightGbmBooster booster = LightGbmBooster.Create(dataset, parameters);
        for (int i = 0; i < 10; i++)
        {
            Assert.False(booster.Update());
        }

        return booster.SaveModelText();
    }
}
