using System.Text.Json.Serialization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Models.Detectors;

namespace Auspex.Learning.Datasets;

/// <summary>A data set described, not coded: which files hold what. The JSON form is published in <c>docs/schemas/dataset.schema.json</c>
/// and explained in <c>docs/datasets.md</c>. File names are relative to the folder given by <c>--root</c> and may not leave it.</summary>
public sealed record DatasetDescription
{
    /// <summary>Where editors find the schema; ignored when reading.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>Short name: letters, digits, dashes. Names reports and packages.</summary>
    public required string Name { get; init; }

    /// <summary>One line about the data, for reports.</summary>
    public string? Title { get; init; }

    /// <summary>Files of frames; at least one.</summary>
    public required IReadOnlyList<FrameFile> Frames { get; init; }

    /// <summary>Signals and facts; at least one signal that is not a fact.</summary>
    public required IReadOnlyList<SignalColumn> Signals { get; init; }

    /// <summary>Files with one row an asset, holding signals of role fact.</summary>
    public IReadOnlyList<FactFile> AssetFacts { get; init; } = [];

    /// <summary>Files of failure, maintenance and error events.</summary>
    public IReadOnlyList<EventFile> Events { get; init; } = [];

    /// <summary>Columns that are true while the asset (or a component of it) is failed: each change to true is a failure.</summary>
    public IReadOnlyList<RowLabel> RowLabels { get; init; } = [];

    /// <summary>Files with the remaining useful life of each asset at its last frame.</summary>
    public IReadOnlyList<LifeLabelFile> RemainingUsefulLife { get; init; } = [];

    /// <summary>How rows are labelled.</summary>
    public LabelSettings Labels { get; init; } = new();

    /// <summary>How training and test are kept apart; without it the files' own parts, and failing those the last fifth of the time.</summary>
    public SplitSettings? Split { get; init; }

    /// <summary>Which features are made; what is left out follows from the task and the sampling period.</summary>
    public FeatureSettings Features { get; init; } = new();

    /// <summary>How a detector of anomalies is fitted.</summary>
    public FitSettings Fit { get; init; } = new();

    /// <summary>Largest share of rows of a file that may be bad before the run stops; 0 to 1, default 0.05.</summary>
    public double BadRowShare { get; init; } = 0.05;
}

/// <summary>How a text file is cut into columns. A name that ends in <c>.gz</c> is read through gzip.</summary>
public abstract record TextFile
{
    /// <summary>Path below the root, with forward slashes. A <c>*</c> in its last segment stands for any characters: every file that matches
    /// is read, in natural order (2 before 10).</summary>
    public required string File { get; init; }

    /// <summary>One character between columns, or a blank for any run of blanks; default a comma.</summary>
    public string Separator { get; init; } = ",";

    /// <summary>Names of the columns of a file without a header line; left out when the first line is the header.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Cell texts that mean "no value"; default the empty cell. Any other text in a number is a bad row.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [""];
}

/// <summary>A file of frames: one row an asset and instant.</summary>
public sealed record FrameFile : TextFile
{
    /// <summary>Which asset a row belongs to.</summary>
    public required AssetColumn Asset { get; init; }

    /// <summary>When a row was taken.</summary>
    public required TimeColumn Time { get; init; }

    /// <summary>Side of the split of all assets in this file.</summary>
    public DatasetPart Part { get; init; }

    /// <summary>True when each asset of this file was run until it failed: its last frame is its failure.</summary>
    public bool EndsInFailure { get; init; }

    /// <summary>Column that says how many rows a row counts for in training: 0.000001 to 1,000,000. A cell without a value counts for one; left
    /// out, all rows do.</summary>
    public string? WeightColumn { get; init; }
}

/// <summary>A file with one row an asset.</summary>
public sealed record FactFile : TextFile
{
    /// <summary>Which asset a row belongs to.</summary>
    public required AssetColumn Asset { get; init; }

    /// <summary>What to do with assets that no frame file has.</summary>
    public OtherAssets OtherAssets { get; init; }
}

/// <summary>A file of events: one row an event.</summary>
public sealed record EventFile : TextFile
{
    /// <summary>Failure, maintenance or error.</summary>
    public required AssetEventKind Kind { get; init; }

    /// <summary>Which asset a row belongs to.</summary>
    public required AssetColumn Asset { get; init; }

    /// <summary>When the event happened.</summary>
    public required TimeColumn Time { get; init; }

    /// <summary>Column with the component or the error code; left out when the source names none.</summary>
    public string? NameColumn { get; init; }

    /// <summary>What to do with assets that no frame file has.</summary>
    public OtherAssets OtherAssets { get; init; }
}

/// <summary>What to do with a row of an asset that no frame file has.</summary>
public enum OtherAssets
{
    /// <summary>It is a bad row.</summary>
    Refuse,

    /// <summary>It is left out and counted as skipped: the file covers more assets than this data set.</summary>
    Skip,
}

/// <summary>How the asset of a row is found: exactly one of <see cref="Column"/>, <see cref="Counter"/>, <see cref="Name"/> and
/// <see cref="FileName"/>.</summary>
public sealed record AssetColumn
{
    /// <summary>Column with the asset's name.</summary>
    public string? Column { get; init; }

    /// <summary>Column of a counter that falls when the next asset begins; assets are named 1, 2, 3 … in file order. In frame files only.</summary>
    public string? Counter { get; init; }

    /// <summary>The one asset of the whole file.</summary>
    public string? Name { get; init; }

    /// <summary>True when each file is one asset, named as the file is, without folder and endings such as <c>.csv.gz</c>.</summary>
    public bool FileName { get; init; }

    /// <summary>Put before the name, so that equal numbers in two files are two assets.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Names in the column that are whole numbers get zeros in front until they have this many digits: 1 is 01 with two. Default 0: as
    /// written.</summary>
    public int Digits { get; init; }
}

/// <summary>How the time of a row is found: exactly one of <see cref="Column"/>, <see cref="Counter"/> and <see cref="RowNumber"/>.</summary>
public sealed record TimeColumn
{
    /// <summary>Column with a timestamp.</summary>
    public string? Column { get; init; }

    /// <summary>.NET format of the timestamp; left out for ISO 8601.</summary>
    public string? Format { get; init; }

    /// <summary>IANA zone of timestamps that carry no offset; required for those. A local time that happens twice, when clocks are set back,
    /// is taken as the first; one that does not happen, when they are set forward, is a bad row.</summary>
    public string? Zone { get; init; }

    /// <summary>Column with a counter of periods: count n is n periods after 1970-01-01.</summary>
    public string? Counter { get; init; }

    /// <summary>True when row n of an asset is n periods after 1970-01-01, the first row being 1. Bad rows count too. In frame files only.</summary>
    public bool RowNumber { get; init; }

    /// <summary>Length of one count or row, such as <c>1h</c>; required with <see cref="Counter"/> and <see cref="RowNumber"/>, and with
    /// <see cref="Column"/> when remaining useful life is told in periods.</summary>
    public string? Period { get; init; }

    /// <summary>What one period is called, such as <c>cycle</c>; the unit of remaining useful life.</summary>
    public string? PeriodName { get; init; }
}

/// <summary>One signal or fact and the column it is read from.</summary>
public sealed record SignalColumn
{
    /// <summary>Name in features and reports: a letter, then letters, digits and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>What people call it, such as <c>Bearing temperature, drive end</c>: reasons in words say this instead of the name.</summary>
    public string? Label { get; init; }

    /// <summary>Column of the frame files (for facts, of the fact files, else of the frame files); default the name.</summary>
    public string? Column { get; init; }

    /// <summary>Instead of a column: how the signal is computed from the signals before it, such as <c>torque * speed * 2 * pi / 60</c>. Units are
    /// checked.</summary>
    public string? Formula { get; init; }

    /// <summary>Continuous unless said.</summary>
    public SignalKind Kind { get; init; }

    /// <summary>Unit of the values. Of a formula, left out, the unit that follows from it.</summary>
    public string? Unit { get; init; }

    /// <summary>Reading unless said.</summary>
    public SignalRole Role { get; init; }

    /// <summary>States in index order; left out, the states found in the data in ordinal order.</summary>
    public IReadOnlyList<string>? States { get; init; }

    /// <summary>What a rise of the signal may do to the risk; not bound unless said. A model is taught to keep to it.</summary>
    public MonotoneRisk Monotone { get; init; }
}

/// <summary>What a rise of a signal may do to the risk of failure. For remaining useful life the risk rises as the life falls.</summary>
public enum MonotoneRisk
{
    /// <summary>Anything.</summary>
    Free,

    /// <summary>It never lowers the risk.</summary>
    Increasing,

    /// <summary>It never raises the risk.</summary>
    Decreasing,
}

/// <summary>A column that is true while something is failed.</summary>
public sealed record RowLabel
{
    /// <summary>Column of the frame files; failing those of a fact file, where it holds for all rows of the asset. 0/1 or false/true, unless
    /// <see cref="Values"/> says what means failed.</summary>
    public required string Column { get; init; }

    /// <summary>Cell texts that mean failed, such as <c>worn</c>; every other text then means not failed.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>The component it tells of; left out when it tells of the whole asset.</summary>
    public string? Component { get; init; }
}

/// <summary>A file with one number a line: the remaining useful life of the assets of one part, in the order in which the frame file has them.</summary>
public sealed record LifeLabelFile
{
    /// <summary>Path below the root, with forward slashes.</summary>
    public required string File { get; init; }

    /// <summary>The frame file whose assets the lines belong to, as written in <see cref="DatasetDescription.Frames"/>.</summary>
    public required string Frames { get; init; }
}

/// <summary>How rows are labelled.</summary>
public sealed record LabelSettings
{
    /// <summary>A failure within this time after a row makes the row positive; <c>--horizon</c> overrides. Default 24h. With row labels it may be 0s:
    /// then a row is positive when it is failed itself.</summary>
    public string Horizon { get; init; } = "24h";

    /// <summary>How much longer than the horizon a prediction may wait before it counts as false. Default 0s.</summary>
    public string Grace { get; init; } = "0s";

    /// <summary>How long after its start a failure lasts; those rows are neither taught nor judged. Default 0s: the row of the failure only.</summary>
    public string Recovery { get; init; } = "0s";

    /// <summary>Remaining useful life is taught as at most this many time periods; left out, 125. 0 means no cap.</summary>
    public double LifeCap { get; init; } = 125;
}

/// <summary>How training and test are kept apart: exactly one of <see cref="At"/>, <see cref="TestAssets"/> and <see cref="TestShare"/>.</summary>
public sealed record SplitSettings
{
    /// <summary>Train on what was known at this instant (ISO 8601 with offset), test after it and a purge gap of one horizon.</summary>
    public string? At { get; init; }

    /// <summary>Assets of the test side.</summary>
    public IReadOnlyList<string>? TestAssets { get; init; }

    /// <summary>Share of the assets on the test side, drawn by the seed; above 0, below 1.</summary>
    public double? TestShare { get; init; }
}

/// <summary>Which features are made; lengths as durations.</summary>
public sealed record FeatureSettings
{
    /// <summary>Lags of continuous signals and counters; left out, 1, 2 and 5 sampling periods for failure and none for remaining useful life. An
    /// empty list means none.</summary>
    public IReadOnlyList<string>? Lags { get; init; }

    /// <summary>Rolling windows of all signals and event counts, with mean, std, min, max and slope; left out with statistics, 3, 5 and 10
    /// sampling periods for failure, and for remaining useful life the mean over 5, 15 and 30, std over 15, slope and fromStart over 30. An
    /// empty list means none.</summary>
    public IReadOnlyList<string>? Windows { get; init; }

    /// <summary>Rolling windows statistic by statistic, beside those of windows.</summary>
    public StatisticSettings? Statistics { get; init; }

    /// <summary>Time constants of exponentially weighted means of continuous signals; left out, 12 sampling periods where windows and
    /// statistics are left out too and the task is remaining useful life, else none. An empty list means none.</summary>
    public IReadOnlyList<string>? Ewma { get; init; }

    /// <summary>Whether time of day and day of the week, in UTC, are features; default false.</summary>
    public bool Calendar { get; init; }

    /// <summary>Whether the hours since an asset's first frame are a feature; left out, for remaining useful life only, where the record begins
    /// with the asset's life.</summary>
    public bool? RunningAge { get; init; }

    /// <summary>Whether continuous readings are told relative to what is usual under the present operating settings; left out, when the settings
    /// explain at least half of the readings' variance on the training side.</summary>
    public bool? PerOperatingCondition { get; init; }
}

/// <summary>Windows of continuous signals statistic by statistic. Counters grow and errors are counted over every window named; the rate of booleans
/// and the fractions of states go with the mean.</summary>
public sealed record StatisticSettings
{
    /// <summary>Windows of the mean; none by default.</summary>
    public IReadOnlyList<string> Mean { get; init; } = [];

    /// <summary>Windows of the standard deviation; none by default.</summary>
    public IReadOnlyList<string> Std { get; init; } = [];

    /// <summary>Windows of the smallest value; none by default.</summary>
    public IReadOnlyList<string> Min { get; init; } = [];

    /// <summary>Windows of the largest value; none by default.</summary>
    public IReadOnlyList<string> Max { get; init; } = [];

    /// <summary>Windows of the slope; none by default.</summary>
    public IReadOnlyList<string> Slope { get; init; } = [];

    /// <summary>Windows of the mean less the mean of the first such window of the asset's life; none by default.</summary>
    public IReadOnlyList<string> FromStart { get; init; } = [];
}

/// <summary>How a detector of anomalies is fitted: on which rows, and how it reads them.</summary>
public sealed record FitSettings
{
    /// <summary>True for a detector of each asset's own, fitted on its first rows, which are taken as normal and not judged. Otherwise one detector serves all
    /// assets, fitted on the rows of the training side outside failures.</summary>
    public bool PerAsset { get; init; }

    /// <summary>How many first rows of each asset are taken as normal; with perAsset only, and required there. At least 20.</summary>
    public int? First { get; init; }

    /// <summary>Principal components unless said.</summary>
    public DetectorKind Detector { get; init; }

    /// <summary>Time constant that takes the noise of single rows out; left out, 20 sampling periods. 0s means none.</summary>
    public string? Smoothing { get; init; }

    /// <summary>Time constant with which normal follows slow drift; left out, 100 sampling periods with perAsset and 0s, which means never, without. What grows
    /// more slowly than this is not found.</summary>
    public string? Level { get; init; }

    /// <summary>Share of normal rows beyond the limit before its margin; above 0, below 1, default 0.01.</summary>
    public double FalseAlarmRate { get; init; } = 0.01;

    /// <summary>The limit of principal components is so many times as far out as the false-alarm rate says; 1 to 100, default 3: a normal period never shows all of
    /// normal.</summary>
    public double Margin { get; init; } = 3;

    /// <summary>Share of the variance that the principal components kept explain at least; above 0, at most 1, default 0.95.</summary>
    public double ExplainedVariance { get; init; } = 0.95;
}
