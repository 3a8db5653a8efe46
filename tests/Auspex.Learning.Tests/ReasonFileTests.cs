using System.Globalization;
using System.Text.RegularExpressions;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Train;
using Auspex.Models.Detectors;
using Auspex.Models.Package;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests;

[Collection("LightGBM")]
public sealed partial class ReasonFileTests : IDisposable
{
    private const string Formula = "=cmd|' /C calc'!A0";

    private static readonly TrainingOptions Options = new() { Threads = 2, LiveBudgetTrees = 60, Patience = 10, FoldCount = 3 };

    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-reasons-").FullName;

    private string FilePath => Path.Combine(_folder, "reasons.csv");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Add_FailureModel_ExplainsRowsNearTheThresholdInWordsThatAddUp()
    {
        Dataset dataset = Worn();
        ModelPackage package = new LearningPipeline(TimeProvider.System, _ => { }).Train(dataset, PredictionTask.Failure, null, null, Options, Token).Package;

        long rows = Explain(package, dataset, new LearningPipeline(TimeProvider.System, _ => { }).Score(dataset, package, Token), out string[][] lines);

        Assert.True(rows > 0);
        Assert.Equal(rows, lines.Where(line => line[2] == "belt =x").Select(line => (line[0], line[1])).Distinct().Count());
        Assert.Equal(["belt =x", "timeToFailure"], lines.Select(line => line[2]).Distinct().Order(StringComparer.Ordinal));
        AddUp(lines);
        string[][] hours = [.. lines.Where(line => line[5] == "s0" && line[2] == "belt =x")];
        // Near a failure the hours since the last one are beyond those of normal rows.
        Assert.Contains(hours, line => Regex.IsMatch(line[6], @"^s0.* h, above its normal .* h,.* raises the risk \(\+[0-9.]+\)$"));
        Assert.All(hours, line => Assert.Equal("h", line[8]));
        Assert.Contains(lines, line => line[2] == "timeToFailure" && Regex.IsMatch(line[6], "(raises|lowers) the time to failure by [0-9.]+ min$"));
    }

    [Fact]
    public void Add_PackageWithoutBaseline_GivesValuesWithoutBands()
    {
        Dataset dataset = Worn();
        var pipeline = new LearningPipeline(TimeProvider.System, _ => { });
        ModelPackage package = pipeline.Train(dataset, PredictionTask.Failure, null, null, Options, Token).Package;
        var older = ModelPackage.Create(package.Manifest with { Baseline = null }, package.Model.ToArray());

        Explain(older, dataset, pipeline.Score(dataset, older, Token), out string[][] lines);

        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Equal(("", ""), (line[9], line[10])));
        Assert.DoesNotContain(lines, line => line[6].Contains("normal", StringComparison.Ordinal));
        AddUp(lines);
    }

    [Theory]
    [InlineData(DetectorKind.Pca, true)]
    [InlineData(DetectorKind.Pca, false)]
    [InlineData(DetectorKind.IsolationForest, false)]
    public void Add_Detector_ExplainsEachAnomalousRow(DetectorKind kind, bool perAsset)
    {
        Dataset dataset = Pumps(kind, perAsset);
        var pipeline = new DetectorPipeline(TimeProvider.System, _ => { });
        ModelPackage package = pipeline.Train(dataset, new TrainingOptions { Threads = 2 }, Token).Package;
        ScoredAsset[] scored = [.. pipeline.Score(dataset, package, Token)];

        long rows = Explain(package, dataset, scored, out string[][] lines);

        Assert.Equal(scored.Sum(asset => asset.Anomalies.LongCount(anomaly => anomaly)), rows);
        Assert.Equal(rows, lines.Select(line => (line[0], line[1])).Distinct().Count());
        AddUp(lines);
        string[] fault = lines.First(line => line[0] == "p2" && DateTimeOffset.Parse(line[1], CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() / Hour == 320);
        Assert.Equal(("anomaly", "s1"), (fault[2], fault[5])); // the flow is throttled
        Assert.EndsWith(")", fault[6], StringComparison.Ordinal);
        Assert.Contains("raises the anomaly score (+", fault[6], StringComparison.Ordinal);
        Assert.Matches(@"^s1 14\.69, below its normal [0-9.]+ to [0-9.]+, raises", fault[6]);
        // The score that is explained is that of the prediction.
        double score = scored.Single(asset => asset.Asset.Value == "p2").AnomalyScores[320];
        Assert.Equal(kind == DetectorKind.Pca ? score * score : Math.Log(score), Number(fault[3]), 9);
    }

    [Fact]
    public void Complete_Never_LeavesNoFile()
    {
        Dataset dataset = Pumps(DetectorKind.Pca, perAsset: false);
        ModelPackage package = new DetectorPipeline(TimeProvider.System, _ => { }).Train(dataset, new TrainingOptions { Threads = 2 }, Token).Package;

        new ReasonFile(FilePath, package).Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    private long Explain(ModelPackage package, Dataset dataset, IEnumerable<ScoredAsset> scored, out string[][] lines)
    {
        Dictionary<AssetId, AssetHistory> histories = dataset.Assets.ToDictionary(asset => asset.History.Asset, asset => asset.History);
        long rows;
        using (var file = new ReasonFile(FilePath, package))
        {
            foreach (ScoredAsset asset in scored)
            {
                file.Add(asset, histories[asset.Asset]);
            }

            file.Complete();
            rows = file.Rows;
        }

        string[] written = File.ReadAllLines(FilePath);
        Assert.Equal("asset,time,output,score,base,signal,reason,value,unit,normalLow,normalHigh,contribution,features", written[0]);
        // No cell is one that a spreadsheet would run.
        Assert.All(written, line => Assert.DoesNotMatch("(^|,)\"?[=@]", line));
        lines = [.. written.Skip(1).Select(line => Comma().Split(line).Select(cell => cell.Trim('"')).ToArray())];
        Assert.All(lines, line => Assert.Equal(13, line.Length));
        return rows;
    }

    private static void AddUp(string[][] lines) => Assert.All(lines.GroupBy(line => (line[0], line[1], line[2])), row =>
    {
        Assert.Equal(Number(row.First()[3]), Number(row.First()[4]) + row.Sum(line => Number(line[11])), 6);
        string[][] named = [.. row.Where(line => line[5] != "(all other signals)")];
        Assert.InRange(named.Length, 1, ReasonFile.MostNamed);
        Assert.Equal(named.Select(line => Math.Abs(Number(line[11]))).OrderDescending(), named.Select(line => Math.Abs(Number(line[11]))));
        Assert.All(named, line => Assert.Equal(Number(line[11]), line[12].Split(';').Sum(feature => Number(feature.Split('=')[^1])), 6));
    });

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    // The first signal tells the hours since the last failure; the asset's name is one that a spreadsheet would run.
    private static Dataset Worn()
    {
        AssetHistory Asset(string name, int seed)
        {
            var random = new Random(seed);
            int[] failures = [100, 200, 300, 400, 500];
            return History(name, Enumerable.Range(0, 600), [hour => hour - failures.Where(f => f <= hour).DefaultIfEmpty(0).Max(), _ => random.NextDouble()],
                [.. failures.Select(hour => Failure(name, hour, "belt =x"))]);
        }

        Dataset dataset = Of(new LabelSettings { Horizon = "10h" }, null,
            [.. new[] { Formula, "m2", "m3", "m4" }.Select((name, seed) => new DatasetAsset(Asset(name, seed), DatasetPart.Unassigned))]);
        return dataset with { Schema = dataset.Schema with { Signals = [dataset.Schema.Signals[0] with { Unit = "h" }, dataset.Schema.Signals[1]] } };
    }

    // Flow follows speed; from hour 300 on the flow of the second is throttled.
    private static Dataset Pumps(DetectorKind kind, bool perAsset)
    {
        AssetHistory Pump(string name, bool fault)
        {
            double Speed(int hour) => 1_500 + (200 * Math.Sin(hour * 0.9)) + (20 * Math.Cos(hour * 2.3));
            double Flow(int hour) => (Speed(hour) / 50) - (fault && hour is >= 300 and < 350 ? 12 : 0) + (0.3 * Math.Sin(hour * 1.7));
            return History(name, Enumerable.Range(0, 400), [hour => Speed(hour), hour => Flow(hour)]);
        }

        Dataset dataset = Of(new LabelSettings(), new SplitSettings { TestAssets = ["p2"] },
            [new DatasetAsset(Pump("p1", fault: false), DatasetPart.Unassigned), new DatasetAsset(Pump("p2", fault: true), DatasetPart.Unassigned)],
            new FeatureSettings { Lags = [], Windows = [] });
        return dataset with
        {
            Description = dataset.Description with { Fit = new FitSettings { Smoothing = "0s", Detector = kind, PerAsset = perAsset, First = perAsset ? 200 : 0 } },
        };
    }

    // One outside quotes: a cell that holds a comma is quoted, and none here holds a quote.
    [GeneratedRegex(""",(?=(?:[^"]*"[^"]*")*[^"]*$)""")]
    private static partial Regex Comma();
}
