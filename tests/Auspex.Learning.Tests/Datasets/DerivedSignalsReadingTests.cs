using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>Derived signals, labels in fact files, and numbered names.</summary>
public sealed class DerivedSignalsReadingTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Formulas_FillTheirColumnsAndMissingStaysMissing()
    {
        _folder.Write("frames.csv", "at,press,force,stroke\n1,a,2,3\n2,a,,3\n3,a,4,0\n");

        Dataset dataset = _folder.Read(Description(
            """{ "name": "work", "formula": "force * stroke" }, { "name": "share", "formula": "force / stroke" }, { "name": "hard", "kind": "boolean", "formula": "work > 5" }"""));

        double[][] values = dataset.Assets[0].History.Values;
        Assert.Equal([6, double.NaN, 0], values[2]);
        Assert.Equal([2.0 / 3, double.NaN, double.NaN], values[3]);
        Assert.Equal([1, double.NaN, 0], values[4]);
        Assert.Equal("kN·m", dataset.Schema.Signals[2].Unit);
        Assert.Equal("force * stroke", dataset.Schema.Signals[2].Formula);
        Assert.Empty(dataset.Report.Notes);
    }

    [Fact]
    public void Read_ForAModel_ComputesItsFormulasWhateverTheDescriptionHas()
    {
        _folder.Write("frames.csv", "at,press,force,stroke\n1,a,2,3\n");
        Dataset trained = _folder.Read(Description("""{ "name": "work", "formula": "force * stroke" }"""));
        AssetSchema model = FeatureDefinition.FromJson(FeatureDefinition.Build(trained.Schema, new FeatureOptions([], [], false)).ToJson()).Schema;

        Dataset plain = _folder.Read(Description(null), model);
        Dataset other = _folder.Read(Description("""{ "name": "work", "formula": "force + force" }"""), model);

        Assert.Equal(6, plain.Assets[0].History.Values[2][0]);
        Assert.Empty(plain.Report.Notes);
        Assert.Equal(6, other.Assets[0].History.Values[2][0]);
        Assert.Equal(["work is computed as the model was trained on it: force * stroke."], other.Report.Notes);
    }

    [Fact]
    public void Read_ForAModelWhoseFormulaIsWrong_NamesTheSignal()
    {
        _folder.Write("frames.csv", "at,press,force,stroke\n1,a,2,3\n");
        Dataset trained = _folder.Read(Description(null));
        AssetSchema model = trained.Schema with { Signals = [.. trained.Schema.Signals, new("bad", SignalKind.Continuous, null, SignalRole.Reading, []) { Formula = "force +" }] };

        Assert.Contains("Formula of signal 'bad', column 8: expected a number",
            Assert.Throws<DatasetException>(() => _folder.Read(Description(null), model)).Message);
    }

    [Theory]
    [InlineData("""{ "name": "w", "formula": "stroke + force" }""", "signals[2].formula \"stroke + force\" is wrong at column 8: '+' needs two values of one kind, was stroke in m and force in kN")]
    [InlineData("""{ "name": "w", "formula": "w + 1" }""", "no signal 'w' before this one; the signals are force, stroke")]
    [InlineData("""{ "name": "w", "formula": "2 * force" }""", "signals[2].unit is missing; the formula multiplies kN by a number")]
    [InlineData("""{ "name": "w", "formula": "force", "unit": "N" }""", "signals[2].unit \"N\" is of another scale than the formula: 1 kN is 1000 N; multiply by that")]
    [InlineData("""{ "name": "w", "formula": "force", "unit": "m" }""", "signals[2].unit \"m\" is of another kind than the formula, which gives kN")]
    [InlineData("""{ "name": "w", "formula": "force", "column": "x" }""", "signals[2].column \"x\" cannot stand beside a formula")]
    [InlineData("""{ "name": "w", "formula": "force", "role": "fact" }""", "signals[2].formula \"force\" cannot make a fact")]
    [InlineData("""{ "name": "w", "formula": "force", "kind": "boolean" }""", "signals[2].kind \"Boolean\" is none that a formula makes")]
    [InlineData("""{ "name": "w", "formula": "force > 1", "kind": "counter" }""", "is none that a formula makes")]
    public void Read_WrongFormula_NamesKeyValueAndColumn(string signal, string message) => Assert.Contains(message, _folder.ErrorOf(Description(signal)));

    [Fact]
    public void Read_LabelInAFactFile_HoldsForAllRowsOfTheAsset()
    {
        _folder.Write("run_01.csv", "force\n1\n2\n");
        _folder.Write("run_02.csv", "force\n1\n2\n3\n");
        _folder.Write("runs.csv", "run,tool\n1,sharp\n2,worn\n");

        Dataset dataset = _folder.Read(Runs("worn"));

        Assert.Equal(["run_01", "run_02"], dataset.Assets.Select(a => a.History.Asset.Value));
        Assert.Empty(dataset.Assets[0].FailedSpans);
        Assert.Equal([new FailedSpan("", 1_000, 3_000)], dataset.Assets[1].FailedSpans);
        Assert.Empty(dataset.Report.Notes);
        Assert.Equal(["No row has 'wron' in column tool, so nothing is failed by it."], _folder.Read(Runs("wron")).Report.Notes);
    }

    [Fact]
    public void Read_LabelInFramesAndFacts_IsTakenFromTheFrames()
    {
        _folder.Write("run_01.csv", "force,tool\n1,worn\n2,sharp\n");
        _folder.Write("runs.csv", "run,tool\n1,worn\n");

        Assert.Equal([new FailedSpan("", 1_000, 1_000)], _folder.Read(Runs("worn")).Assets[0].FailedSpans);
    }

    [Fact]
    public void Read_LabelInNoFile_IsRefused()
    {
        _folder.Write("run_01.csv", "force\n1\n");
        _folder.Write("runs.csv", "run,wear\n1,0\n");

        Assert.Contains("there is no column tool", _folder.ErrorOf(Runs("worn")));
    }

    [Theory]
    [InlineData("\"digits\": 21", "assetFacts[0].asset.digits \"21\" must be 0 to 20")]
    [InlineData("\"digits\": 1.5", "assetFacts[0].asset.digits 1.5 must be a whole number")]
    [InlineData("\"digits\": \"2\"", "assetFacts[0].asset.digits \"2\" must be a whole number")]
    public void Read_WrongDigits_NamesTheLimit(string digits, string message) =>
        Assert.Contains(message, _folder.ErrorOf(Runs("worn").Replace("\"digits\": 2", digits)));

    private static string Description(string? derived) => $$"""
        { "name": "t",
          "signals": [ { "name": "force", "unit": "kN" }, { "name": "stroke", "unit": "m" }{{(derived is null ? "" : ", " + derived)}} ],
          "frames": [ { "file": "frames.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" } } ] }
        """;

    private static string Runs(string failed) => $$"""
        { "name": "t", "labels": { "horizon": "0s" },
          "signals": [ { "name": "force" } ],
          "frames": [ { "file": "run_*.csv", "asset": { "fileName": true }, "time": { "rowNumber": true, "period": "1s" } } ],
          "assetFacts": [ { "file": "runs.csv", "asset": { "column": "run", "prefix": "run_", "digits": 2 } } ],
          "rowLabels": [ { "column": "tool", "values": ["{{failed}}"] } ] }
        """;
}
