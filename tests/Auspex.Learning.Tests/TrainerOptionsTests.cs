using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Train;
using Auspex.Models;
using Auspex.Models.Calibration;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Trees;
using Auspex.Native.OnnxRuntime;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests;

/// <summary>Options of the trainer, end to end: what is taught is packaged, passes the parity gate and is judged.</summary>
[Collection("LightGBM")]
public sealed class TrainerOptionsTests
{
    private static readonly TrainingOptions Options = new() { Threads = 2, LiveBudgetTrees = 60, Patience = 10, FoldCount = 3 };

    [Theory]
    [InlineData(PredictionTask.Failure)]
    [InlineData(PredictionTask.RemainingUsefulLife)]
    public void Train_RandomForest_LearnsAndIsPackagedAsTheMeanOfItsTrees(PredictionTask task)
    {
        TrainedModel model = Train(Wear(), task, Options with { Overrides = [("boosting", "rf")] });

        ModelManifest manifest = model.Package.Manifest;
        Assert.Equal("rf", manifest.Training.Parameters["boosting"]);
        Assert.InRange(manifest.Parity.MaxDifference, 0, 1e-9); // of our scorer, ONNX Runtime and LightGBM
        if (task == PredictionTask.Failure)
        {
            Assert.True(model.Report.Metrics.RocAuc > 0.9, $"AUC {model.Report.Metrics.RocAuc}");
            // Log odds of one tree, not the sum of those of a dozen.
            Assert.All(manifest.GoldenRows, row => Assert.InRange(row.Scores[0], -15, 15));
        }
        else
        {
            double[] errors =
            [
                .. model.Judged.Lives.SelectMany(asset => asset.Predicted.Zip(asset.True, (said, was) => Math.Abs(said - was)))
                    .Where(double.IsFinite),
            ];
            Assert.InRange(errors.Average(), 0, 15); // of lives from 0 to 100 h, whose mean would be off by 25
            Assert.All(manifest.GoldenRows, row => Assert.InRange(row.Scores[0], 0, 100));
        }
    }

    [Theory]
    [InlineData("isUnbalance", "true")]
    [InlineData("scalePosWeight", "20")]
    public void Train_WeighedRows_RaiseRawScoresAndLeaveProbabilitiesCalibrated(string name, string value)
    {
        Dataset dataset = Wear();
        TrainedModel plain = Train(dataset, PredictionTask.Failure, Options);
        TrainedModel weighed = Train(dataset, PredictionTask.Failure, Options with { Overrides = [(name, value)] });

        Assert.True(RawOdds(weighed) > RawOdds(plain) + 0.5, $"{RawOdds(weighed)} after {RawOdds(plain)}");
        double positives = Share(weighed, (_, positive) => positive ? 1 : 0);
        double said = Share(weighed, (probability, _) => probability);
        Assert.InRange(said / positives, 0.8, 1.25);
        Assert.InRange(weighed.Report.Metrics.LogLoss, 0, plain.Report.Metrics.LogLoss * 1.5);
        Assert.Equal(value, weighed.Package.Manifest.Training.Parameters[name == "isUnbalance" ? "is_unbalance" : "scale_pos_weight"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Train_MonotoneSignal_NoRiseOfItEverLowersTheRisk(bool constrained)
    {
        Dataset dataset = Hump();
        TrainedModel model = Train(dataset, PredictionTask.Failure, Options with { Monotone = constrained ? [("s0", true)] : [] });

        int fell = 0;
        double[] before = Probabilities(model, dataset);
        foreach (double rise in (double[])[0.5, 3, 20, 60])
        {
            fell += Probabilities(model, Raised(dataset, rise)).Zip(before).Count(pair => pair.First < pair.Second - 1e-12);
        }

        Assert.Equal(constrained, fell == 0);
        Assert.True(before.Max() > before.Min() + 0.05); // it has learned something
    }

    [Fact]
    public void TrainLife_MonotoneSignal_NoRiseOfItEverLengthensTheLife()
    {
        Dataset dataset = Wear();
        TrainedModel model = Train(dataset, PredictionTask.RemainingUsefulLife, Options with { Monotone = [("s0", true)] });

        double[] before = Probabilities(model, dataset);

        Assert.All(Probabilities(model, Raised(dataset, 7)).Zip(before), pair => Assert.True(pair.First <= pair.Second + 1e-9));
        Assert.True(before.Max() > before.Min() + 10);
    }

    [Theory]
    [InlineData(MonotoneRisk.Increasing, false)]
    [InlineData(MonotoneRisk.Decreasing, true)] // what the command line says goes first
    public void Train_MonotoneSignalOfTheDescription_NoRiseOfItEverLowersTheRisk(MonotoneRisk described, bool asked)
    {
        Dataset dataset = With(Hump(), "s0", described);
        dataset = With(dataset, "s2", MonotoneRisk.Increasing); // stands still: binds nothing, and is no error
        TrainedModel model = Train(dataset, PredictionTask.Failure, Options with { Monotone = asked ? [("s0", true)] : [] });

        double[] before = Probabilities(model, dataset);

        Assert.All((double[])[0.5, 3, 20, 60], rise =>
            Assert.All(Probabilities(model, Raised(dataset, rise)).Zip(before), pair => Assert.True(pair.First >= pair.Second - 1e-12)));
        Assert.True(before.Max() > before.Min() + 0.05); // it has learned something
        Assert.Equal(asked ? "s2=up s0=up" : "s0=up s2=up", model.Package.Manifest.Training.Parameters["monotone"]);
    }

    [Fact]
    public void TrainLife_DecreasingRiskOfTheDescription_NoRiseEverShortensTheLife()
    {
        Dataset dataset = With(Machines((hour, noise) => 100 - (hour % 100) + (10 * noise)), "s0", MonotoneRisk.Decreasing);
        TrainedModel model = Train(dataset, PredictionTask.RemainingUsefulLife, Options);

        double[] before = Probabilities(model, dataset);

        Assert.All(Probabilities(model, Raised(dataset, 7)).Zip(before), pair => Assert.True(pair.First >= pair.Second - 1e-9));
        Assert.True(before.Max() > before.Min() + 10);
    }

    [Fact]
    public void Train_MonotoneFact_NoOlderMachineHasLessRisk()
    {
        Dataset With(Dataset of, double older) => of with
        {
            Schema = of.Schema with { Facts = [new SignalDefinition("age", SignalKind.Continuous, "years", SignalRole.Fact, [])] },
            Description = of.Description with { Signals = [.. of.Description.Signals, new SignalColumn { Name = "age", Role = SignalRole.Fact, Monotone = MonotoneRisk.Increasing }] },
            Assets =
            [
                // The older it is the better it does: a model that may not say so says nothing of it.
                .. of.Assets.Select((asset, i) => asset with
                {
                    History = new AssetHistory(
                        asset.History.Asset, asset.History.TimesUnixMs, asset.History.Values, [i + older], i % 3 == 2 ? [] : asset.History.Events),
                }),
            ],
        };
        TrainedModel model = Train(With(Wear(), 0), PredictionTask.Failure, Options);

        Assert.All(Probabilities(model, With(Wear(), 5)).Zip(Probabilities(model, With(Wear(), 0))), pair => Assert.True(pair.First >= pair.Second - 1e-12));
    }

    [Theory]
    [InlineData(9, 1, 120)]
    [InlineData(1, 1, 200)]
    [InlineData(1, 9, 280)]
    public void TrainLife_WeightedRows_AreTheMeanThatIsLearned(float ofShort, float ofLong, double expected)
    {
        // Nothing tells short lives (of 100 h in the mean) from long ones (of 300 h), so the best that can be said is their weighted mean.
        Dataset dataset = Lives(ofShort, ofLong);
        TrainedModel model = Train(dataset, PredictionTask.RemainingUsefulLife, Options with { KeepTest = false });

        Assert.InRange(Probabilities(model, dataset).Average(), expected - 12, expected + 12);
        Assert.Equal(ofShort != ofLong, model.Report.Notes.Any(note => note.StartsWith("Rows are weighted by the data: 1 to 9, mean 5.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Train_WeightsTenTimesAsLarge_TeachTheSameTrees()
    {
        TrainedModel one = Train(Lives(1, 2), PredictionTask.RemainingUsefulLife, Options with { KeepTest = false });
        TrainedModel ten = Train(Lives(10, 20), PredictionTask.RemainingUsefulLife, Options with { KeepTest = false });

        Assert.True(one.Package.Model.Span.SequenceEqual(ten.Package.Model.Span));
    }

    [Theory]
    [InlineData("nothing", "--monotone names 'nothing', which is no signal with numbers")]
    [InlineData("s0 s0", "--monotone names 's0', which is no signal with numbers, or stands twice")]
    [InlineData("s2", "--monotone names 's2', which makes no features")]
    public void Train_MonotoneOfNoUse_IsRefused(string names, string expected)
    {
        TrainingOptions options = Options with { Monotone = [.. names.Split(' ').Select(name => (name, true))] };

        DatasetException refused = Assert.Throws<DatasetException>(() => Train(Wear(), PredictionTask.Failure, options));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PredictionTask.RemainingUsefulLife, "isUnbalance=true", "IsUnbalance must be false, for objective regression")]
    [InlineData(PredictionTask.RemainingUsefulLife, "scalePosWeight=2", "ScalePosWeight must be 1, for objective regression")]
    [InlineData(PredictionTask.Failure, "isUnbalance=true scalePosWeight=2", "ScalePosWeight must be 1, for IsUnbalance true")]
    [InlineData(PredictionTask.Failure, "boosting=rf baggingFreq=0 featureFraction=1", "for a random forest: its trees would all be alike")]
    public void Train_OptionsThatDoNotGoTogether_AreRefused(PredictionTask task, string set, string expected)
    {
        (string, string)[] overrides = [.. set.Split(' ').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))];

        DatasetException refused = Assert.Throws<DatasetException>(() => Train(Wear(), task, Options with { Overrides = overrides }));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_ExclusiveComponents_AreOneSoftmaxInEveryPlace()
    {
        Dataset dataset = Parts();
        TrainedModel model = Train(dataset, PredictionTask.Failure, Options with { LiveBudgetTrees = 120, Overrides = [("components", "exclusive")] });
        using var session = new OnnxSession(model.Package.Model.Span);
        ModelManifest manifest = model.Package.Manifest;
        var head = (FailureHead)model.Package.Head;
        var shap = new TreeShap(model.Package.Ensemble);
        int columns = manifest.Features.Names.Count;

        Assert.Equal(["fan", "pump"], manifest.Label.Components);
        Assert.True(head.IsExclusive && manifest.ExclusiveComponents);
        Assert.Equal("multiclass", manifest.Training.Parameters["objective"]);
        Assert.InRange(manifest.Parity.MaxDifference, 0, 1e-9);
        Assert.InRange(model.Package.Ensemble.TreeCount, 1, 120);
        Assert.True(model.Report.Metrics.Recall > 0.5, $"recall {model.Report.Metrics.Recall}");
        Assert.All(model.Judged.Predictions, asset => Assert.All(
            asset.Probabilities[0].Zip(asset.Probabilities[1]), pair => Assert.InRange(pair.First + pair.Second, 0, 1)));
        Assert.All(manifest.GoldenRows, row =>
        {
            // The graph says the same of P(none) = 1 - probability, and reasons add up to the odds.
            IReadOnlyDictionary<string, OnnxTensor> said = session.Run([.. row.Values], 1, columns);
            double[] each = said[OnnxNames.ComponentProbabilities].Values;
            double none = 1 / (1 + head.Calibrations.Cast<SigmoidCalibration>().Zip(row.Scores, (sigmoid, score) => Math.Exp((sigmoid.Slope * score) + sigmoid.Intercept)).Sum());
            Assert.Equal(1 - none, said[OnnxNames.Probability].Values[0], 1e-9);
            Assert.Equal(1 - none, each.Sum(), 1e-9);
            Assert.Equal(head.Probability([.. row.Scores]), each.Sum(), 1e-12);
            var contributions = new double[columns * row.Scores.Count];
            shap.Explain([.. row.Values], contributions);
            Assert.Equal(row.Scores[0], contributions[..columns].Sum() + shap.BaseValues[0], 1e-6);
        });
        double positives = model.Judged.Predictions.Average(asset => 4 * 10.0 / asset.TimesUnixMs.Length); // of each component, 2 failures of 10 h on either side
        Assert.InRange(model.Judged.Predictions.SelectMany(asset => asset.Probabilities[0]).Average(), positives * 0.3, positives);
    }

    [Theory]
    [InlineData(false, "needs failures of at least 2 components that can be taught; there are 0")]
    [InlineData(true, "does not go with --monotone, nor with monotone signals of the description (s1, s0)")]
    public void Train_ExclusiveComponentsThatCannotBe_AreRefused(bool parts, string expected)
    {
        TrainingOptions options = Options with { Overrides = [("components", "exclusive")], Monotone = parts ? [("s0", true)] : [] };

        DatasetException refused = Assert.Throws<DatasetException>(() => Train(parts ? With(Parts(), "s1", MonotoneRisk.Increasing) : Wear(), PredictionTask.Failure, options));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("components", "both", "components must be independent or exclusive, was 'both'")]
    [InlineData("boosting", "dart", "boosting must be gbdt or rf, was 'dart'")]
    [InlineData("isUnbalance", "1", "isUnbalance must be true or false, was '1'")]
    [InlineData("scalePosWeight", "0", "scalePosWeight must be above 0")]
    [InlineData("scalePosWeight", "NaN", "scalePosWeight must be above 0")]
    [InlineData("numleaves", "3", "'numleaves' is no hyperparameter")]
    public void With_ValueOutOfRange_IsRefused(string name, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new Hyperparameters().With(name, value)).Message, StringComparison.Ordinal);

    [Fact]
    public void Recorded_Names_AreThoseOfTheManifest()
    {
        ModelManifest manifest = Train(Wear(), PredictionTask.Failure, Options with { Overrides = [("numLeaves", "9")] }).Package.Manifest;

        Assert.All(new Hyperparameters().Recorded(), one => Assert.Contains(one.Name, manifest.Training.Parameters.Keys));
        Assert.Equal("9", manifest.Training.Parameters["num_leaves"]);
        Assert.DoesNotContain("numLeaves", manifest.Training.Parameters.Keys);
    }

    private static TrainedModel Train(Dataset dataset, PredictionTask task, TrainingOptions options) =>
        new LearningPipeline(TimeProvider.System, _ => { }).Train(dataset, task, null, null, options, TestContext.Current.CancellationToken);

    // Mean log odds of all golden rows before calibration.
    private static double RawOdds(TrainedModel model) => model.Package.Manifest.GoldenRows.Average(row => row.Scores[0]);

    // Mean over the judged rows of the test side.
    private static double Share(TrainedModel model, Func<double, bool, double> of)
    {
        double horizon = model.Package.Manifest.Label.Horizon.TotalMilliseconds;
        return model.Judged.Predictions.SelectMany(asset =>
        {
            AssetEvents events = model.Judged.Events.Single(one => one.Asset == asset.Asset);
            long[] failures = [.. events.Events.Where(happened => happened.Kind == AssetEventKind.Failure).Select(happened => happened.TimeUnixMs)];
            return asset.TimesUnixMs.Select((time, i) => of(asset.Probabilities[0][i], failures.Any(failure => failure > time && failure <= time + horizon)));
        }).Average();
    }

    private static Dataset With(Dataset dataset, string signal, MonotoneRisk monotone) => dataset with
    {
        Description = dataset.Description with
        {
            Signals = [.. dataset.Description.Signals.Select(one => one.Name == signal ? one with { Monotone = monotone } : one)],
        },
    };

    // Six machines of 200 h of noise, of which three fail at its end and three 200 h later.
    private static Dataset Lives(float ofShort, float ofLong) => Of(
        new LabelSettings { Horizon = "10h", LifeCap = 0 }, null,
        [
            .. Enumerable.Range(0, 6).Select(machine =>
            {
                var random = new Random(machine);
                double[] noise = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble())];
                AssetHistory history = History($"m{machine}", Enumerable.Range(0, 200), [hour => noise[hour]], Failure($"m{machine}", machine < 3 ? 200 : 400));
                return new DatasetAsset(history, DatasetPart.Unassigned) { Weights = [.. Enumerable.Repeat(machine < 3 ? ofShort : ofLong, 200)] };
            }),
        ],
        new FeatureSettings { Lags = [], Windows = ["3h"], RunningAge = false });

    private static double[] Probabilities(TrainedModel model, Dataset dataset) =>
    [
        .. new LearningPipeline(TimeProvider.System, _ => { }).Score(dataset, model.Package, TestContext.Current.CancellationToken)
            .SelectMany(asset => asset.Probabilities.Length > 0 ? asset.Probabilities[0] : asset.RemainingUsefulLife),
    ];

    private static Dataset Raised(Dataset dataset, double by) => dataset with
    {
        Assets =
        [
            .. dataset.Assets.Select(asset => asset with
            {
                History = new AssetHistory(asset.History.Asset, asset.History.TimesUnixMs,
                    [.. asset.History.Values.Select((values, signal) => signal == 0 ? Array.ConvertAll(values, value => value + by) : values)],
                    asset.History.Facts, asset.History.Events),
            }),
        ],
    };

    // A failure every 100 hours; the first signal is the hours since the last one with noise, the second noise, the third stands still.
    private static Dataset Wear() => Machines((hour, noise) => (hour % 100) + (10 * noise));

    // Risk rises with the signal at first and, where rows are as many, falls again: a tree model without constraint follows.
    private static Dataset Hump() => Machines((hour, noise) => (hour % 100) switch { < 60 => 20 * noise, < 90 => 60 + (20 * noise), _ => 30 + (20 * noise) });

    // As Wear, but fans and pumps fail in turn, and the second signal tells which is next.
    private static Dataset Parts() => Machines((hour, noise) => (hour % 100) + (10 * noise), named: true);

    private static Dataset Machines(Func<int, double, double> signal, bool named = false) => Of(
        new LabelSettings { Horizon = "10h", LifeCap = 100 }, new SplitSettings { TestShare = 0.34 },
        [
            .. Enumerable.Range(0, 9).Select(machine =>
            {
                var random = new Random(machine);
                double[] noise = [.. Enumerable.Range(0, 600).Select(_ => random.NextDouble())];
                return new DatasetAsset(
                    History($"m{machine}", Enumerable.Range(0, 600), [hour => signal(hour, noise[hour]), hour => noise[hour * 7 % 600] + (named && hour / 100 % 2 == 1 ? 0.7 : 0), _ => 1],
                        [.. Enumerable.Range(1, 5).Select(i => Failure($"m{machine}", (i * 100) + 0.5, named ? (i % 2 == 0 ? "pump" : "fan") : ""))]),
                    DatasetPart.Unassigned);
            }),
        ]);
}
