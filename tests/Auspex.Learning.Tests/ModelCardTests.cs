using System.Globalization;
using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Learning.Tests.Evaluate;
using Auspex.Models.Package;

namespace Auspex.Learning.Tests;

public sealed class ModelCardTests
{
    private const string Hostile = "# x\n## y | <script>alert(1)</script> [a](http://b) ![c](d) *e* _f_ `g` ~h~ & \u202E \\";

    [Fact]
    public void Write_FailureModel_HasTheSectionsAndFiguresOfAModelCard()
    {
        string card = ModelCard.Write(Manifest(), Example.Report());

        Assert.StartsWith("# Model card: press v1.0.0\n", card, StringComparison.Ordinal);
        Assert.Equal(
            ["Model details", "Intended use", "Factors", "Metrics", "Evaluation data", "Training data", "Quantitative analyses", "Ethical considerations", "Caveats and recommendations"],
            card.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]));
        Assert.Contains("- Alerts from: a probability of 0.8 (given) with a confidence of at least 0.7\n", card, StringComparison.Ordinal);
        Assert.Contains("- Positive rows of bearing: 12\n", card, StringComparison.Ordinal);
        EventCounts fleet = Example.Report().Events!.Fleet;
        Assert.Contains($"| All | {fleet.Failures} | {fleet.Caught} |", card, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NoConfidenceAsked_SaysNothingOfIt()
    {
        string card = ModelCard.Write(Manifest() with { Thresholds = new ManifestThresholds(0.8) }, Example.Report());

        Assert.Contains("- Alerts from: a probability of 0.8 (given)\n", card, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TwiceAndInAnotherCulture_GivesEqualText()
    {
        string first = ModelCard.Write(Manifest(), Example.Report());
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal(first, ModelCard.Write(Manifest(), Example.Report()));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.DoesNotContain('\r', first);
    }

    [Fact]
    public void Write_HostileNames_AreTextAndNothingElse()
    {
        ModelManifest manifest = Manifest();
        string plain = ModelCard.Write(manifest, Example.Report());
        string card = ModelCard.Write(
            manifest with
            {
                Dataset = Hostile,
                Schema = manifest.Schema with { Signals = [manifest.Schema.Signals[0] with { Name = Hostile }] },
                Training = manifest.Training with { ThresholdSource = Hostile },
            },
            Example.Report() with { Dataset = Hostile, Title = Hostile, Notes = [Hostile] });

        // The same headings, lines and cells as without them: nothing in a name begins one.
        Assert.Equal(plain.Split('\n').Count(line => line.StartsWith('#')), card.Split('\n').Count(line => line.StartsWith('#')));
        Assert.Equal(plain.Split('\n').Length + 1 - Example.Report().Notes.Count, card.Split('\n').Length);
        Assert.DoesNotContain("<script", card, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', card);
        Assert.Contains(@"&lt;script&gt;alert(1)&lt;/script&gt; \[a\](http://b) \!\[c\](d) \*e\* \_f\_ \`g\` \~h\~ &amp;", card, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("task")]
    [InlineData("horizon")]
    public void Write_ReportOfAnotherModel_IsRefused(string what)
    {
        ModelManifest manifest = Manifest();
        ModelManifest other = what switch
        {
            "version" => manifest with { Version = "v2.0.0" },
            "task" => manifest with { Label = manifest.Label with { Task = PredictionTask.Anomaly } },
            _ => manifest with { Label = manifest.Label with { Horizon = TimeSpan.FromHours(5) } },
        };

        Assert.Contains("evaluate this model", Assert.Throws<ArgumentException>("report", () => ModelCard.Write(other, Example.Report())).Message, StringComparison.Ordinal);
    }

    private static ModelManifest Manifest() => new()
    {
        FormatVersion = ModelManifest.CurrentFormat,
        Name = "press",
        Version = "v1.0.0",
        Task = PredictionTask.Failure,
        CreatedAt = DateTimeOffset.UnixEpoch,
        AuspexVersion = "0.1.0",
        Dataset = "example",
        Features = new ManifestFeatures("abc", ["x"], JsonElement.Parse("{}")),
        Schema = new AssetSchema([new SignalDefinition("x", SignalKind.Continuous, null, SignalRole.Reading, [])], [], ["bearing", "seal"], []),
        Label = Example.Label,
        Training = new ManifestTraining(
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), null, 100, ["P1"], [12, 3], [10, 10],
            new Dictionary<string, string> { ["trainer"] = "LightGBM" }, 1, "given"),
        Thresholds = new ManifestThresholds(0.8, 0.7),
        Metrics = JsonElement.Parse("{}"),
        GoldenRows = [],
        Parity = new ManifestParity(1e-12, 10),
    };
}
