using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Learning.Datasets;
using Auspex.Learning.Label;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>The described public data sets, read whole. Expected counts are those published with the data, or taken from the files with awk.</summary>
public sealed class ReferenceDatasetsTests
{
    private const long Hour = 3_600_000;

    [Fact]
    public void Read_AzureMachines_HasTheTelemetryFactsAndEventsOfTwentyMachines()
    {
        Dataset dataset = ReadSample("azure-pdm.json");

        Assert.Equal(20, dataset.Assets.Count);
        Assert.Equal(43_200, dataset.Assets.Sum(a => a.History.Count));
        Assert.Equal(TimeSpan.FromHours(1), dataset.SamplingPeriod);
        Assert.Equal(["comp1", "comp2", "comp3", "comp4"], dataset.Schema.Components);
        Assert.Equal(["error1", "error2", "error3", "error4", "error5"], dataset.Schema.ErrorCodes);
        Assert.Empty(dataset.Report.Notes);
        AssetHistory first = dataset.Assets.Single(a => a.History.Asset.Value == "machine-1").History;
        Assert.Equal(new DateTimeOffset(2015, 1, 1, 6, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), first.TimesUnixMs[0]);
        Assert.Equal([176.217853015625, 418.504078221616, 113.077935462083, 45.0876857639276], first.Values.Select(v => v[0]));
        Assert.Equal([2.0, 18.0], first.Facts); // model3 is the third state
        Assert.Equal(SignalKind.State, dataset.Schema.Facts[0].Kind);
    }

    [Fact]
    public void Read_AzureMachines_HasTheEventsOfTheTelemetryWindow()
    {
        Dataset dataset = ReadSample("azure-pdm.json");
        AssetEvent[] events = [.. dataset.Assets.SelectMany(a => a.History.Events.Where(e =>
            e.TimeUnixMs >= a.History.TimesUnixMs[0] && e.TimeUnixMs <= a.History.TimesUnixMs[^1]))];

        Assert.Equal(42, events.Count(e => e.Kind == AssetEventKind.Failure));
        Assert.Equal(211, events.Count(e => e.Kind == AssetEventKind.Error));
        FileReadReport failures = dataset.Report.Files.Single(f => f.File.EndsWith("PdM_failures.csv", StringComparison.Ordinal));
        Assert.Equal(761, failures.Rows);
        Assert.Equal(failures.Rows, failures.Good + failures.Skipped);
        Assert.All(dataset.Report.Files, f => Assert.Empty(f.Bad));
    }

    [Fact]
    public void Read_TurbofanEngines_HasBothPartsAndTheFailureOfEveryEngine()
    {
        Dataset dataset = ReadSample("cmapss-fd001.json");
        DatasetAsset[] train = [.. dataset.Assets.Where(a => a.Part == DatasetPart.Train)];
        DatasetAsset[] test = [.. dataset.Assets.Where(a => a.Part == DatasetPart.Test)];

        Assert.Equal(100, train.Length);
        Assert.Equal(100, test.Length);
        Assert.Equal(20_631, train.Sum(a => a.History.Count));
        Assert.Equal(13_096, test.Sum(a => a.History.Count));
        Assert.Equal(24, dataset.Schema.Signals.Count);
        Assert.Equal(TimeSpan.FromHours(1), dataset.SamplingPeriod);
        Assert.All(train, a => Assert.Equal(a.History.TimesUnixMs[^1], Assert.Single(a.History.Events).TimeUnixMs));
        Assert.Empty(dataset.Schema.Components);
        AssetHistory engine = test.Single(a => a.History.Asset.Value == "test-1").History;
        Assert.Equal(31 * Hour, engine.TimesUnixMs[^1]);
        AssetEvent failure = Assert.Single(engine.Events);
        Assert.Equal((AssetEventKind.Failure, "", (31 + 112) * Hour), (failure.Kind, failure.Name, failure.TimeUnixMs));
        Assert.Equal(20 * Hour, test.Single(a => a.History.Asset.Value == "test-100").History is { } last
            ? last.Events[0].TimeUnixMs - last.TimesUnixMs[^1] : 0); // last line of the label file
        Assert.Equal(641.82, train.Single(a => a.History.Asset.Value == "train-1").History.Values[4][0]); // t24 at cycle 1
    }

    [Fact]
    public void Read_EnginesWithTwoFaults_HasBothPartsAndTheFailureOfEveryEngine()
    {
        Dataset dataset = ReadSample("cmapss-fd003.json");

        Assert.Equal(24_720, dataset.Assets.Where(a => a.Part == DatasetPart.Train).Sum(a => a.History.Count));
        Assert.Equal(16_596, dataset.Assets.Where(a => a.Part == DatasetPart.Test).Sum(a => a.History.Count));
        Assert.Equal(200, dataset.Assets.Count(a => a.History.Events.Count == 1));
        Assert.Equal(525 * Hour, dataset.Assets.Where(a => a.Part == DatasetPart.Train).Max(a => a.History.TimesUnixMs[^1]));
    }

    [Fact]
    public void Read_MillingMachine_HasTheToolsTheFailuresAndTheDerivedSignals()
    {
        Dataset dataset = ReadSample("ai4i2020.json");

        Assert.Equal(10_000, dataset.Assets.Sum(a => a.History.Count));
        Assert.Equal(120, dataset.Assets.Count); // awk: wear falls 119 times
        Assert.Equal(339, RowsFailed(dataset));
        Assert.Empty(dataset.Report.Notes);
        Assert.Equal(["W", "K", "min·Nm"], dataset.Schema.Signals.Skip(6).Select(s => s.Unit));
        double[] first = [.. dataset.Assets.Single(a => a.History.Asset.Value == "tool-1").History.Values.Select(v => v[1])];
        Assert.Equal([0, 298.2, 308.7, 1408, 46.3, 3], first[..6]); // the second row of the file
        Assert.Equal(6826.72, first[6], 2); // bc: 46.3 * 1408 * 2 * pi / 60
        Assert.Equal(10.5, first[7], 9);
        Assert.Equal(3 * 46.3, first[8], 9);
        // The power failures of the data's own rule, 95 rows: below 3,500 W or above 9,000 W.
        Assert.Equal(95, dataset.Assets.Sum(a => a.History.Values[6].Count(power => power is < 3_500 or > 9_000)));
    }

    [Fact]
    public void Read_WaterRig_HasBothGroupsWithTheirDisturbedRows()
    {
        Dataset dataset = ReadSample("skab.json");
        Dataset Of(DatasetPart part) => dataset with { Assets = [.. dataset.Assets.Where(a => a.Part == part)] };

        Assert.Equal((16, 18_160, 6_309), (Of(DatasetPart.Train).Assets.Count, Of(DatasetPart.Train).Assets.Sum(a => a.History.Count), RowsFailed(Of(DatasetPart.Train))));
        Assert.Equal((14, 14_929, 5_241), (Of(DatasetPart.Test).Assets.Count, Of(DatasetPart.Test).Assets.Sum(a => a.History.Count), RowsFailed(Of(DatasetPart.Test))));
        Assert.All(dataset.Report.Files, f => Assert.Empty(f.Bad));
    }

    [Fact]
    public void Read_CncMill_HasTenExperimentsWithAWornTool()
    {
        Dataset dataset = ReadSample("cnc-mill.json");
        DatasetAsset[] worn = [.. dataset.Assets.Where(a => a.FailedSpans.Count > 0)];

        Assert.Equal(18, dataset.Assets.Count);
        Assert.Equal(25_286, dataset.Assets.Sum(a => a.History.Count));
        Assert.Equal(TimeSpan.FromMilliseconds(100), dataset.SamplingPeriod);
        Assert.Equal([6, 7, 8, 9, 10, 13, 14, 15, 16, 18], worn.Select(a => int.Parse(a.History.Asset.Value[^2..], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.All(worn, a => Assert.Equal(new FailedSpan("tool", 100, a.History.Count * 100), Assert.Single(a.FailedSpans)));
        Assert.Equal(["kW", "A", "kW"], dataset.Schema.Signals.Skip(16).Select(s => s.Unit));
        Assert.Empty(dataset.Report.Notes);
    }

    private static int RowsFailed(Dataset dataset)
    {
        LabelDefinition label = LabelChoice.Of(dataset, PredictionTask.Failure, null);
        LabelledRows[] rows = [.. dataset.Assets.Select(a => LabelledRows.Of(a, label, long.MaxValue))];
        Assert.Equal(dataset.Assets.Select(a => a.History.Count), rows.Select(r => r.Rows.Length));
        return rows.Sum(r => r.Labels[0].Count(positive => positive == 1));
    }

    private static Dataset ReadSample(string name)
    {
        string? root = Environment.GetEnvironmentVariable("AUSPEX_REFERENCE_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine");
        DatasetDescription description = DatasetDescriptionReader.Read(Path.Combine(Repository.Root, "samples", "datasets", name));
        return DatasetReader.Read(description, root!, null, null, TestContext.Current.CancellationToken);
    }
}
