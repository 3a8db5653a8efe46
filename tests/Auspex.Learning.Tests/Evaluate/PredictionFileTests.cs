using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Evaluate;

public sealed class PredictionFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-predictions-").FullName;

    private string FilePath => Path.Combine(_folder, "sub", "predictions.csv");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Add_SeveralComponents_WritesAColumnEach()
    {
        var predictions = new AssetPredictions(new AssetId("m1"), [0, Hour + 5], [[0.25, 0.5], [0.5, 0.5]]) { Confidences = [[1, 0.875], [0.75, 0.625]], ConfidenceOfAny = [0.9375, 0.5] };
        Write(FailureLabel(4, 0, "belt", "fan"), ScoredAsset.OfFailure(predictions, [], [], FailureLabel(4, 0, "belt", "fan"), 0.5, 0.7));

        // 1 - 0.75 * 0.5 = 0.625 and 1 - 0.5 * 0.5 = 0.75; at a tie the first component
        Assert.Equal(
            "asset,time,probability,confidence,predictedComponent,probability belt,confidence belt,probability fan,confidence fan,alert\n"
            + "m1,1970-01-01T00:00:00Z,0.625,0.9375,fan,0.25,1,0.5,0.75,fan\n"
            + "m1,1970-01-01T01:00:00.005Z,0.75,0.5,belt,0.5,0.875,0.5,0.625,belt\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Add_NoComponents_WritesYes()
    {
        Write(FailureLabel(4), ScoredAsset.OfFailure(new AssetPredictions(new AssetId("m1"), [0, Hour], [[0.1, 0.9]]), [], [], FailureLabel(4), 0.5));

        Assert.Equal("asset,time,probability,confidence,predictedComponent,alert\nm1,1970-01-01T00:00:00Z,0.1,,,\nm1,1970-01-01T01:00:00Z,0.9,,,yes\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Add_Life_WritesNumbersInTheInvariantCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Write(LifeLabel(125), ScoredAsset.OfLife(new AssetLifePredictions(new AssetId("m1"), [0], [12.5], [double.NaN])));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Equal("asset,time,remainingUsefulLife,confidence\nm1,1970-01-01T00:00:00Z,12.5,\n", File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData("=1+1", "\"'=1+1\"")]
    [InlineData("+a", "\"'+a\"")]
    [InlineData("-a", "\"'-a\"")]
    [InlineData("@a", "\"'@a\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    public void Add_NameThatASpreadsheetWouldRun_IsInert(string name, string cell)
    {
        var label = FailureLabel(4, 0, name);
        Write(label, ScoredAsset.OfFailure(new AssetPredictions(new AssetId(name), [0], [[0.9]]), [], [], label, 0.5));

        Assert.Equal($"{cell},1970-01-01T00:00:00Z,0.9,,{cell},0.9,,{cell}", File.ReadAllLines(FilePath)[1]);
    }

    [Fact]
    public void Complete_FileThere_IsReplacedAndNothingElseIsLeft()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, "old");
        using (var file = new PredictionFile(FilePath, LifeLabel(1)))
        {
            file.Add(Life(3));
            Assert.Equal("old", File.ReadAllText(FilePath));
            Assert.Equal(3, file.Rows);
            file.Complete();
        }

        Assert.Equal(4, File.ReadAllLines(FilePath).Length);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public void Dispose_NotCompleted_LeavesNothingBehind()
    {
        using (var file = new PredictionFile(FilePath, LifeLabel(1)))
        {
            file.Add(Life(100_000));
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    [Fact]
    public void Complete_PathIsAFolder_FailsAndLeavesNothingBehind()
    {
        Directory.CreateDirectory(FilePath);
        using (var file = new PredictionFile(FilePath, LifeLabel(1)))
        {
            file.Add(Life(1));
            Assert.ThrowsAny<Exception>(file.Complete);
        }

        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(FilePath)!));
    }

    private static ScoredAsset Life(int rows) => ScoredAsset.OfLife(new AssetLifePredictions(
        new AssetId("m1"), [.. Enumerable.Range(0, rows).Select(i => i * Hour)], new double[rows], new double[rows]));

    private void Write(LabelDefinition label, ScoredAsset asset)
    {
        using var file = new PredictionFile(FilePath, label);
        file.Add(asset);
        file.Complete();
    }
}
