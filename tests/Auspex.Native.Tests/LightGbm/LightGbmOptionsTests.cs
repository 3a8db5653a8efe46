using System.Globalization;
using Auspex.Native.LightGbm;

namespace Auspex.Native.Tests.LightGbm;

/// <summary>That each option really acts on what is trained.</summary>
public sealed class LightGbmOptionsTests
{
    private const int Rows = 4_000;
    private const int Columns = 3;

    [Theory]
    [InlineData(LightGbmMonotoneMethod.Basic)]
    [InlineData(LightGbmMonotoneMethod.Advanced)]
    public void MonotoneConstraints_NoisyWave_PredictionsOnlyRiseAndFall(LightGbmMonotoneMethod method)
    {
        // The truth goes up and down with column 0 and column 1; the constraint allows up with 0 and down with 1.
        static double Truth(double x, double y) => (2 * x) + Math.Sin(12 * x) - y - Math.Cos(9 * y);
        var free = new LightGbmParameters { Objective = LightGbmObjective.Regression, FeatureFraction = 1 };
        (double[] values, float[] labels) = Data((x, random) => Truth(x[0], x[1]) + (0.1 * random.NextDouble()));
        using LightGbmBooster unbound = Train(values, labels, free, 100);
        using LightGbmBooster bound = Train(values, labels, free with { MonotoneConstraints = [1, -1, 0], MonotoneMethod = method }, 100);

        Assert.True(LargestFall(unbound, column: 0) > 0.3);
        Assert.True(LargestFall(unbound, column: 1, sign: -1) > 0.3);
        Assert.Equal(0, LargestFall(bound, column: 0));
        Assert.Equal(0, LargestFall(bound, column: 1, sign: -1));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.9)]
    public void Quantile_NoiseThatGrowsWithTheValue_CoversItsShareEverywhere(double alpha)
    {
        static double Label(double[] x, Random random) => x[0] * (1 + random.NextDouble());
        (double[] values, float[] labels) = Data(Label);
        (double[] unseen, float[] unseenLabels) = Data(Label, seed: 2);
        using LightGbmBooster booster = Train(values, labels, new LightGbmParameters
        {
            Objective = LightGbmObjective.Quantile,
            Alpha = alpha,
            FeatureFraction = 1,
            MinDataInLeaf = 100,
        }, 100);

        double[] bound = booster.PredictRaw(unseen, Rows, Columns);

        Assert.InRange(unseenLabels.Where((label, row) => label <= bound[row]).Count() / (double)Rows, alpha - 0.04, alpha + 0.04);
        // The truth is x (1 + alpha): in the middle as at the ends, not only on average.
        Assert.InRange(bound.Where((_, row) => unseen[row * Columns] is > 0.45 and < 0.55).Average(), 0.5 * (0.93 + alpha), 0.5 * (1.07 + alpha));
        // The metric is the pinball loss, by its definition.
        double[] seen = booster.PredictRaw(values, Rows, Columns);
        Assert.Equal(seen.Select((p, row) => (labels[row] - p) * (labels[row] >= p ? alpha : alpha - 1)).Average(), booster.Evaluate(0)[0], 1e-6);
    }

    [Fact]
    public void Multiclass_ThreeClasses_OneScoreAClassAndProbabilitiesThatSumToOne()
    {
        (double[] values, float[] labels) = Data((x, _) => x[0] < 0.3 ? 0 : x[1] < 0.5 ? 1 : 2);
        var parameters = new LightGbmParameters { Objective = LightGbmObjective.Multiclass, ClassCount = 3, FeatureFraction = 1 };
        using LightGbmBooster booster = Train(values, labels, parameters, 30);
        using LightGbmBooster read = LightGbmBooster.FromModelText(booster.SaveModelText());

        double[] raw = booster.PredictRaw(values, Rows, Columns);
        double[] probabilities = booster.Predictions(0);

        Assert.Equal((3, 3, Rows * 3), (booster.Outputs, read.Outputs, raw.Length));
        Assert.Equal(raw, read.PredictRaw(values, Rows, Columns));
        double loss = 0;
        int right = 0;
        for (int row = 0; row < Rows; row++)
        {
            double[] scores = raw[(row * 3)..((row + 1) * 3)];
            double[] softmax = [.. scores.Select(score => Math.Exp(score) / scores.Sum(Math.Exp))];
            Assert.Equal(softmax, probabilities[(row * 3)..((row + 1) * 3)], (a, b) => Math.Abs(a - b) < 1e-9);
            loss -= Math.Log(softmax[(int)labels[row]]) / Rows;
            right += Array.IndexOf(scores, scores.Max()) == (int)labels[row] ? 1 : 0;
        }

        Assert.True(right > 0.98 * Rows, $"{right} of {Rows} rows have the highest score at their class");
        Assert.Equal(loss, Assert.Single(booster.Evaluate(0)), 1e-6);
    }

    [Fact]
    public void RandomForest_Trees_AreAveragedNotSummed()
    {
        (double[] values, float[] labels) = Data((x, _) => x[0] > 0.5 ? 20 : 10);
        var parameters = new LightGbmParameters { Objective = LightGbmObjective.Regression, Boosting = LightGbmBoosting.RandomForest, BaggingFreq = 1 };
        using LightGbmBooster booster = Train(values, labels, parameters, 40);
        using LightGbmBooster read = LightGbmBooster.FromModelText(booster.SaveModelText());

        double[] forest = booster.PredictRaw([0.1, 0.5, 0.5, 0.9, 0.5, 0.5], 2, Columns);

        // Each tree sees the step by itself, wherever it may look at the column: the mean stays between the labels and does not grow.
        Assert.InRange(forest[0], 9.999, 13);
        Assert.InRange(forest[1], 17, 20.001);
        Assert.Equal(forest, read.PredictRaw([0.1, 0.5, 0.5, 0.9, 0.5, 0.5], 2, Columns));
        double[] single = [.. Enumerable.Range(1, 3).Select(trees => booster.PredictRaw([0.1, 0.5, 0.5], 1, Columns, trees)[0])];
        Assert.All(single, mean => Assert.InRange(mean, 9.999, 15));
        Assert.Equal(forest[0], booster.PredictRaw([0.1, 0.5, 0.5], 1, Columns, iterations: 4_000)[0]);
        Assert.Equal(booster.PredictRaw(values, Rows, Columns), booster.Predictions(0), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void IsUnbalance_OneInTwenty_ScoresAreLiftedToEvenOdds()
    {
        // Labels that no column tells of: the scores stay at the log odds of the labels, ln(1/19), and go to 0 where both sides weigh the same.
        (double[] values, _) = Data((_, _) => 0);
        float[] labels = [.. Enumerable.Range(0, Rows).Select(row => row % 20 == 0 ? 1f : 0f)];
        var parameters = new LightGbmParameters { MinDataInLeaf = 800, LearningRate = 0.3 };
        double Mean(LightGbmParameters p)
        {
            using LightGbmBooster booster = Train(values, labels, p, 60);
            return booster.PredictRaw(values, Rows, Columns).Average();
        }

        Assert.Equal(Math.Log(1 / 19.0), Mean(parameters), 0.1);
        Assert.Equal(0, Mean(parameters with { IsUnbalance = true }), 0.1);
        Assert.Equal(Mean(parameters with { IsUnbalance = true }), Mean(parameters with { ScalePosWeight = 19 }));
    }

    [Fact]
    public void PenaltiesAndDraws_EachByItself_ChangeTheTreesTheirWay()
    {
        (double[] values, float[] labels) = Data((x, random) => x[0] + (0.5 * x[1]) + (0.3 * random.NextDouble()));
        var plain = new LightGbmParameters { Objective = LightGbmObjective.Regression, FeatureFraction = 1, BaggingFraction = 1, BaggingFreq = 0, LearningRate = 1, NumLeaves = 200, MaxDepth = -1 };
        int Leaves(LightGbmParameters p) => Text(values, labels, p, 1).Split("leaf_count=")[1].Split('\n')[0].Split(' ').Length;
        int Thresholds(LightGbmParameters p) =>
            Text(values, labels, p, 30).Split('\n').Where(line => line.StartsWith("threshold=", StringComparison.Ordinal)).SelectMany(line => line[10..].Split(' ')).Distinct().Count();
        double Spread(LightGbmParameters p)
        {
            double[] leaves = [.. Text(values, labels, p, 1).Split("leaf_value=")[1].Split('\n')[0].Split(' ').Select(leaf => double.Parse(leaf, CultureInfo.InvariantCulture))];
            return leaves.Max() - leaves.Min();
        }

        Assert.True(Leaves(plain with { MinGainToSplit = 1 }) < Leaves(plain) / 2);
        Assert.True(Spread(plain with { LambdaL1 = 10 }) < 0.8 * Spread(plain));
        Assert.True(Spread(plain with { LambdaL2 = 50 }) < 0.8 * Spread(plain));
        Assert.True(Spread(plain with { PathSmooth = 10_000 }) < 0.5 * Spread(plain));
        // Eight bins have seven borders a column; a 3-column model can name no more than 21 thresholds.
        Assert.InRange(Thresholds(plain with { MaxBin = 8 }), 8, 21);
        Assert.True(Thresholds(plain) > 100);
        string trees = Trees(values, labels, plain);
        Assert.NotEqual(trees, Trees(values, labels, plain with { ExtraTrees = true }));
        Assert.NotEqual(trees, Trees(values, labels, plain with { FeatureFractionByNode = 0.4 }));
    }

    private static (double[] Values, float[] Labels) Data(Func<double[], Random, double> label, int seed = 1)
    {
        var random = new Random(seed);
        var values = new double[Rows * Columns];
        var labels = new float[Rows];
        for (int row = 0; row < Rows; row++)
        {
            double[] x = [random.NextDouble(), random.NextDouble(), random.NextDouble()];
            x.CopyTo(values, row * Columns);
            labels[row] = (float)label(x, random);
        }

        return (values, labels);
    }

    // How far the score falls (rises for sign -1) along one column from a height it had reached, on a grid over the others.
    private static double LargestFall(LightGbmBooster booster, int column, int sign = 1)
    {
        double worst = 0;
        foreach (double other in (double[])[0.05, 0.35, 0.65, 0.95])
        {
            double[] rows = [.. Enumerable.Range(0, 200).SelectMany(i => Enumerable.Range(0, Columns).Select(c => c == column ? i / 199.0 : other))];
            double[] scores = booster.PredictRaw(rows, 200, Columns);
            double height = double.NegativeInfinity;
            foreach (double score in scores)
            {
                height = Math.Max(height, sign * score);
                worst = Math.Max(worst, height - (sign * score));
            }
        }

        return worst;
    }

    private static LightGbmBooster Train(double[] values, float[] labels, LightGbmParameters parameters, int iterations)
    {
        using var train = LightGbmDataset.Create(values, Rows, Columns, labels, [], ["x", "y", "noise"], parameters);
        LightGbmBooster booster = LightGbmBooster.Create(train, parameters);
        for (int i = 0; i < iterations; i++)
        {
            Assert.False(booster.Update());
        }

        return booster;
    }

    private static string Text(double[] values, float[] labels, LightGbmParameters parameters, int iterations)
    {
        using LightGbmBooster booster = Train(values, labels, parameters, iterations);
        return booster.SaveModelText();
    }

    private static string Trees(double[] values, float[] labels, LightGbmParameters parameters)
    {
        string text = Text(values, labels, parameters, 5);
        return text[..text.IndexOf("end of trees", StringComparison.Ordinal)];
    }
}
