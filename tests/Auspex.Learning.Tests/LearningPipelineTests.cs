using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Train;
using Auspex.Models;
using Auspex.Models.Package;
using Auspex.Simulation;
using Auspex.Simulation.Furnace;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests;

[Collection("LightGBM")]
public sealed class LearningPipelineTests : IDisposable
{
    private static readonly string[] Names = ["m1", "m2", "m3", "m4"];
    private static readonly SplitSettings Half = new() { TestShare = 0.5 };
    private static readonly FurnacePlantOptions FurnaceOptions = new()
    {
        Furnaces = 4,
        Duration = TimeSpan.FromDays(60),
        SamplingPeriod = TimeSpan.FromMinutes(30),
        MedianLife = TimeSpan.FromDays(6),
        PreventiveInterval = TimeSpan.FromDays(12),
    };
    private static readonly TrainingOptions Options = new() { Threads = 2, LiveBudgetTrees = 60, Patience = 10, FoldCount = 3 };
    private static readonly Lazy<Dataset> Furnaces = new(SimulatedFurnaces);
    private static readonly Lazy<TrainedModel> FurnaceModel = new(() => Pipeline().Train(Furnaces.Value, PredictionTask.Failure, null, null, Options, default));
    private static readonly Lazy<TrainedModel> EngineModel = new(() => Pipeline().Train(Engines(), PredictionTask.RemainingUsefulLife, null, null, Options, default));

    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-learning-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Train_SimulatedPlant_CatchesFailuresAndKeepsParity()
    {
        TrainedModel model = FurnaceModel.Value;

        Assert.InRange(model.Package.Manifest.Parity.MaxDifference, 0, 1e-9);
        Assert.True(model.Report.Metrics.Failures >= 5, $"{model.Report.Metrics.Failures} failures");
        // A tenth of the failures come without warning; a model that catches less than a third has learned nothing.
        Assert.True(model.Report.Metrics.Recall > 0.33, $"recall {model.Report.Metrics.Recall}");
        Assert.True(model.Report.Metrics.RocAuc > 0.7, $"AUC {model.Report.Metrics.RocAuc}");
    }

    [Fact]
    public void Train_SimulatedPlant_TellsTheTimeToFailureWithAnInterval()
    {
        TrainedModel model = FurnaceModel.Value;
        var head = (FailureHead)model.Package.Head;
        Assert.Equal(model.Package.Manifest.Label.Horizon.TotalMinutes, head.TimeToFailureIntervals!.Cap);
        Assert.Equal(model.Package.Manifest.Intervals!.Knots, head.TimeToFailureIntervals.Knots);
        var scores = new double[model.Package.Ensemble.TargetCount];

        Assert.All(model.Package.Manifest.GoldenRows, golden =>
        {
            model.Package.Ensemble.Score([.. golden.Values], scores);
            (double lower, double median, double upper) = head.TimeToFailure(scores)!.Value;
            Assert.True(0 <= lower && lower <= median && median <= upper && upper <= model.Package.Manifest.Label.Horizon.TotalMinutes);
            Assert.InRange(model.Package.Confidence(scores)!.Value, 0, 1);
        });
        Assert.Contains(model.Report.Notes, note => note.StartsWith("Time to failure, on ", StringComparison.Ordinal));
    }

    [Fact]
    public void Train_SimulatedPlant_StandsBesideTheBestLimitAndNamesWhatCounts()
    {
        EvaluationReport report = FurnaceModel.Value.Report;

        Assert.Equal(["Never an alert", "Best single limit"], report.Baselines.Select(baseline => baseline.Name));
        Assert.All(report.Baselines, baseline => Assert.Equal(report.Metrics.Failures, baseline.Fleet.Failures));
        Assert.All(report.Baselines, baseline => Assert.Equal((5.0 * baseline.Fleet.Missed) + baseline.Fleet.FalseAlerts + baseline.Fleet.Averted, baseline.Cost));
        Assert.InRange(report.Baselines[1].Fleet.Caught, 1, report.Metrics.Failures!.Value);
        Assert.Equal(1, report.Importance.Sum(feature => feature.Share), 9);
        Assert.Equal(report.Importance.Select(feature => feature.Share).OrderDescending(), report.Importance.Select(feature => feature.Share));
        Assert.DoesNotContain(report.Notes, note => note.Contains("looks like a leak", StringComparison.Ordinal));
    }

    [Fact]
    public void Train_WithoutTest_IsJudgedByWhatItsFoldsHeldOut()
    {
        TrainedModel kept = FurnaceModel.Value;
        TrainedModel all = Pipeline().Train(Furnaces.Value, PredictionTask.Failure, null, null, Options with { KeepTest = false }, TestContext.Current.CancellationToken);

        Assert.Equal(SplitKind.HeldOut, all.Report.Split.Kind);
        Assert.Null(all.Report.Metrics.OutOfFold);
        Assert.NotNull(kept.Report.Metrics.OutOfFold);
        Assert.True(all.Package.Manifest.Training.Rows > kept.Package.Manifest.Training.Rows);
        Assert.Equal(all.Package.Manifest.Training.Rows, all.Judged.Predictions.Sum(asset => (long)asset.TimesUnixMs.Length));
        // A model that had seen the rows would tell nearly all of them right.
        Assert.InRange(all.Report.Metrics.RocAuc, 0.7, 0.98);
    }

    [Fact]
    public void Train_SimulatedPlant_ReportIsWhatTheMeasuresSayOfItsPredictions()
    {
        TrainedModel model = FurnaceModel.Value;
        ModelManifest manifest = model.Package.Manifest;

        var again = EventMeasures.Of(model.Judged.Predictions, model.Judged.Events, manifest.Label, manifest.Thresholds.FailureProbability!.Value,
            manifest.Thresholds.ConfidenceThreshold);
        Assert.Equal(0.7, manifest.Thresholds.ConfidenceThreshold);
        Assert.All(again.Alerts, alert => Assert.InRange(alert.ConfidenceAtRaise!.Value, 0.7, 1));

        Assert.Equal(again.Fleet, model.Report.Events!.Fleet);
        Assert.Equal(again.Fleet.Caught, model.Report.Metrics.Caught);
        Assert.Equal(again.Alerts.Count, model.Report.Events.Alerts.Count);
        Assert.Equal(RowMeasures.Of(model.Judged.Predictions, model.Judged.Events, manifest.Label).Pooled.Brier, model.Report.Metrics.Brier);
    }

    [Fact]
    public void Train_SimulatedPlant_JudgesTheTestSideByTheFeaturesLiveMakes()
    {
        TrainedModel model = FurnaceModel.Value;
        var plan = FeaturePlan.Of(FeatureDefinition.FromJson(model.Package.Manifest.Features.Definition.GetRawText()));
        long testFrom = FurnaceOptions.Start.ToUnixTimeMilliseconds() + (long)(FurnaceOptions.Duration.TotalMilliseconds * 2 / 3) + (12 * Hour);
        var scores = new double[model.Package.Ensemble.TargetCount];
        foreach (DatasetAsset asset in Furnaces.Value.Assets)
        {
            AssetPredictions judged = model.Judged.Predictions.Single(p => p.Asset == asset.History.Asset);
            Assert.Equal(asset.History.TimesUnixMs.Where(time => time >= testFrom), judged.TimesUnixMs);
            var live = new AssetFeatures(plan, asset.History.Facts);
            var events = new Queue<AssetEvent>(asset.History.Events);
            var row = new double[plan.Definition.Columns.Count];
            int at = 0;
            for (int i = 0; i < asset.History.Count; i++)
            {
                // Live hears of an event only when it happens.
                long now = asset.History.TimesUnixMs[i];
                while (events.TryPeek(out AssetEvent? next) && next.TimeUnixMs <= now)
                {
                    live.Add(events.Dequeue());
                }

                live.Next(now, [.. asset.History.Values.Select(v => v[i])], row);
                if (now >= testFrom)
                {
                    model.Package.Ensemble.Score(row, scores);
                    var head = (FailureHead)model.Package.Head;
                    for (int component = 0; component < judged.Probabilities.Length; component++)
                    {
                        Assert.Equal(head.ComponentProbability(component, scores), judged.Probabilities[component][at]);
                    }

                    at++;
                }
            }
        }
    }

    [Fact]
    public void Train_SimulatedPlant_ManifestSaysWhatWasTaught()
    {
        ModelManifest manifest = FurnaceModel.Value.Package.Manifest;
        long splitAt = FurnaceOptions.Start.ToUnixTimeMilliseconds() + (long)(FurnaceOptions.Duration.TotalMilliseconds * 2 / 3);
        var label = manifest.Label;
        LabelledRows[] rows = [.. Furnaces.Value.Assets.Select(a => LabelledRows.Of(a.History, label, splitAt))];

        Assert.Equal(rows.Sum(r => r.Rows.Length), manifest.Training.Rows);
        Assert.Equal(label.Components.Select((_, target) => (long)rows.Sum(r => r.Labels[target].Count(value => value == 1))), manifest.Training.Positives);
        Assert.Equal(["furnace-1", "furnace-2", "furnace-3", "furnace-4"], manifest.Training.Assets);
        Assert.Equal(splitAt, manifest.Training.KnownUntil?.ToUnixTimeMilliseconds());
        Assert.Equal(FurnaceOptions.Start, manifest.Training.Start);
        Assert.True(manifest.Training.End.ToUnixTimeMilliseconds() <= splitAt - (12 * Hour));
        Assert.Equal("plant", manifest.Dataset);
        Assert.Equal("plant-failure", manifest.Name);
        Assert.Equal(new FixedClock().GetUtcNow(), manifest.CreatedAt);
        Assert.Equal(label.Components.Count + 1, manifest.Training.Iterations.Count); // the time to failure comes last
        Assert.True(manifest.Training.Iterations.Sum() <= Options.LiveBudgetTrees);
        Assert.Equal(manifest.Training.Iterations.Sum(), FurnaceModel.Value.Package.Ensemble.TreeCount);
        Assert.Equal("3 folds of whole assets", manifest.Training.Parameters["folds"]);
        Assert.Equal(8, manifest.GoldenRows.Count);
        Assert.Equal(FurnaceModel.Value.Report.Metrics.Recall, manifest.Metrics.GetProperty("recall").GetDouble());
    }

    [Fact]
    public void Train_SameSeed_GivesTheSameBytesWhateverTheThreads()
    {
        TrainedModel again = new LearningPipeline(TimeProvider.System, _ => { }).Train(
            Furnaces.Value, PredictionTask.Failure, null, null, Options with { Threads = 1 }, TestContext.Current.CancellationToken);

        Assert.True(FurnaceModel.Value.Package.Model.Span.SequenceEqual(again.Package.Model.Span));
        DateTimeOffset one = FurnaceModel.Value.Package.Manifest.CreatedAt;
        Assert.NotEqual(one, again.Package.Manifest.CreatedAt);
        Assert.Equal(
            System.Text.Encoding.UTF8.GetString(ManifestJson.Write(FurnaceModel.Value.Package.Manifest)),
            System.Text.Encoding.UTF8.GetString(ManifestJson.Write(again.Package.Manifest with { CreatedAt = one, Files = FurnaceModel.Value.Package.Manifest.Files })));
        Assert.Equal(EvaluationJson.Write(FurnaceModel.Value.Report), EvaluationJson.Write(again.Report));
    }

    [Theory]
    [InlineData(PredictionTask.Failure)]
    [InlineData(PredictionTask.RemainingUsefulLife)]
    public void Evaluate_PackageWrittenAndLoaded_GivesTrainingsReport(PredictionTask task)
    {
        TrainedModel model = task == PredictionTask.Failure ? FurnaceModel.Value : EngineModel.Value;
        Dataset dataset = task == PredictionTask.Failure ? Furnaces.Value : Engines();
        string folder = Path.Combine(_folder, "model");
        ModelPackageWriter.Write(folder, model.Package, TestContext.Current.CancellationToken);

        EvaluationReport report = Pipeline().Evaluate(dataset, ModelPackage.Load(folder), null, null, 2, out Judged judged, TestContext.Current.CancellationToken);

        // What training noted of its data, of limits found on it and of features stays in its own report.
        Assert.Equal(
            EvaluationJson.Write(model.Report with { Notes = report.Notes, Baselines = report.Baselines, Importance = report.Importance }), EvaluationJson.Write(report));
        Assert.Equal(model.Judged.Predictions.SelectMany(p => p.Probabilities.SelectMany(v => v)), judged.Predictions.SelectMany(p => p.Probabilities.SelectMany(v => v)));
        Assert.Equal(model.Judged.Lives.SelectMany(p => p.Predicted), judged.Lives.SelectMany(p => p.Predicted));
    }

    [Fact]
    public void Evaluate_TestThatReachesIntoTraining_IsRefused()
    {
        Dataset earlier = Furnaces.Value with { Description = Furnaces.Value.Description with { Split = new SplitSettings { At = "2026-01-15T00:00:00Z" } } };

        var error = Assert.Throws<DatasetException>(() => Pipeline().Evaluate(earlier, FurnaceModel.Value.Package, null, null, 2, out _, TestContext.Current.CancellationToken));
        Assert.Contains("earliest honest test begins", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("furnace-1")] // trained by time, so every asset taught
    [InlineData("furnace-4")]
    public void Evaluate_ByAssetsThatTaught_IsRefused(string asset)
    {
        Dataset byAsset = Furnaces.Value with { Description = Furnaces.Value.Description with { Split = new SplitSettings { TestAssets = [asset] } } };

        var error = Assert.Throws<DatasetException>(() => Pipeline().Evaluate(byAsset, FurnaceModel.Value.Package, null, null, 2, out _, TestContext.Current.CancellationToken));
        Assert.Contains($"on asset '{asset}', but this model knew data set 'plant' until", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_RunToFailure_TellsTheLifeOfUnseenAssets()
    {
        TrainedModel model = EngineModel.Value;

        // Wear is hours over life; a guess of the mean would be off by about thirty.
        Assert.InRange(model.Report.Metrics.RmseCapped, 0, 15);
        Assert.InRange(model.Package.Manifest.Parity.MaxDifference, 0, 1e-9);
        Assert.Empty(model.Package.Manifest.Training.Positives);
        Assert.Equal("h", model.Package.Manifest.Label.LifeUnit);
        Assert.All(model.Judged.Lives, asset => Assert.All(asset.Predicted, life => Assert.True(life >= 0)));
    }

    [Fact]
    public void Evaluate_LifeSplitByTime_AcceptsTheSplitItWasTrainedWith()
    {
        // The last failure lies right before the split, so the last training row does too.
        Dataset dataset = Of(new LabelSettings { Horizon = "10h" }, new SplitSettings { At = "1970-01-09T08:00:00Z" },
            [.. Enumerable.Range(0, 6).Select(i => Asset(History($"m{i}", Enumerable.Range(0, 300), [hour => hour % 50, hour => i],
                [.. Enumerable.Range(1, 5).Select(n => Failure($"m{i}", n * 50))])))]);
        TrainedModel model = Pipeline().Train(dataset, PredictionTask.RemainingUsefulLife, null, null, Options, TestContext.Current.CancellationToken);

        EvaluationReport report = Pipeline().Evaluate(dataset, model.Package, null, null, 2, out _, TestContext.Current.CancellationToken);

        Assert.Equal(EvaluationJson.Write(model.Report with { Notes = report.Notes, Importance = report.Importance }), EvaluationJson.Write(report));
        // The second signal is another number for each asset and nothing else.
        Assert.Contains(model.Report.Notes, note => note.Contains("looks like a leak (a name of the asset)", StringComparison.Ordinal));
    }

    [Fact]
    public void Score_Plant_RaisesTheAlertsOfLiveAndNoneWhileFailed()
    {
        Dataset dataset = Furnaces.Value;
        AssetHistory first = dataset.Assets[0].History;
        // Say that the asset was failed all along: then nothing may be raised.
        Dataset failed = dataset with { Assets = [dataset.Assets[0] with { FailedSpans = [new FailedSpan("", first.TimesUnixMs[0], first.TimesUnixMs[^1])] }] };

        ScoredAsset[] scored = [.. Pipeline().Score(dataset, FurnaceModel.Value.Package, TestContext.Current.CancellationToken)];
        ScoredAsset down = Assert.Single(Pipeline().Score(failed, FurnaceModel.Value.Package, TestContext.Current.CancellationToken));

        Assert.Equal(dataset.Assets.Select(a => a.History.Count), scored.Select(a => a.TimesUnixMs.Length));
        Assert.NotEmpty(scored[0].Raised);
        Assert.Empty(down.Raised);
        Assert.Equal(scored[0].Probabilities[0], down.Probabilities[0]);
    }

    [Fact]
    public void Train_Progress_NamesItsStepsInOrder()
    {
        var steps = new List<LearningProgress>();
        new LearningPipeline(new FixedClock(), step =>
        {
            lock (steps)
            {
                steps.Add(step);
            }
        }).Train(Engines(), PredictionTask.RemainingUsefulLife, null, null, Options, TestContext.Current.CancellationToken);

        Assert.Equal(["make features", "train", "package", "judge"], steps.Select(step => step.Step).Distinct());
        Assert.All(steps, step => Assert.InRange(step.Done, 0, 1));
    }

    [Fact]
    public void Train_Cancelled_Throws() => Assert.ThrowsAny<OperationCanceledException>(() =>
        Pipeline().Train(Engines(), PredictionTask.RemainingUsefulLife, null, null, Options, new CancellationToken(canceled: true)));

    public static TheoryData<string> PoorData() => [.. Poor.Keys];

    private static readonly Dictionary<string, (Func<Dataset> Dataset, bool Trains)> Poor = new(StringComparer.Ordinal)
    {
        ["no failures"] = (() => Of(Worn("a", []), Worn("b", [])), false),
        ["every row within the horizon"] = (() => Of(new LabelSettings { Horizon = "1000h" }, Half, [Asset(Worn("a", [599])), Asset(Worn("b", [599]))]), false),
        ["one row"] = (() => Of(new LabelSettings(), Half, [Asset(History("a", [0])), Asset(History("b", [0]))]), false),
        ["no rows"] = (() => Of(new LabelSettings(), Half, [Asset(History("a", [])), Asset(History("b", []))]), false),
        ["constant columns"] = (() => Of(new LabelSettings { Horizon = "10h" }, null,
            [.. Names.Select(name => Asset(History(name, Enumerable.Range(0, 600), [_ => 5, _ => 5], Failures(name, [100, 200, 300, 400, 500]))))]), false),
        ["all missing"] = (() => Of(new LabelSettings { Horizon = "10h" }, null,
            [.. Names.Select(name => Asset(History(name, Enumerable.Range(0, 600), [_ => double.NaN], Failures(name, [100, 200, 300, 400, 500]))))]), false),
        ["huge values"] = (() => Of(new LabelSettings { Horizon = "10h" }, null,
            [.. Names.Select(name => Asset(History(name, Enumerable.Range(0, 600), [hour => hour % 100 > 90 ? double.MaxValue : double.MinValue], Failures(name, [100, 200, 300, 400, 500]))))]), true),
        ["one asset by time"] = (() => Of(new LabelSettings { Horizon = "10h" }, null, [Asset(Worn("a", [100, 200, 300, 400, 500]))]), true),
        ["one asset with a horizon as long as its history"] = (() => Of(new LabelSettings { Horizon = "200h" }, null, [Asset(Worn("a", [300, 550]))]), false),
        ["one asset by assets"] = (() => Of(new LabelSettings { Horizon = "10h" }, Half, [Asset(Worn("a", [100, 200]))]), false),
        ["failures of one asset only"] = (() => Of(new LabelSettings { Horizon = "10h" }, null, [Asset(Worn("a", [100, 200, 300, 400])), .. Names.Select(n => Asset(Worn(n, [])))]), true),
        ["no failure in the test"] = (() => Of(new LabelSettings { Horizon = "10h" }, null, [.. Names.Select(n => Asset(Worn(n, [100, 200, 300])))]), true),
        ["an asset that fails all the time"] = (() => Of(new LabelSettings { Horizon = "2h" }, null,
            [Asset(Worn("z", [.. Enumerable.Range(0, 600)])), .. Names.Select(n => Asset(Worn(n, [100, 200, 300])))]), true),
        ["states of one name"] = (() => States(), false),
    };

    [Theory]
    [MemberData(nameof(PoorData))]
    public void Train_PoorData_IsRefusedInWordsOrGivesAWorkingModel(string kind)
    {
        (Func<Dataset> dataset, bool trains) = Poor[kind];
        if (!trains)
        {
            var error = Assert.Throws<DatasetException>(() => Pipeline().Train(dataset(), PredictionTask.Failure, null, null, Options, TestContext.Current.CancellationToken));
            Assert.True(error.Message.Length > 40, error.Message);
            return;
        }

        TrainedModel model = Pipeline().Train(dataset(), PredictionTask.Failure, null, null, Options, TestContext.Current.CancellationToken);
        string folder = Path.Combine(_folder, "model");
        ModelPackageWriter.Write(folder, model.Package, TestContext.Current.CancellationToken);
        Assert.Equal(model.Package.Manifest.Training.Rows, ModelPackage.Load(folder).Manifest.Training.Rows);
        EvaluationJson.Write(model.Report);
    }

    [Theory]
    [InlineData("no failures")]
    [InlineData("one row")]
    [InlineData("no rows")]
    [InlineData("one asset by assets")]
    public void TrainLife_PoorData_IsRefusedInWords(string kind) => Assert.Throws<DatasetException>(() =>
        Pipeline().Train(Poor[kind].Dataset(), PredictionTask.RemainingUsefulLife, null, null, Options, TestContext.Current.CancellationToken));

    [Fact]
    public void Train_ComponentNotTaught_IsNotedInTheReport()
    {
        Dataset dataset = Of(new LabelSettings { Horizon = "10h" }, null,
            [Asset(Worn("z", [450], "door")), .. Names.Select(name => Asset(Worn(name, [100, 200, 300, 400, 500], "fan")))]);

        TrainedModel model = Pipeline().Train(dataset, PredictionTask.Failure, null, null, Options, TestContext.Current.CancellationToken);

        Assert.Equal(["fan"], model.Package.Manifest.Label.Components);
        Assert.Contains(model.Report.Notes, note => note.Contains("'door' is not taught", StringComparison.Ordinal));
    }

    [Fact]
    public void Train_SignalThatIsWrittenDownAfterwards_IsNamedAsALeak()
    {
        // The second signal is 1 in the horizon before each failure: nobody knew that then.
        int[] failures = [100, 200, 300, 400, 500];
        Dataset dataset = Of(new LabelSettings { Horizon = "10h" }, null,
        [
            .. Names.Select(name => Asset(History(name, Enumerable.Range(0, 600),
                [hour => new Random(hour + name[^1]).NextDouble(), hour => failures.Any(f => hour < f && hour >= f - 10) ? 1 : 0], Failures(name, failures)))),
        ]);

        TrainedModel model = Pipeline().Train(dataset, PredictionTask.Failure, null, null, Options, TestContext.Current.CancellationToken);

        Assert.True(model.Report.Metrics.RocAuc > 0.95, $"AUC {model.Report.Metrics.RocAuc}"); // good by the leak alone
        Assert.Contains(model.Report.Notes, note => note.StartsWith("s1", StringComparison.Ordinal) && note.Contains("looks like a leak", StringComparison.Ordinal));
        Assert.DoesNotContain(model.Report.Notes, note => note.StartsWith("s0", StringComparison.Ordinal));
    }

    private static LearningPipeline Pipeline() => new(new FixedClock(), _ => { });

    private static DatasetAsset Asset(AssetHistory history) => new(history, DatasetPart.Unassigned);

    private static AssetEvent[] Failures(string asset, int[] hours, string component = "") => [.. hours.Select(hour => Failure(asset, hour, component))];

    // 600 hours; the first signal tells the hours since the last failure, the second is noise.
    private static AssetHistory Worn(string asset, int[] failures, string component = "")
    {
        var random = new Random(asset[^1]);
        return History(asset, Enumerable.Range(0, 600), [hour => hour - failures.Where(f => f <= hour).DefaultIfEmpty(0).Max(), _ => random.NextDouble()],
            Failures(asset, failures, component));
    }

    private static Dataset States()
    {
        Dataset dataset = Of(new LabelSettings { Horizon = "10h" }, null, [.. Names.Select(name => Asset(Worn(name, [100, 200, 300, 400, 500])))]);
        return dataset with
        {
            Schema = dataset.Schema with
            {
                Signals = [dataset.Schema.Signals[0], dataset.Schema.Signals[1] with { Kind = Core.Signals.SignalKind.State, States = ["a b", "a-b"] }],
            },
        };
    }

    // Twenty engines that run to failure, their wear told by two signals; the last five, cut before the end, are the test.
    private static Dataset Engines() => Of(
        new LabelSettings { Horizon = "24h", LifeCap = 80 }, null,
        [
            .. Enumerable.Range(0, 20).Select(i =>
            {
                var random = new Random(i);
                int life = 60 + random.Next(100);
                int seen = i < 15 ? life : life - 10 - random.Next(40);
                return new DatasetAsset(
                    History($"e{i:00}", Enumerable.Range(1, seen), [hour => ((double)hour / life) + (0.02 * random.NextDouble()), hour => life - hour + (5 * random.NextDouble())], Failure($"e{i:00}", life)),
                    i < 15 ? DatasetPart.Train : DatasetPart.Test);
            }),
        ]);

    private static Dataset SimulatedFurnaces()
    {
        SimulatedPlant plant = FurnacePlant.Generate(FurnaceOptions);
        Dataset shell = Of(
            new LabelSettings { Horizon = "12h", Recovery = "6h" }, new SplitSettings { At = plant.Description.SplitAt.ToString("o") },
            [.. plant.Assets.Select(Asset)], new FeatureSettings { Lags = [], Windows = ["6h", "24h"] });
        return shell with { Schema = plant.Schema, SamplingPeriod = FurnaceOptions.SamplingPeriod };
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
