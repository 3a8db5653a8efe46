using System.Text.Json.Serialization;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Evaluate;

/// <summary>How training and test were kept apart.</summary>
public enum SplitKind
{
    /// <summary>By time: the test lies after the training and a gap.</summary>
    [JsonStringEnumMemberName("time")]
    Time,

    /// <summary>By assets: the test side has assets that training never saw.</summary>
    [JsonStringEnumMemberName("assets")]
    Assets,

    /// <summary>By the data set's own files for training and test.</summary>
    [JsonStringEnumMemberName("files")]
    Files,

    /// <summary>No test side: judged by what the folds of the training held out.</summary>
    [JsonStringEnumMemberName("heldOut")]
    HeldOut,
}

/// <summary>The split of an evaluation.</summary>
/// <param name="Kind">By time, assets or files.</param>
/// <param name="TrainUntil">Last instant that training knew; null where the split is not by time.</param>
/// <param name="TestFrom">First judged row.</param>
/// <param name="TestTo">Last judged row.</param>
/// <param name="Gap">Purge gap between training and test, so that no training label looks into the test.</param>
/// <param name="TrainAssets">Assets in training.</param>
/// <param name="TestAssets">Assets in the test.</param>
public sealed record EvaluationSplit(
    SplitKind Kind, DateTimeOffset? TrainUntil, DateTimeOffset? TestFrom, DateTimeOffset? TestTo, TimeSpan Gap, int TrainAssets,
    int TestAssets);

/// <summary>What was read of one file.</summary>
/// <param name="File">File as described.</param>
/// <param name="Rows">Rows read.</param>
/// <param name="Good">Rows kept.</param>
/// <param name="Skipped">Rows of assets outside the data set.</param>
/// <param name="Bad">Rows set aside.</param>
/// <param name="BadByReason">Rows set aside by reason, reasons in ordinal order.</param>
public sealed record FileSummary(
    string File, long Rows, long Good, long Skipped, long Bad, IReadOnlyDictionary<string, long> BadByReason);

/// <summary>What was read in all.</summary>
/// <param name="Rows">Rows read.</param>
/// <param name="Good">Rows kept.</param>
/// <param name="Skipped">Rows of assets outside the data set.</param>
/// <param name="Bad">Rows set aside.</param>
/// <param name="Files">File by file, in the order of the description.</param>
/// <param name="Notes">What the reader had to say.</param>
public sealed record ReadingSummary(
    long Rows, long Good, long Skipped, long Bad, IReadOnlyList<FileSummary> Files, IReadOnlyList<string> Notes)
{
    /// <summary>Sums up a reading report.</summary>
    public static ReadingSummary Of(DatasetReadReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        FileSummary[] files = [.. report.Files.Select(f => new FileSummary(
            f.File, f.Rows, f.Good, f.Skipped, f.Bad.Values.Sum(),
            new SortedDictionary<string, long>(f.Bad.ToDictionary(b => b.Key.ToString(), b => b.Value), StringComparer.Ordinal)))];
        return new ReadingSummary(
            files.Sum(f => f.Rows), files.Sum(f => f.Good), files.Sum(f => f.Skipped), files.Sum(f => f.Bad), files, report.Notes);
    }
}

/// <summary>What an evaluation was made of.</summary>
/// <param name="Dataset">Name of the data set.</param>
/// <param name="Title">One line about it; null without.</param>
/// <param name="ModelVersion">Version of the model that was judged.</param>
/// <param name="Split">How training and test were kept apart.</param>
/// <param name="Label">What the model was taught to tell.</param>
/// <param name="Reading">What was read.</param>
/// <param name="ParityMaxDifference">Largest difference between the scorers that the parity gate compared; NaN when it did not run.</param>
public sealed record EvaluationContext(
    string Dataset, string? Title, string ModelVersion, EvaluationSplit Split, LabelDefinition Label, ReadingSummary Reading,
    double ParityMaxDifference);
