using Auspex.Native.LightGbm;

namespace Auspex.Native.Tests.LightGbm;

public sealed class LightGbmBoosterTests
{
    private const int Rows = 2_000;
    private const int Columns = 4;

    [Fact]
    public void Update_SimpleRule_IsLearned()
    {
        using LightGbmBooster booster = Train(Rule(seed: 1), new LightGbmParameters(), iterations: 50);
        (double[] values, float[] labels) = Rule(seed: 2);

        double[] scores = booster.PredictRaw(values, Rows, Columns);

        int right = scores.Where((score, row) => score > 0 == labels[row] > 0).Count();
        Assert.True(right > 0.97 * Rows, $"{right} of {Rows} unseen rows are on the right side");
    }

    [Fact]
    public void Update_OneTreeOfRegression_LeavesAreShrunkenMeans()
    {
        // Two groups of 50 rows with labels 10 and 20: the start is their mean 15, one split halves them, and a leaf moves
        // learningRate × (group mean − 15), by the definition of gradient boosting with squared error.
        double[] values = [.. Enumerable.Range(0, 100).Select(i => i < 50 ? 0.0 : 1.0)];
        float[] labels = [.. values.Select(v => v == 0 ? 10f : 20f)];
        var parameters = new LightGbmParameters
        {
            Objective = LightGbmObjective.Regression,
            LearningRate = 0.1,
            FeatureFraction = 1,
            BaggingFreq = 0,
            BaggingFraction = 1,
        };
        using var train = LightGbmDataset.Create(values, 100, 1, labels, [], ["x"], parameters);
        using LightGbmBooster booster = LightGbmBooster.Create(train, parameters);

        bool finished = booster.Update();

        Assert.False(finished);
        Assert.Equal([14.5, 15.5], booster.PredictRaw([0.0, 1.0], 2, 1), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Update_NothingToSplit_SaysFinished()
    {
        double[] values = [.. Enumerable.Repeat(1.0, 100)];
        float[] labels = [.. Enumerable.Range(0, 100).Select(i => (float)(i % 2))];
        var parameters = new LightGbmParameters();
        using var train = LightGbmDataset.Create(values, 100, 1, labels, [], ["x"], parameters);
        using LightGbmBooster booster = LightGbmBooster.Create(train, parameters);

        Assert.True(booster.Update());
    }

    [Fact]
    public void Update_SameSeedTwice_GivesSameText()
    {
        var parameters = new LightGbmParameters { Seed = 7, Threads = 2 };
        using LightGbmBooster first = Train(Rule(seed: 1), parameters, iterations: 30);
        using LightGbmBooster second = Train(Rule(seed: 1), parameters, iterations: 30);
        using LightGbmBooster other = Train(Rule(seed: 1), parameters with { Seed = 8 }, iterations: 30);

        Assert.Equal(first.SaveModelText(), second.SaveModelText());
        Assert.NotEqual(Trees(first), Trees(other));
    }

    [Theory]
    [InlineData(LightGbmObjective.Binary)]
    [InlineData(LightGbmObjective.Regression)]
    public void Update_OneOrTwoThreads_GivesSameTrees(LightGbmObjective objective)
    {
        // 20,000 rows, so that LightGBM really splits the work: it works in blocks of at least 512 or 1024 rows a thread.
        (double[], float[]) rule = Rule(seed: 1, rows: 20_000);
        var parameters = new LightGbmParameters { Seed = 7, Objective = objective, Threads = 1 };
        using LightGbmBooster one = Train(rule, parameters, iterations: 40);
        using LightGbmBooster two = Train(rule, parameters with { Threads = 2 }, iterations: 40);
        using LightGbmBooster three = Train(rule, parameters with { Threads = 3 }, iterations: 40);

        Assert.Equal(Trees(one), Trees(two));
        Assert.Equal(Trees(one), Trees(three));
    }

    [Fact]
    public void Evaluate_Validation_AgreesWithOwnComputation()
    {
        var parameters = new LightGbmParameters { Metric = LightGbmMetric.LogLoss };
        (double[] values, float[] labels) = Rule(seed: 1);
        (double[] unseen, float[] unseenLabels) = Rule(seed: 2);
        using var train = LightGbmDataset.Create(values, Rows, Columns, labels, [], Names, parameters);
        using var validation = LightGbmDataset.Create(unseen, Rows, Columns, unseenLabels, [], Names, parameters, train);
        using LightGbmBooster booster = LightGbmBooster.Create(train, parameters);
        booster.AddValidation(validation);
        for (int i = 0; i < 20; i++)
        {
            Assert.False(booster.Update());
        }

        Assert.Equal(LogLoss(booster.PredictRaw(values, Rows, Columns), labels), Assert.Single(booster.Evaluate(0)), 1e-6);
        Assert.Equal(LogLoss(booster.PredictRaw(unseen, Rows, Columns), unseenLabels), Assert.Single(booster.Evaluate(1)), 1e-6);
        Assert.Equal(20, booster.Iterations);
    }

    [Fact]
    public void Evaluate_Weights_CountInTheMean()
    {
        var parameters = new LightGbmParameters { Metric = LightGbmMetric.LogLoss };
        (double[] values, float[] labels) = Rule(seed: 1);
        float[] weights = [.. labels.Select((label, row) => label * 3 + (row % 5))];
        using var train = LightGbmDataset.Create(values, Rows, Columns, labels, weights, Names, parameters);
        using LightGbmBooster booster = LightGbmBooster.Create(train, parameters);
        Assert.False(booster.Update());

        Assert.Equal(LogLoss(booster.PredictRaw(values, Rows, Columns), labels, weights), booster.Evaluate(0)[0], 1e-6);
    }

    [Fact]
    public void FromModelText_SavedText_PredictsBitForBit()
    {
        using LightGbmBooster booster = Train(Rule(seed: 1), new LightGbmParameters(), iterations: 50);
        (double[] values, _) = Rule(seed: 2);
        values[3] = double.NaN;

        using LightGbmBooster read = LightGbmBooster.FromModelText(booster.SaveModelText());
        using LightGbmBooster firstTen = LightGbmBooster.FromModelText(booster.SaveModelText(10));

        double[] expected = booster.PredictRaw(values, Rows, Columns);
        Assert.Equal(expected, read.PredictRaw(values, Rows, Columns));
        Assert.Equal(booster.PredictRaw(values, Rows, Columns, 10), firstTen.PredictRaw(values, Rows, Columns));
        Assert.NotEqual(expected, firstTen.PredictRaw(values, Rows, Columns));
        Assert.Equal((50, 10, Columns), (read.Iterations, firstTen.Iterations, read.Columns));
    }

    [Fact]
    public void FromModelText_NoModel_IsRefusedWithLightGbmsMessage()
    {
        var error = Assert.Throws<LightGbmException>(() => LightGbmBooster.FromModelText("not a model"));

        Assert.Contains("doesn't specify the number of classes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Update_ReadFromText_IsRefused()
    {
        using LightGbmBooster booster = Train(Rule(seed: 1), new LightGbmParameters(), iterations: 2);
        using LightGbmBooster read = LightGbmBooster.FromModelText(booster.SaveModelText());

        Assert.Throws<InvalidOperationException>(() => read.Update());
        Assert.Throws<InvalidOperationException>(() => read.Evaluate(0));
    }

    [Fact]
    public void PredictRaw_MissingValue_GoesItsOwnWay()
    {
        // Missing means 1, 0.5 means 0, and everything else is noise: only a model that tells NaN from numbers learns it.
        double[] values = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? double.NaN : i % 4 == 1 ? 0.2 : 0.8)];
        float[] labels = [.. values.Select(v => double.IsNaN(v) ? 1f : 0f)];
        var parameters = new LightGbmParameters { FeatureFraction = 1 };
        using var train = LightGbmDataset.Create(values, 400, 1, labels, [], ["x"], parameters);
        using LightGbmBooster booster = LightGbmBooster.Create(train, parameters);
        for (int i = 0; i < 20; i++)
        {
            Assert.False(booster.Update());
        }

        double[] scores = booster.PredictRaw([double.NaN, 0.2, 0.8], 3, 1);

        Assert.True(scores[0] > 1 && scores[1] < -1 && scores[2] < -1, string.Join(' ', scores));
    }

    [Fact]
    public void PredictRaw_WrongShape_SaysBothNumbers()
    {
        using LightGbmBooster booster = Train(Rule(seed: 1), new LightGbmParameters(), iterations: 2);

        var columns = Assert.Throws<ArgumentException>(() => booster.PredictRaw(new double[6], 2, 3));
        var length = Assert.Throws<ArgumentException>(() => booster.PredictRaw(new double[7], 2, Columns));
        Assert.Throws<ArgumentOutOfRangeException>(() => booster.PredictRaw(new double[Columns], 1, Columns, iterations: 0));

        Assert.Contains("takes 4 columns, the rows have 3", columns.Message, StringComparison.Ordinal);
        Assert.Contains("are 8 values, given are 7", length.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dispose_DatasetsBeforeBooster_BoosterGoesOn()
    {
        var parameters = new LightGbmParameters();
        (double[] values, float[] labels) = Rule(seed: 1);
        var train = LightGbmDataset.Create(values, Rows, Columns, labels, [], Names, parameters);
        var validation = LightGbmDataset.Create(values, Rows, Columns, labels, [], Names, parameters, train);
        LightGbmBooster booster = LightGbmBooster.Create(train, parameters);
        booster.AddValidation(validation);

        train.Dispose();
        validation.Dispose();

        Assert.False(train.Handle.IsFreed || validation.Handle.IsFreed); // closed for callers, alive for the booster
        Assert.False(booster.Update());
        Assert.True(booster.Evaluate(1)[0] > 0.9);
        booster.Dispose();
        Assert.True(train.Handle.IsFreed && validation.Handle.IsFreed);
        Assert.Throws<ObjectDisposedException>(() => booster.Update());
        Assert.Throws<ObjectDisposedException>(() => LightGbmBooster.Create(train, parameters));
    }

    [Fact]
    public void Dispose_ManyLeftToTheFinalizer_ProcessLives()
    {
        for (int i = 0; i < 50; i++)
        {
            TrainAndForget();
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        using LightGbmBooster booster = Train(Rule(seed: 1), new LightGbmParameters(), iterations: 2);
        Assert.Equal(2, booster.Iterations);
    }

    [Fact]
    public async Task PredictRaw_FromManyThreads_GivesTheSame()
    {
        using LightGbmBooster booster = Train(Rule(seed: 1), new LightGbmParameters { Threads = 1 }, iterations: 30);
        (double[] values, _) = Rule(seed: 2);
        double[] expected = booster.PredictRaw(values, Rows, Columns);

        double[][] scores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => booster.PredictRaw(values, Rows, Columns))));

        Assert.All(scores, found => Assert.Equal(expected, found));
    }

    private static readonly string[] Names = ["hz1 \"pv\"", "hz1:pv", "größe", "x"];

    /// <summary>Label 1 when column 0 is above 0.6, or column 1 below 0.2; the other columns are noise.</summary>
    private static (double[] Values, float[] Labels) Rule(int seed, int rows = Rows)
    {
        var random = new Random(seed);
        var values = new double[rows * Columns];
        var labels = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            Span<double> x = values.AsSpan(row * Columns, Columns);
            for (int column = 0; column < Columns; column++)
            {
                x[column] = random.NextDouble();
            }

            labels[row] = x[0] > 0.6 || x[1] < 0.2 ? 1 : 0;
        }

        return (values, labels);
    }

    private static LightGbmBooster Train((double[] Values, float[] Labels) rule, LightGbmParameters parameters, int iterations)
    {
        using var train = LightGbmDataset.Create(rule.Values, rule.Labels.Length, Columns, rule.Labels, [], Names, parameters);
        LightGbmBooster booster = LightGbmBooster.Create(train, parameters);
        for (int i = 0; i < iterations; i++)
        {
            Assert.False(booster.Update());
        }

        return booster;
    }

    private static void TrainAndForget()
    {
        (double[] values, float[] labels) = Rule(seed: 3, rows: 100);
        LightGbmBooster booster = LightGbmBooster.Create(
            LightGbmDataset.Create(values, 100, Columns, labels, [], Names, new LightGbmParameters()), new LightGbmParameters());
        Assert.False(booster.Update());
    }

    /// <summary>The model text up to its list of parameters, which names the seed and the threads.</summary>
    private static string Trees(LightGbmBooster booster)
    {
        string text = booster.SaveModelText();
        int end = text.IndexOf("end of trees", StringComparison.Ordinal);
        Assert.True(end > 0);
        return text[..end];
    }

    private static double LogLoss(double[] scores, float[] labels, float[]? weights = null)
    {
        double sum = 0;
        double total = 0;
        for (int row = 0; row < scores.Length; row++)
        {
            double p = 1 / (1 + Math.Exp(-scores[row]));
            double weight = weights?[row] ?? 1;
            sum -= weight * Math.Log(labels[row] > 0 ? p : 1 - p);
            total += weight;
        }

        return sum / total;
    }
}
