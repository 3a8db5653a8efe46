using Auspex.Learning.Datasets;
using Auspex.Models.Detectors;

namespace Auspex.Learning.Tests.Datasets;

public sealed class DescriptionFitTests
{
    [Fact]
    public void Parse_EveryKeyOfFit_FillsTheRecord()
    {
        FitSettings fit = Parse("""
            { "perAsset": true, "first": 400, "detector": "isolationForest", "smoothing": "0s", "level": "2h", "falseAlarmRate": 0.05, "margin": 2, "explainedVariance": 0.8 }
            """).Fit;

        Assert.Equal(
            new FitSettings
            {
                PerAsset = true,
                First = 400,
                Detector = DetectorKind.IsolationForest,
                Smoothing = "0s",
                Level = "2h",
                FalseAlarmRate = 0.05,
                Margin = 2,
                ExplainedVariance = 0.8,
            },
            fit);
    }

    [Fact]
    public void Parse_EmptyFit_IsOneDetectorOfAll() => Assert.Equal((false, null), (Parse("{ }").Fit.PerAsset, Parse("{ }").Fit.First));

    [Theory]
    [InlineData("""{ "perAsset": true }""", "fit.first is missing; write how many first rows of each asset are normal")]
    [InlineData("""{ "first": 400 }""", "fit.first is for perAsset only")]
    [InlineData("""{ "perAsset": true, "first": 19 }""", "fit.first \"19\" must be at least 20 rows")]
    [InlineData("""{ "perAsset": true, "first": 20.5 }""", "fit.first 20.5 must be a whole number")]
    [InlineData("""{ "perAsset": true, "first": 99999999999 }""", "fit.first 99999999999 must be a whole number")]
    [InlineData("""{ "perAsset": true, "first": "400" }""", "fit.first \"400\" must be a whole number")]
    [InlineData("""{ "perAsset": 1 }""", "fit.perAsset 1 must be true or false")]
    [InlineData("""{ "detector": "svm" }""", "fit.detector \"svm\" is none of pca, isolationForest")]
    [InlineData("""{ "smoothing": "20" }""", "fit.smoothing \"20\" is no duration")]
    [InlineData("""{ "level": "-1s" }""", "fit.level \"-1s\" is no duration")]
    [InlineData("""{ "falseAlarmRate": 0 }""", "fit.falseAlarmRate \"0\" must be a share above 0 and below 1")]
    [InlineData("""{ "falseAlarmRate": 1 }""", "fit.falseAlarmRate \"1\" must be a share above 0 and below 1")]
    [InlineData("""{ "margin": 0.9 }""", "fit.margin \"0.9\" must be 1 to 100")]
    [InlineData("""{ "margin": 1e999 }""", "fit.margin")]
    [InlineData("""{ "explainedVariance": 0 }""", "fit.explainedVariance \"0\" must be a share above 0 and at most 1")]
    [InlineData("""{ "rows": 5 }""", "fit.rows is not known here")]
    public void Parse_FitThatBreaksARule_NamesFieldValueAndWhatToDo(string fit, string expected) =>
        Assert.Contains(expected, Assert.Throws<DatasetException>(() => Parse(fit)).Message, StringComparison.Ordinal);

    private static DatasetDescription Parse(string fit) => DatasetDescriptionReader.Parse($$"""
        {
          "name": "pumps",
          "frames": [{ "file": "pumps.csv", "asset": { "column": "pump" }, "time": { "column": "at" } }],
          "signals": [{ "name": "flow" }],
          "fit": {{fit}}
        }
        """, "pumps.json");
}
