using Auspex.Core.Signals;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>Reading for a model: its schema gives names, order and states.</summary>
public sealed class DatasetReaderSchemaTests : IDisposable
{
    private const string Description = """
        { "name": "t", "badRowShare": 0.5,
          "signals": [ { "name": "force", "unit": "N" }, { "name": "mode", "kind": "state" }, { "name": "extra" }, { "name": "age", "role": "fact" } ],
          "frames": [ { "file": "frames.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" } } ],
          "rowLabels": [ { "column": "down", "component": "ram" } ],
          "events": [ { "kind": "error", "file": "errors.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" }, "nameColumn": "code" } ] }
        """;

    private static readonly AssetSchema Model = new(
        [
            new SignalDefinition("mode", SignalKind.State, null, SignalRole.Reading, ["run", "idle"]),
            new SignalDefinition("speed", SignalKind.Continuous, "rpm", SignalRole.Reading, []),
            new SignalDefinition("force", SignalKind.Continuous, "kN", SignalRole.Reading, []),
        ],
        [new SignalDefinition("age", SignalKind.Continuous, "years", SignalRole.Fact, [])],
        ["axle"], ["E1"]);

    private readonly TestFolder _folder = new();

    public DatasetReaderSchemaTests()
    {
        _folder.Write("frames.csv", "at,press,force,mode,age,down,extra\n1,a,1,idle,4,0,1\n2,a,2,setup,4,1,1\n3,a,3,run,4,0,1\n4,a,4,setup,4,0,1\n");
        _folder.Write("errors.csv", "at,press,code\n1,a,E1\n2,a,E7\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_WithAModel_TakesItsOrderAndNotesWhatDiffers()
    {
        Dataset dataset = _folder.Read(Description, Model);

        Assert.Same(Model, dataset.Schema);
        double[][] values = dataset.Assets[0].History.Values;
        Assert.Equal([1, double.NaN, 0, double.NaN], values[0]); // idle, setup, run, setup
        Assert.All(values[1], v => Assert.Equal(double.NaN, v));
        Assert.Equal([1, 2, 3, 4], values[2]);
        Assert.Equal([4.0], dataset.Assets[0].History.Facts);
        Assert.Equal(4, dataset.Report.Files[0].Good); // an unknown state is no bad row here
        Assert.Equal(
            [
                "The data set does not describe speed, which the model uses: its values are missing throughout.",
                "force is described in N, the model was trained on kN: its values are used as they are.",
                "The model does not use extra.",
                "mode has state setup, which the model does not know: 2 values are missing.",
                "Events name components that the model does not know: ram.",
                "Events name error codes that the model does not know: E7.",
            ],
            dataset.Report.Notes);
    }

    [Fact]
    public void Read_WithAModelAndAColumnLacking_IsMissingWithANote()
    {
        _folder.Write("frames.csv", "at,press,mode\n1,a,idle\n");

        Dataset dataset = _folder.Read(Description, Model);

        Assert.Equal([double.NaN], dataset.Assets[0].History.Values[2]);
        Assert.Equal([double.NaN], dataset.Assets[0].History.Facts);
        Assert.Contains("frames.csv has no column force: force is missing throughout.", dataset.Report.Notes);
        Assert.Contains("frames.csv has no column age: age is missing throughout.", dataset.Report.Notes);
        Assert.Contains("frames.csv has no column down: its failures are not known.", dataset.Report.Notes);
    }

    [Fact]
    public void Read_WithAModelOfAnotherKind_IsRefused()
    {
        string description = Description.Replace("""{ "name": "force", "unit": "N" }""", """{ "name": "force", "kind": "counter" }""");

        string error = Assert.Throws<DatasetException>(() => _folder.Read(description, Model)).Message;

        Assert.Equal("t: force is described as Counter and Reading, but the model was trained on it as Continuous and Reading; correct the description.", error);
    }

    [Fact]
    public void Read_WithAModelOfOtherSignals_IsRefused()
    {
        AssetSchema other = Model with { Signals = [Model.Signals[1]] };

        Assert.StartsWith("t: none of the model's signals is described (speed)", Assert.Throws<DatasetException>(() => _folder.Read(Description, other)).Message);
    }

    [Fact]
    public void Read_TwiceTheSecondTimeWithTheFirstSchema_GivesTheSameValues()
    {
        Dataset first = _folder.Read(Description);
        Dataset second = _folder.Read(Description, first.Schema);

        Assert.Equal(first.Assets[0].History.Values, second.Assets[0].History.Values);
        Assert.Empty(second.Report.Notes);
    }
}
