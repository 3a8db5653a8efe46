using Auspex.Models.Calibration;

namespace Auspex.Models.Tests.Calibration;

public sealed class VennAbersTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void Of_RandomRows_IsTheIsotonicFitWithTheRowAddedAsEachOutcome(int seed, bool weighted)
    {
        var random = new Random(seed);
        for (int repeat = 0; repeat < 60; repeat++)
        {
            int n = 1 + random.Next(40);
            double[] scores = [.. Enumerable.Range(0, n).Select(_ => Math.Round((random.NextDouble() * 6) - 3, repeat % 2))]; // ties
            bool[] positive = Array.ConvertAll(scores, score => random.NextDouble() < 1 / (1 + Math.Exp(-score * (repeat % 3))));
            double[] weights = Array.ConvertAll(scores, _ => weighted ? 0.5 + random.Next(5) : 1.0);
            var table = VennAbers.Fit(new HeldOutScores(scores, positive, weights));

            Assert.Equal(0, table.Error);
            double[] asked = [.. scores, .. scores.Select(score => score + 0.013), -10, 10];
            foreach (double score in asked)
            {
                (double lower, double upper) = table.Of(score);
                Assert.Equal(Naive(scores, positive, weights, score, false), lower, 1e-12);
                Assert.Equal(Naive(scores, positive, weights, score, true), upper, 1e-12);
                Assert.Equal(1 - (upper - lower), table.Confidence(score), 1e-15);
            }
        }
    }

    [Fact]
    public void Fit_ManyRows_KeepsFewStepsThatNeverTellMoreThanTheExactOnes()
    {
        var random = new Random(4);
        double[] scores = [.. Enumerable.Range(0, 50_000).Select(_ => (random.NextDouble() * 8) - 6)];
        bool[] positive = Array.ConvertAll(scores, score => random.NextDouble() < 1 / (1 + Math.Exp(-score)));
        double[] weights = Array.ConvertAll(scores, _ => 0.5 + random.NextDouble());

        var table = VennAbers.Fit(new HeldOutScores(scores, positive, weights));

        Assert.InRange(table.Lower.Count, 100, VennAbers.MaxSteps);
        Assert.InRange(table.Upper.Count, 100, VennAbers.MaxSteps);
        Assert.InRange(table.Error, 1e-9, 0.005);
        for (int i = 0; i < 12; i++)
        {
            double score = (random.NextDouble() * 9) - 6.5;
            (double lower, double upper) = table.Of(score);
            Assert.InRange(Naive(scores, positive, weights, score, false) - lower, -1e-9, table.Error + 1e-9);
            Assert.InRange(upper - Naive(scores, positive, weights, score, true), -1e-9, table.Error + 1e-9);
        }
    }

    public static TheoryData<double[], double[], double, string> Broken => new()
    {
        { [], [], 0, "'lower' has 0 steps" },
        { [1, 1], [0.1, 0.2], 0, "'lower' 1 is 0.2 at score 1" },
        { [1, 2], [0.2, 0.1], 0, "'lower' 1 is 0.1 at score 2" },
        { [1], [1.5], 0, "'lower' 0 is 1.5" },
        { [1], [double.NaN], 0, "'lower' 0 is NaN" },
        { [double.NaN], [0.5], 0, "at score NaN" },
        { [1], [0.5], -1, "the error is -1" },
        { [.. Enumerable.Range(0, 257).Select(i => (double)i)], new double[257], 0, "'lower' has 257 steps; needed are 1 to 256" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void New_BrokenTable_IsRefusedByName(double[] scores, double[] probabilities, double error, string expected) => Assert.Contains(expected,
        Assert.Throws<ModelFormatException>(() => new VennAbers(
            [.. scores.Zip(probabilities, (score, probability) => new VennAbersStep(score, probability))], [new VennAbersStep(0, 1)], error)).Message,
        StringComparison.Ordinal);

    // The definition: isotonic regression (pooling adjacent violators) over the rows and the one added; its value there.
    private static double Naive(double[] scores, bool[] positive, double[] weights, double score, bool outcome)
    {
        var groups = scores.Select((s, i) => (Score: s, Weight: weights[i], Sum: positive[i] ? weights[i] : 0))
            .Append((Score: score, Weight: 1.0, Sum: outcome ? 1.0 : 0)).GroupBy(row => row.Score).OrderBy(group => group.Key)
            .Select(group => (Last: group.Key, Weight: group.Sum(row => row.Weight), Sum: group.Sum(row => row.Sum)));
        var blocks = new List<(double Last, double Weight, double Sum)>();
        foreach (var group in groups)
        {
            (double Last, double Weight, double Sum) next = group;
            while (blocks.Count > 0 && blocks[^1].Sum / blocks[^1].Weight >= next.Sum / next.Weight)
            {
                next = (next.Last, blocks[^1].Weight + next.Weight, blocks[^1].Sum + next.Sum);
                blocks.RemoveAt(blocks.Count - 1);
            }

            blocks.Add(next);
        }

        (double _, double weight, double sum) = blocks.First(block => block.Last >= score);
        return sum / weight;
    }
}
