using System.Text;
using Auspex.Core.Predictions;
using Auspex.Models.Calibration;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests;

public sealed class ModelHeadTests
{
    [Fact]
    public void FailureHead_Scores_GivesCalibratedProbabilitiesAndTime()
    {
        FailureHead head = Heads.Failure();
        double[] scores = [Math.Log(0.55 / 0.45), 1.875, 0, 40]; // the first lies half way between two knots, the second becomes 0

        Assert.Equal(0.625, head.ComponentProbability(0, scores), 1e-12);
        Assert.Equal(0.5, head.ComponentProbability(1, scores), 1e-12);
        Assert.Equal(0.5, head.ComponentProbability(2, scores), 1e-12);
        Assert.Equal(1 - (0.375 * 0.5 * 0.5), head.Probability(scores), 1e-12);
        Assert.Equal((40 - 8.5, 40, 43), head.TimeToFailure(scores)); // half way between knots 20 and 60
        Assert.Equal((88, 100, 100), head.TimeToFailure([0, 0, 0, 1e300]));
        Assert.Equal((0, 0, 2), head.TimeToFailure([0, 0, 0, -1e300]));
    }

    [Fact]
    public void FailureHead_ExclusiveComponents_AreASoftmaxOverNoFailureAndThem()
    {
        var head = new FailureHead([new SigmoidCalibration(2, 1), new NoCalibration()], null, exclusive: true);
        double[] scores = [0.5, -1]; // odds against no failure: e^2 and e^-1
        double all = 1 + Math.Exp(2) + Math.Exp(-1);

        Assert.Equal(Math.Exp(2) / all, head.ComponentProbability(0, scores), 1e-15);
        Assert.Equal(Math.Exp(-1) / all, head.ComponentProbability(1, scores), 1e-15);
        Assert.Equal(1 - (1 / all), head.Probability(scores), 1e-15);
        // What overflows is 0 or 1, never NaN; small probabilities keep their digits.
        Assert.Equal((0.0, 1.0, 1.0), (head.ComponentProbability(0, [-1e300, 1e300]), head.ComponentProbability(1, [-1e300, 1e300]), head.Probability([-1e300, 1e300])));
        Assert.Equal(2 * Math.Exp(-60), new FailureHead([new NoCalibration(), new NoCalibration()], null, exclusive: true).Probability([-60, -60]), 1e-38);
        Assert.False(head.IsPlain);
        Assert.Contains("isotonic", Assert.Throws<ModelFormatException>(() =>
            new FailureHead([new IsotonicCalibration([0.1, 0.2], [0.1, 0.2])], null, exclusive: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LifeHead_Score_IsClippedWithItsInterval()
    {
        LifeHead head = Heads.Life();

        Assert.Equal(125, head.RemainingUsefulLife(1000));
        Assert.Equal((113, 125), head.Interval(1000));
        Assert.Equal((0, 2), head.Interval(-1000));
        Assert.Equal(1 - (12 / 125.0), head.Intervals!.Confidence(125));
        Assert.Null(new LifeHead(null, null).Interval(3));
    }

    [Fact]
    public void Read_ModelWithAHead_IsTheModelWritten()
    {
        var random = new Random(9);
        foreach (ModelHead head in (ModelHead[])[Heads.Failure(), Heads.Life(), new FailureHead([new NoCalibration()], Heads.Intervals(100)),
            new FailureHead([new SigmoidCalibration(2, 1), new NoCalibration()], null), new FailureHead([new SigmoidCalibration(2, 1), new NoCalibration()], Heads.Intervals(100), exclusive: true), new LifeHead(80, null), new LifeHead(null, Heads.Intervals(null))])
        {
            var model = new OnnxModel(RandomTrees.Ensemble(random, targets: head.TargetCount), head, "m", "v1.0.0");
            byte[] bytes = OnnxModelWriter.Write(model);
            OnnxModel back = OnnxModelReader.Read(bytes);

            Assert.Equal(bytes, OnnxModelWriter.Write(back));
            Assert.Equal(OnnxHeadText.Write(head), OnnxHeadText.Write(back.Head));
        }
    }

    [Fact]
    public void Write_PlainHead_AddsNothingToTheFile()
    {
        TreeEnsemble ensemble = RandomTrees.Ensemble(new Random(2), targets: 2);

        byte[] bytes = OnnxModelWriter.Write(new OnnxModel(ensemble, new FailureHead([new NoCalibration(), new NoCalibration()], null), "m", "v1.0.0"));

        Assert.Equal(OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.Failure, "m", "v1.0.0")), bytes);
        Assert.DoesNotContain("auspex.head", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"intercept\":-1.5", "\"intercept\":-1.6", "initializer")]
    [InlineData("\"slope\":0.8", "\"slope\":-.8", "auspex.head is not readable")]
    [InlineData("\"slope\":0.8", "\"slope\":-88", "needed are finite numbers, the slope not negative")]
    [InlineData("\"kind\":\"sigmoid\"", "\"kind\":\"sigmoit\"", "auspex.head is not readable")]
    [InlineData("\"slope\":0.8", "\"slopes\":08", "auspex.head is not readable")]
    [InlineData("0.0005,0.5", "0.9005,0.5", "knot 1 is (0.2, 0.5)")]
    [InlineData("\"cap\":100", "\"cap\":-10", "cap is -10")]
    [InlineData("\"cap\":100", "\"cap\":101", "initializer")]
    [InlineData("\"knots\":[0,20,60]", "\"knots\":[0,20,10]", "knot 2 is 10")]
    [InlineData("\"lower\":[-1,-5", "\"lower\":[1.,-5", "auspex.head is not readable")]
    public void Read_HeadThatIsNotThatOfTheGraph_IsRefused(string good, string bad, string expected)
    {
        Assert.Equal(good.Length, bad.Length);
        byte[] bytes = OnnxModelWriter.Write(new OnnxModel(RandomTrees.Ensemble(new Random(3), targets: 4), Heads.Failure(), "m", "v1.0.0"));
        int at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(good));
        Assert.True(at >= 0, good);
        Encoding.UTF8.GetBytes(bad).CopyTo(bytes.AsSpan(at));

        Assert.Contains(expected, Assert.Throws<ModelFormatException>(() => OnnxModelReader.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_HeadOutOfItsRules_IsRefused()
    {
        Assert.Throws<ModelFormatException>(() => new FailureHead([], null));
        Assert.Throws<ModelFormatException>(() => new FailureHead([new NoCalibration()], Heads.Intervals(null)));
        Assert.Throws<ModelFormatException>(() => new LifeHead(-1, null));
        Assert.Throws<ModelFormatException>(() => new LifeHead(125, Heads.Intervals(100)));
        Assert.Throws<ArgumentException>(() => OnnxModelWriter.Write(
            new OnnxModel(RandomTrees.Ensemble(new Random(3), targets: 3), Heads.Failure(), "m", "v1.0.0")));
    }
}
