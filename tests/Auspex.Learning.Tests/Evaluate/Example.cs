using System.Globalization;
using System.Text.RegularExpressions;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

/// <summary>The worked example of <c>docs/measures.md</c>, read from the page itself.</summary>
internal static class Example
{
    public const long Hour = 3_600_000;

    public static readonly LabelDefinition Label = new(PredictionTask.Failure, TimeSpan.FromHours(4), TimeSpan.FromHours(1),
        TimeSpan.FromHours(1), ["bearing", "seal"], null, null, null);

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<AssetPredictions> Predictions => [.. Block("predictions")
        .GroupBy(line => line[0])
        .Select(asset => new AssetPredictions(
            new AssetId(asset.Key),
            [.. Enumerable.Range(0, 24).Select(hour => hour * Hour)],
            [.. Label.Components.Select(component => asset.Single(line => line[1] == component)[2..].Select(Number).ToArray())]))];

    public static IReadOnlyList<AssetEvents> Events => [.. Block("events")
        .Select(line => new AssetEvent(
            new AssetId(line[0]), (long)Number(line[1]) * Hour, Enum.Parse<AssetEventKind>(line[2], ignoreCase: true), line[3]))
        .GroupBy(e => e.Asset)
        .Select(asset => new AssetEvents(asset.Key, [.. asset], 23 * Hour))];

    public static EvaluationContext Context(LabelDefinition? label = null, string dataset = "example") => new(
        dataset, "The worked example", "v1.0.0",
        new EvaluationSplit(SplitKind.Time, null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddHours(23), TimeSpan.FromHours(4), 2, 2),
        label ?? Label,
        new ReadingSummary(50, 48, 0, 2, [new("rows.csv", 50, 48, 0, 2, new Dictionary<string, long> { ["NotANumber"] = 2 })], ["A note."]),
        1e-12);

    public static EvaluationReport Report() => EvaluationReport.OfFailures(
        Context(),
        EventMeasures.Of(Predictions, Events, Label, 0.8),
        RowMeasures.Of(Predictions, Events, Label),
        EventMeasures.Sweep(Predictions, Events, Label, [0.5, 0.8], null, 1, CancellationToken.None));

    /// <summary>The lines of a fenced block of the page, cut at blanks.</summary>
    public static IReadOnlyList<string[]> Block(string name)
    {
        string page = File.ReadAllText(Path.Combine(Root, "docs", "measures.md"));
        return [.. Regex.Match(page, $"^```{name}\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
    }

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Auspex.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Auspex.slnx is in no folder above the tests.");
    }
}
