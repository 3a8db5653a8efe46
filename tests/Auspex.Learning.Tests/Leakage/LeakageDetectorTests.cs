using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Label;
using Auspex.Learning.Leakage;
using Auspex.Learning.Tests.Datasets;
using Auspex.Learning.Train;
using Auspex.Simulation;
using Auspex.Simulation.Furnace;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Leakage;

/// <summary>Leaks planted one by one into the simulated furnaces and the engines must be found; what was there before must not.</summary>
public sealed class LeakageDetectorTests
{
    private static readonly Lazy<(TrainingTable Table, IReadOnlyList<FeatureColumn> Columns)> Furnaces = new(SimulatedFurnaces);

    [Fact]
    public void Find_SimulatedFurnaces_IsSilentOnEveryComponent()
    {
        (TrainingTable table, IReadOnlyList<FeatureColumn> columns) = Furnaces.Value;

        Assert.True(table.Labels.Length > 1 && table.Assets.Distinct().Count() == 6);
        Assert.Empty(Enumerable.Range(0, table.Labels.Length).SelectMany(target => LeakageDetector.Find(table, target, columns)));
    }

    [Theory]
    [InlineData(1, LeakageForm.ShiftedLabel, "one row before the label")]
    [InlineData(-1, LeakageForm.ShiftedLabel, "one row after the label")]
    [InlineData(0, LeakageForm.CauseColumn, "in the same row as the label")]
    public void Find_LabelMovedByARow_IsFound(int shift, LeakageForm form, string evidence)
    {
        float[] labels = Furnaces.Value.Table.Labels[0];

        LeakageFinding found = FoundPlanted((table, row) => Moved(table, row, shift) is { } at ? labels[at] : double.NaN);

        Assert.Equal(form, found.Form);
        Assert.Contains(evidence, found.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Find_SignalFromTheFuture_IsFoundInWhateverScale(int lead)
    {
        TrainingTable plain = Furnaces.Value.Table;
        int signal = Enumerable.Range(0, plain.Columns).First(c => Furnaces.Value.Columns[c].Kind == FeatureKind.Value
            && Enumerable.Range(1, 500).Count(row => plain.Values[(row * plain.Columns) + c] != plain.Values[((row - 1) * plain.Columns) + c]) > 400);

        LeakageFinding found = FoundPlanted((table, row) => Moved(table, row, lead) is { } at ? (1.8 * table.Values[(at * table.Columns) + signal]) + 32 : double.NaN);

        Assert.Equal(LeakageForm.FutureValue, found.Form);
        Assert.Contains($"{lead} rows later", found.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_ModeWrittenDownForSomeFailures_IsFound()
    {
        float[] labels = Furnaces.Value.Table.Labels[0];
        var random = new Random(5);
        double mode = 0;

        LeakageFinding found = FoundPlanted((table, row) =>
        {
            bool isOnset = labels[row] == 1 && (row == 0 || labels[row - 1] == 0 || table.Assets[row] != table.Assets[row - 1]);
            mode = labels[row] == 0 ? 0 : isOnset ? random.Next(3) : mode; // a third of the failures have none
            return mode;
        });

        Assert.Equal(LeakageForm.CauseColumn, found.Form);
    }

    [Fact]
    public void Find_NumberOfTheAssetOrTheRow_IsFound()
    {
        string[] names = [.. Furnaces.Value.Table.Assets.Select(a => a.Value).Distinct()];

        LeakageFinding code = FoundPlanted((table, row) => 100 + (2 * Array.IndexOf(names, table.Assets[row].Value)));
        LeakageFinding number = FoundPlanted((_, row) => row + 1);

        Assert.Equal(LeakageForm.Identifier, code.Form);
        Assert.Contains("for each of 6 assets, all different, from 100 to 110", code.Evidence, StringComparison.Ordinal);
        Assert.Equal(LeakageForm.Identifier, number.Form);
    }

    [Fact]
    public void Find_MeanLabelOfACategory_IsFound()
    {
        TrainingTable plain = Furnaces.Value.Table;
        Dictionary<string, double> means = Enumerable.Range(0, plain.Rows).GroupBy(row => plain.Assets[row].Value)
            .ToDictionary(g => g.Key, g => g.Average(row => (double)plain.Labels[0][row]));

        Assert.Equal(LeakageForm.TargetEncoding, FoundPlanted((table, row) => means[table.Assets[row].Value]).Form);
    }

    [Theory]
    [InlineData("late warning")]
    [InlineData("hours of service")]
    [InlineData("old copy")]
    public void Find_HonestFeatureThatIsStrong_IsNotFound(string what)
    {
        float[] labels = Furnaces.Value.Table.Labels[0];
        Func<TrainingTable, int, double> honest = what switch
        {
            // True in positive rows only, but from a few rows after the horizon began: what a good sensor does.
            "late warning" => (table, row) => labels[row] == 1 && Moved(table, row, -4) is { } at && labels[at] == 1 ? 1 : 0,
            "hours of service" => (table, row) => row - Array.IndexOf(table.Assets, table.Assets[row]),
            _ => (table, row) => Moved(table, row, -40) is { } at ? table.Values[at * table.Columns] : double.NaN,
        };
        (TrainingTable table, FeatureColumn[] columns) = Plant(honest);

        Assert.Empty(LeakageDetector.Find(table, 0, columns));
    }

    [Fact]
    public void Find_OtherNumberOfColumns_IsRefused() =>
        Assert.Throws<ArgumentException>(() => LeakageDetector.Find(Furnaces.Value.Table, 0, []));

    [Theory]
    [InlineData("cmapss-fd001.json", PredictionTask.RemainingUsefulLife)]
    [InlineData("azure-pdm.json", PredictionTask.Failure)]
    public void Find_PublicTrainingData_IsSilentAndFindsThePlantedLabel(string name, PredictionTask task)
    {
        string? root = Environment.GetEnvironmentVariable("AUSPEX_REFERENCE_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine");
        DatasetDescription description = DatasetDescriptionReader.Read(Path.Combine(Repository.Root, "samples", "datasets", name));
        Dataset dataset = DatasetReader.Read(description, root!, null, null, TestContext.Current.CancellationToken);
        (TrainingTable table, IReadOnlyList<FeatureColumn> columns) = Table(dataset, task, new FeatureOptions([], [], true));
        float[] labels = table.Labels[0];

        Assert.Empty(Enumerable.Range(0, table.Labels.Length).SelectMany(target => LeakageDetector.Find(table, target, columns)));
        (TrainingTable planted, FeatureColumn[] with) = Plant(table, columns, (t, row) => Moved(t, row, 1) is { } at ? labels[at] : double.NaN);
        Assert.Equal(LeakageForm.ShiftedLabel, Assert.Single(LeakageDetector.Find(planted, 0, with)).Form);
    }

    private static LeakageFinding FoundPlanted(Func<TrainingTable, int, double> leak)
    {
        (TrainingTable table, FeatureColumn[] columns) = Plant(leak);
        LeakageFinding found = Assert.Single(LeakageDetector.Find(table, 0, columns));
        Assert.Equal("planted", found.Feature);
        return found;
    }

    private static (TrainingTable Table, FeatureColumn[] Columns) Plant(Func<TrainingTable, int, double> column) =>
        Plant(Furnaces.Value.Table, Furnaces.Value.Columns, column);

    /// <summary>The table with one more column, as if the source had had it.</summary>
    private static (TrainingTable Table, FeatureColumn[] Columns) Plant(
        TrainingTable table, IReadOnlyList<FeatureColumn> columns, Func<TrainingTable, int, double> column)
    {
        var values = new List<double>(table.Values.Length + table.Rows);
        for (int row = 0; row < table.Rows; row++)
        {
            values.AddRange(table.Values.AsSpan(row * table.Columns, table.Columns));
            values.Add(column(table, row));
        }

        return (table with { FeatureNames = [.. table.FeatureNames, "planted"], Values = [.. values] },
            [.. columns, new FeatureColumn("planted", FeatureKind.Value, "planted", 0, null)]);
    }

    /// <summary>The row some rows on, of the same asset.</summary>
    private static int? Moved(TrainingTable table, int row, int by) =>
        row + by >= 0 && row + by < table.Rows && table.Assets[row + by] == table.Assets[row] ? row + by : null;

    private static (TrainingTable Table, IReadOnlyList<FeatureColumn> Columns) SimulatedFurnaces()
    {
        SimulatedPlant plant = FurnacePlant.Generate(new FurnacePlantOptions
        {
            Furnaces = 6,
            Duration = TimeSpan.FromDays(90),
            SamplingPeriod = TimeSpan.FromMinutes(30),
            MedianLife = TimeSpan.FromDays(6),
            PreventiveInterval = TimeSpan.FromDays(12),
        });
        Dataset dataset = Of(new LabelSettings { Horizon = "12h", Recovery = "6h" }, new SplitSettings { At = plant.Description.SplitAt.ToString("o") },
            [.. plant.Assets.Select(asset => new DatasetAsset(asset, DatasetPart.Unassigned))]) with
        { Schema = plant.Schema, SamplingPeriod = TimeSpan.FromMinutes(30) };
        return Table(dataset, PredictionTask.Failure, new FeatureOptions([], [TimeSpan.FromHours(6)], false));
    }

    /// <summary>The training side alone.</summary>
    private static (TrainingTable Table, IReadOnlyList<FeatureColumn> Columns) Table(Dataset dataset, PredictionTask task, FeatureOptions options)
    {
        LabelDefinition label = LabelChoice.Of(dataset, task, null);
        var split = DataSplit.Of(dataset, label.Horizon, 1);
        FeatureDefinition definition = FeatureDefinition.Build(dataset.Schema, options);
        var plan = FeaturePlan.Of(definition);
        var values = new List<double>();
        var assets = new List<AssetId>();
        var times = new List<long>();
        List<float>[] labels = [.. Enumerable.Range(0, Math.Max(1, label.Components.Count)).Select(_ => new List<float>())];
        foreach (DatasetAsset asset in dataset.Assets.Where(a => split.TrainAssets.Contains(a.History.Asset)))
        {
            FeatureMatrix features = FeatureMatrix.Of(plan, asset.History);
            LabelledRows labelled = LabelledRows.Of(asset, label, split.TrainUntilUnixMs);
            foreach (int row in labelled.Rows)
            {
                values.AddRange(features.Row(row));
                assets.Add(asset.History.Asset);
                times.Add(features.TimesUnixMs[row]);
            }

            for (int target = 0; target < labels.Length; target++)
            {
                labels[target].AddRange(labelled.Labels[target]);
            }
        }

        return (new TrainingTable(definition.Names, [.. values], [.. assets], [.. times], [.. labels.Select(l => l.ToArray())]), definition.Columns);
    }
}
