using System.Globalization;
using System.Text.RegularExpressions;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Core.Time;
using Auspex.Features.Definitions;
using Auspex.Models.Detectors;

namespace Auspex.Learning.Datasets;

/// <summary>What a description must keep to beyond keys and types: a pure function of the record, all errors at once.</summary>
internal static partial class DescriptionRules
{
    /// <summary>Longest name of a column, state, component or error code, in characters.</summary>
    internal const int MaxNameLength = 200;

    private const int MaxDigits = 20;

    private const string DurationAdvice = $"is no duration; write {DurationText.Expected}";

    internal static List<DescriptionProblem> Check(DatasetDescription description)
    {
        var problems = new List<DescriptionProblem>();
        var rules = new Rules(problems);
        rules.Require(DescriptionName().IsMatch(description.Name), "name", description.Name,
            "must be 1 to 64 letters, digits and dashes, beginning with a letter or digit");
        rules.Frames(description.Frames);
        rules.Signals(description.Signals);
        for (int i = 0; i < description.AssetFacts.Count; i++)
        {
            FactFile file = description.AssetFacts[i];
            string path = At("assetFacts", i);
            rules.TextFile(file, path);
            rules.Asset(file.Asset, $"{path}.asset", frames: false);
        }

        for (int i = 0; i < description.Events.Count; i++)
        {
            EventFile file = description.Events[i];
            string path = At("events", i);
            rules.TextFile(file, path);
            rules.Asset(file.Asset, $"{path}.asset", frames: false);
            rules.Time(file.Time, $"{path}.time", frames: false);
            rules.Name(file.NameColumn, $"{path}.nameColumn");
        }

        rules.RowLabels(description.RowLabels, description.Signals);
        rules.LifeLabels(description);
        rules.Labels(description.Labels, hasRowLabels: description.RowLabels.Count > 0);
        rules.Split(description.Split);
        rules.Fit(description.Fit);
        rules.Features(description);
        rules.Require(description.BadRowShare is >= 0 and <= 1, "badRowShare", Text(description.BadRowShare), "must be a share from 0 to 1");
        return problems;
    }

    private static string At(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]");

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex DescriptionName();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_]{0,99}$", RegexOptions.CultureInvariant)]
    private static partial Regex SignalName();

    private sealed class Rules(List<DescriptionProblem> problems)
    {
        internal void Require(bool holds, string path, string? value, string otherwise)
        {
            if (!holds)
            {
                problems.Add(new DescriptionProblem(path, value is null ? null : $"\"{value}\"", otherwise));
            }
        }

        /// <summary>An optional name: when given, 1 to 200 characters without control characters.</summary>
        internal void Name(string? name, string path) => Require(name is null || CellText.IsName(name, MaxNameLength), path, name,
            $"must be 1 to {MaxNameLength} characters, no control characters");

        internal void Frames(IReadOnlyList<FrameFile> files)
        {
            Require(files.Count > 0, "frames", null, "is empty; name at least one file");
            for (int i = 0; i < files.Count; i++)
            {
                FrameFile file = files[i];
                string path = At("frames", i);
                TextFile(file, path);
                Asset(file.Asset, $"{path}.asset", frames: true);
                Time(file.Time, $"{path}.time", frames: true);
                Name(file.WeightColumn, $"{path}.weightColumn");
                Require(!files.Take(i).Any(f => f.File == file.File), $"{path}.file", file.File, "is listed twice; its rows would count twice");
            }
        }

        internal void TextFile(TextFile file, string path)
        {
            FileName(file.File, $"{path}.file", wildcard: true);
            bool separator = file.Separator is [var c] && char.IsAscii(c) && c is not ('"' or '.' or '-' or '+') && !char.IsLetterOrDigit(c)
                && (!char.IsControl(c) || c == '\t');
            Require(separator, $"{path}.separator", file.Separator,
                "must be one character such as \",\", \";\" or \"\\t\", or \" \" for any run of blanks; no letter, digit, quote, point or sign");
            if (file.Columns is not { } columns)
            {
                return;
            }

            Require(columns.Count > 0, $"{path}.columns", null, "is empty; leave it out when the first line is the header");
            Unique(columns, $"{path}.columns");
        }

        private void Unique(IReadOnlyList<string> names, string path)
        {
            for (int i = 0; i < names.Count; i++)
            {
                Name(names[i], At(path, i));
                Require(!names.Take(i).Contains(names[i], StringComparer.Ordinal), At(path, i), names[i], "is listed twice");
            }
        }

        private void FileName(string name, string path, bool wildcard)
        {
            string? problem = DatasetFolder.NameProblem(name, wildcard);
            Require(problem is null, path, name, problem ?? "");
        }

        internal void Asset(AssetColumn asset, string path, bool frames)
        {
            int given = (asset.Column is null ? 0 : 1) + (asset.Counter is null ? 0 : 1) + (asset.Name is null ? 0 : 1) + (asset.FileName ? 1 : 0);
            Require(given == 1, path, null, "must have exactly one of column, counter, name and fileName");
            Name(asset.Column, $"{path}.column");
            Name(asset.Counter, $"{path}.counter");
            Require(frames || asset.Counter is null, $"{path}.counter", asset.Counter, "finds assets in frame files only; use column");
            Require(asset.Digits is >= 0 and <= MaxDigits, $"{path}.digits", Text(asset.Digits), $"must be 0 to {MaxDigits}");
            Require(asset.Digits == 0 || asset.Column is not null, $"{path}.digits", Text(asset.Digits), "belongs to names in a column: give column, or leave it out");
            Require(asset.Prefix.Length == 0 || CellText.IsName(asset.Prefix, 100), $"{path}.prefix", asset.Prefix,
                "must be at most 100 characters, no control characters");
            Require(asset.Name is null || CellText.IsName(asset.Prefix + asset.Name.Trim(), AssetId.MaxLength), $"{path}.name", asset.Name,
                $"must, with its prefix, be 1 to {AssetId.MaxLength} characters, no control characters");
        }

        internal void Time(TimeColumn time, string path, bool frames)
        {
            int given = (time.Column is null ? 0 : 1) + (time.Counter is null ? 0 : 1) + (time.RowNumber ? 1 : 0);
            Require(given == 1, path, null, "must have exactly one of column, counter and rowNumber");
            Name(time.Column, $"{path}.column");
            Name(time.Counter, $"{path}.counter");
            Require(frames || !time.RowNumber, $"{path}.rowNumber", null, "times rows of frame files only; use column or counter");
            Require(time.Column is not null || time.Format is null, $"{path}.format", time.Format, "belongs to timestamps: give column, or leave it out");
            Require(time.Column is not null || time.Zone is null, $"{path}.zone", time.Zone, "belongs to timestamps: give column, or leave it out");
            if (time.Format is { } format)
            {
                string? problem = TimestampFormat.Problem(format);
                Require(problem is null, $"{path}.format", format, problem ?? "");
                Require(problem is not null || time.Zone is not null || TimestampFormat.HasOffset(format), $"{path}.zone", null,
                    "is missing; times of this format carry no offset, so write their zone, such as \"UTC\" or \"Europe/Berlin\"");
            }

            Require(time.Zone is null || TimestampFormat.TryFindZone(time.Zone, out _), $"{path}.zone", time.Zone,
                "is no IANA time zone; write one such as \"UTC\" or \"Europe/Berlin\"");
            bool isPeriod = DurationText.TryParse(time.Period, out TimeSpan period) && period > TimeSpan.Zero;
            Require(time.Period is null || isPeriod, $"{path}.period", time.Period, $"is no duration above zero; write {DurationText.Expected}");
            Require(time.Period is not null || (time.Counter is null && !time.RowNumber), $"{path}.period", null,
                "is missing; write how long one count or row is, such as \"1h\"");
            Require(time.PeriodName is null || CellText.IsName(time.PeriodName, 20), $"{path}.periodName", time.PeriodName,
                "must be 1 to 20 characters, no control characters");
            Require(time.PeriodName is null || time.Period is not null, $"{path}.periodName", time.PeriodName, "needs period: how long it is");
        }

        internal void Signals(IReadOnlyList<SignalColumn> signals)
        {
            Require(signals.Any(s => s.Role != SignalRole.Fact), "signals", null, "must have at least one signal that is not a fact");
            for (int i = 0; i < signals.Count; i++)
            {
                SignalColumn signal = signals[i];
                string path = At("signals", i);
                Require(SignalName().IsMatch(signal.Name), $"{path}.name", signal.Name,
                    "must be a letter, then letters, digits and underscores, at most 100; put the file's own name into column");
                Require(!signals.Take(i).Any(s => s.Name == signal.Name), $"{path}.name", signal.Name,
                    "is the name of an earlier signal; names are unique");
                Name(signal.Column, $"{path}.column");
                Require(signal.Formula is null || signal.States is null, $"{path}.states", null, "cannot stand beside a formula, which makes numbers");
                Require(signal.Label is null || (CellText.IsName(signal.Label, 100) && !string.IsNullOrWhiteSpace(signal.Label)), $"{path}.label", signal.Label,
                    "must be 1 to 100 characters, not blanks alone, no control characters");
                Require(signal.Unit is null || CellText.IsName(signal.Unit, 40), $"{path}.unit", signal.Unit,
                    "must be 1 to 40 characters, no control characters");
                Require(signal.Monotone == MonotoneRisk.Free || signal.Kind != SignalKind.State, $"{path}.monotone", signal.Monotone.ToString().ToLowerInvariant(),
                    "is for signals with numbers; states have no order. Leave it out");
                if (signal.States is { } states)
                {
                    Require(signal.Kind == SignalKind.State, $"{path}.states", null, "belongs to signals of kind state; set kind or leave it out");
                    Require(states.Count is > 0 and <= StateNames.MaxCount, $"{path}.states", null, $"must have 1 to {StateNames.MaxCount} states");
                    Unique(states, $"{path}.states");
                }
            }

            SignalFormulas.Resolve(signals, (i, key, value, text) => Require(false, $"{At("signals", i)}.{key}", value, text));
        }

        internal void RowLabels(IReadOnlyList<RowLabel> labels, IReadOnlyList<SignalColumn> signals)
        {
            for (int i = 0; i < labels.Count; i++)
            {
                string path = At("rowLabels", i);
                Require(CellText.IsName(labels[i].Column, MaxNameLength), $"{path}.column", labels[i].Column, "must name a column of the frame or fact files");
                // The answer must not be among the questions.
                Require(!signals.Any(signal => signal.Formula is null && (signal.Column ?? signal.Name) == labels[i].Column), $"{path}.column", labels[i].Column,
                    "is the column of a signal too; a model would be taught the answer. Leave the signal out");
                Name(labels[i].Component, $"{path}.component");
                Require(labels[i].Values is not { Count: 0 }, $"{path}.values", null, "is empty; name the texts that mean failed, or leave it out for 0/1");
                Unique(labels[i].Values ?? [], $"{path}.values");
                Require(!labels.Take(i).Any(l => l.Column == labels[i].Column), $"{path}.column", labels[i].Column, "is listed twice");
                Require(!labels.Take(i).Any(l => l.Component == labels[i].Component), $"{path}.component", labels[i].Component,
                    "already has a column; one column tells of one component");
            }
        }

        internal void LifeLabels(DatasetDescription description)
        {
            for (int i = 0; i < description.RemainingUsefulLife.Count; i++)
            {
                LifeLabelFile label = description.RemainingUsefulLife[i];
                string path = At("remainingUsefulLife", i);
                FileName(label.File, $"{path}.file", wildcard: false);
                FrameFile? frames = description.Frames.FirstOrDefault(f => f.File == label.Frames);
                Require(frames is not null, $"{path}.frames", label.Frames, "is no file of frames; write it as it is written there");
                Require(frames is null or { EndsInFailure: false }, $"{path}.frames", label.Frames,
                    "ends in failure, so its remaining useful life is 0; drop one of the two");
                Require(frames is null or { Time.Period: not null }, $"{path}.frames", label.Frames,
                    "has no time.period, so the unit of the lives is not known; write it, such as \"1h\"");
                Require(!description.RemainingUsefulLife.Take(i).Any(l => l.Frames == label.Frames), $"{path}.frames", label.Frames,
                    "has two files of lives; keep one");
            }
        }

        internal void Labels(LabelSettings labels, bool hasRowLabels)
        {
            bool isDuration = DurationText.TryParse(labels.Horizon, out TimeSpan horizon);
            Require(isDuration && (horizon > TimeSpan.Zero || hasRowLabels), "labels.horizon", labels.Horizon,
                $"is no duration above zero; write {DurationText.Expected}" + (isDuration ? ". 0s asks whether a row is failed itself, and needs rowLabels" : ""));
            Require(DurationText.TryParse(labels.Grace, out _), "labels.grace", labels.Grace, DurationAdvice);
            Require(DurationText.TryParse(labels.Recovery, out _), "labels.recovery", labels.Recovery, DurationAdvice);
            Require(double.IsFinite(labels.LifeCap) && labels.LifeCap >= 0, "labels.lifeCap", Text(labels.LifeCap),
                "must be a number of periods, 0 or above; 0 means no cap");
        }

        internal void Split(SplitSettings? split)
        {
            if (split is null)
            {
                return;
            }

            int given = (split.At is null ? 0 : 1) + (split.TestAssets is null ? 0 : 1) + (split.TestShare is null ? 0 : 1);
            Require(given == 1, "split", null, "must have exactly one of at, testAssets and testShare");
            Require(split.At is null || (Timestamp.TryParseIso(split.At, out _, out int? offset) && offset is not null), "split.at", split.At,
                "is no instant; write ISO 8601 with its offset, such as 2015-03-01T00:00:00Z");
            Require(split.TestAssets is not { Count: 0 }, "split.testAssets", null, "is empty; name at least one asset");
            Require(split.TestShare is null or (> 0 and < 1), "split.testShare", split.TestShare is { } share ? Text(share) : null,
                "must be above 0 and below 1");
            Unique(split.TestAssets ?? [], "split.testAssets");
        }

        internal void Fit(FitSettings fit)
        {
            Require(!fit.PerAsset || fit.First is not null, "fit.first", null, "is missing; write how many first rows of each asset are normal");
            Require(fit.PerAsset || fit.First is null, "fit.first", null, "is for perAsset only; set that too, or leave it out");
            Require(fit.First is null or >= DetectorSettings.FewestRows, "fit.first", fit.First is { } first ? Text(first) : null,
                $"must be at least {DetectorSettings.FewestRows} rows");
            Require(fit.Smoothing is null || DurationText.TryParse(fit.Smoothing, out _), "fit.smoothing", fit.Smoothing, DurationAdvice);
            Require(fit.Level is null || DurationText.TryParse(fit.Level, out _), "fit.level", fit.Level, DurationAdvice);
            Require(fit.FalseAlarmRate is > 0 and < 1, "fit.falseAlarmRate", Text(fit.FalseAlarmRate), "must be a share above 0 and below 1");
            Require(fit.Margin is >= 1 and <= 100, "fit.margin", Text(fit.Margin), "must be 1 to 100");
            Require(fit.ExplainedVariance is > 0 and <= 1, "fit.explainedVariance", Text(fit.ExplainedVariance), "must be a share above 0 and at most 1");
        }

        internal void Features(DatasetDescription description)
        {
            FeatureSettings features = description.Features;
            Durations(features.Lags, "features.lags");
            Durations(features.Windows, "features.windows");
            Durations(features.Ewma, "features.ewma");
            Durations(features.Statistics?.Mean, "features.statistics.mean");
            Durations(features.Statistics?.Std, "features.statistics.std");
            Durations(features.Statistics?.Min, "features.statistics.min");
            Durations(features.Statistics?.Max, "features.statistics.max");
            Durations(features.Statistics?.Slope, "features.statistics.slope");
            Durations(features.Statistics?.FromStart, "features.statistics.fromStart");
            Require(features.PerOperatingCondition != true || description.Signals.Any(signal => signal.Role == SignalRole.OperatingSetting),
                "features.perOperatingCondition", "true", "needs a signal of role operatingSetting; give one, or leave it out");
        }

        private void Durations(IReadOnlyList<string>? durations, string path)
        {
            for (int i = 0; i < (durations?.Count ?? 0); i++)
            {
                Require(DurationText.TryParse(durations![i], out TimeSpan duration) && duration > TimeSpan.Zero, At(path, i), durations[i],
                    $"is no duration above zero; write {DurationText.Expected}");
                // As a time, not as a text: 60m and 1h would be one feature twice.
                Require(!durations.Take(i).Any(earlier => DurationText.TryParse(earlier, out TimeSpan same) && same == duration),
                    At(path, i), durations[i], "is listed twice");
            }

            Require((durations?.Count ?? 0) <= FeatureOptions.MaxCount, path, string.Create(CultureInfo.InvariantCulture, $"{durations?.Count}"),
                $"are too many; at most {FeatureOptions.MaxCount}");
        }
    }
}
