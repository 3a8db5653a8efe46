using System.Globalization;
using System.Text;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Learning.Evaluate;
using Auspex.Models.Detectors;
using Auspex.Models.Package;

namespace Auspex.Learning;

/// <summary>What a person must know of a model before trusting it, as Markdown, in the sections of M. Mitchell et al., "Model Cards for Model
/// Reporting", FAT* 2019. All of it comes from the manifest and the evaluation; the same two give the same text.</summary>
public static class ModelCard
{
    /// <summary>Writes the card.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="report">Its evaluation on the test side.</param>
    /// <exception cref="ArgumentException">The report is of another version or another label.</exception>
    public static string Write(ModelManifest manifest, EvaluationReport report)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(report);
        if (manifest.Version != report.ModelVersion || manifest.Label.Task != report.Label.Task || manifest.Label.Horizon != report.Label.Horizon)
        {
            throw new ArgumentException(
                $"The report is of version {report.ModelVersion}, the manifest of {manifest.Version}, or they tell different things; evaluate this model.", nameof(report));
        }

        var card = new Card();
        card.Title($"Model card: {manifest.Name} {manifest.Version}");
        Details(card, manifest);
        Use(card, manifest, report);
        Factors(card, manifest, report);
        Metrics(card, manifest, report);
        EvaluationData(card, report);
        TrainingData(card, manifest);
        Analyses(card, report);
        card.Section("Ethical considerations");
        card.Line($"The model judges assets. Whoever can read who ran an asset and when can read people into it: do not use it to judge the work of a person.");
        card.Line($"A missed failure can hurt people. The model adds to protective devices and rules, and replaces none of them.");
        Caveats(card, manifest, report);
        return card.ToString();
    }

    private static void Details(Card card, ModelManifest manifest)
    {
        card.Section("Model details");
        card.Item("Name and version", $"{manifest.Name} {manifest.Version}, packaged {manifest.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC by Auspex {manifest.AuspexVersion}");
        card.Item("Tells", $"{Told(manifest.Label)}");
        if (manifest.Detector is { } detector)
        {
            card.Item("Kind", $"{(detector.Kind == DetectorKind.IsolationForest ? "isolation forest" : "principal components with T² and Q")} over {manifest.Features.Names.Count} features, {(detector.PerAsset ? string.Create(CultureInfo.InvariantCulture, $"fitted anew on the first {detector.First} rows of each asset") : "one for all assets")}, seed {manifest.Training.Seed}");
            card.Item("Limit", $"{manifest.Training.ThresholdSource}");
        }
        else
        {
            card.Item("Kind", $"boosted decision trees ({manifest.Training.Parameters.GetValueOrDefault("trainer", "trainer not named")}), {string.Join(" + ", manifest.Training.Iterations)} trees over {manifest.Features.Names.Count} features, seed {manifest.Training.Seed}");
        }

        card.Item("Features", $"definition {manifest.Features.Hash}");
        if (manifest.Thresholds.FailureProbability is { } threshold)
        {
            card.Item("Alerts from", $"a probability of {threshold} ({manifest.Training.ThresholdSource}){(manifest.Thresholds.ConfidenceThreshold is { } confidence ? string.Create(CultureInfo.InvariantCulture, $" with a confidence of at least {confidence}") : "")}");
        }

        card.Item("Scorers agree", $"within {manifest.Parity.MaxDifference:0.0e+0} on {manifest.Parity.Rows} rows");
    }

    private static void Use(Card card, ModelManifest manifest, EvaluationReport report)
    {
        card.Section("Intended use");
        card.Line($"For the people who maintain assets such as those of data set {manifest.Dataset}: to look at an asset before it fails.");
        card.Line($"Not for assets of another kind, signals of another meaning or unit, or a sampling period other than that of training; not to stop an asset without a person; not as a protective device.");
        if (report.Metrics.Missing is { } missing)
        {
            card.Line($"**{missing}** Until then use it beside what is there, not instead of it.");
        }
    }

    private static void Factors(Card card, ModelManifest manifest, EvaluationReport report)
    {
        card.Section("Factors");
        card.Item("Components told apart", $"{(manifest.Label.Components.Count == 0 ? "none" : string.Join(", ", manifest.Label.Components))}");
        card.Item("Signals", $"{string.Join(", ", manifest.Schema.Signals.Select(signal => signal.Name))}");
        card.Item("Figures are given", $"{(report.Events is not null ? "in all, by component and by asset" : report.Life is not null ? "in all and by the life that was left" : "by row and by asset")}; the evaluation report has all of them");
    }

    private static void Metrics(Card card, ModelManifest manifest, EvaluationReport report)
    {
        card.Section("Metrics");
        card.Line($"{(report.Events is not null
            ? "Failures are counted, not rows: recall of failures, precision of alerts, false alerts per asset-day, warning time. Row-level figures are secondary."
            : report.Anomaly is not null
            ? "F1, false-alarm rate and missed-alarm rate over rows, point by point, beside a limit of three standard deviations and an alarm that never ends."
            : report.Life is not null
            ? "Root mean squared error and the PHM08 score of remaining useful life, against the capped and the true life, and how often 90 % intervals hold."
            : "Share of assets and of rows told right; rows of one asset resemble each other, so assets count first.")} Intervals are 95 %. Definitions: docs/measures.md of Auspex.");
        if (manifest.Label.Task == PredictionTask.Failure && report.Events is { } events)
        {
            card.Line($"A missed failure is taken to cost {events.Prices.MissedFailure}, a false alert {events.Prices.FalseAlert}.");
        }
    }

    private static void EvaluationData(Card card, EvaluationReport report)
    {
        EvaluationSplit split = report.Split;
        card.Section("Evaluation data");
        card.Item("Data", $"{report.Dataset}{(report.Title is null ? "" : ", " + report.Title)}");
        card.Item("Kept apart", $"{(split.Kind switch
        {
            SplitKind.Time => $"by time: the test lies after the training and a gap of {DurationText.Format(split.Gap)}",
            SplitKind.Assets => "by asset: no test asset was seen in training",
            _ => "by the data set's own files",
        })}; {split.TrainAssets} assets in training, {split.TestAssets} in the test");
        card.Item("Test", $"{Instant(split.TestFrom)} to {Instant(split.TestTo)}");
        card.Item("Rows read", $"{report.Reading.Rows}, of which {report.Reading.Bad} were bad and set aside");
    }

    private static void TrainingData(Card card, ModelManifest manifest)
    {
        ManifestTraining training = manifest.Training;
        card.Section("Training data");
        card.Item("Data", $"{manifest.Dataset}, {training.Rows} rows of {training.Assets.Count} assets, {Instant(training.Start)} to {Instant(training.End)}");
        card.Item("Known until", $"{(training.KnownUntil is null ? "the end of each training asset" : Instant(training.KnownUntil))}");
        for (int target = 0; target < training.Positives.Count; target++)
        {
            string what = manifest.Label.Components.Count == 0 ? "" : $" of {manifest.Label.Components[target]}";
            card.Item($"Positive rows{what}", $"{training.Positives[target]}");
        }
    }

    private static void Analyses(Card card, EvaluationReport report)
    {
        card.Section("Quantitative analyses");
        if (report.Events is { } events)
        {
            card.Table(["", "Failures", "Caught", "Recall", "False alerts", "Precision", "Cost"],
            [
                .. events.Components.Select(c => Counts(c.Name.Length == 0 ? "not named" : c.Name, c.Counts, events.Prices))
                    .Prepend(Counts("All", events.Fleet, events.Prices)),
                .. report.Baselines.Select(b => Counts($"{b.Name} ({b.Rule})", b.Fleet, events.Prices)),
            ]);
            card.Line($"False alerts per asset-day: {Figure(events.Fleet.FalseAlertsPerAssetDay.Value)} ({Figure(events.Fleet.FalseAlertsPerAssetDay.Lower)} to {Figure(events.Fleet.FalseAlertsPerAssetDay.Upper)}). Median warning time: {Figure(events.Fleet.LeadMedianSeconds / 3600)} h.");
        }
        else if (report.Life is { } life)
        {
            card.Table(["", "Predictions", "RMSE", "PHM08 score", "Bias"],
            [
                Errors("Last rows, capped", life.LastRowsCapped), Errors("Last rows, raw", life.LastRowsRaw),
                Errors("All rows, capped", life.AllRowsCapped), Errors("All rows, raw", life.AllRowsRaw),
                .. life.Stages.Select(s => Errors(s.To is { } to ? $"True life {Figure(s.From)} to {Figure(to)}" : $"True life {Figure(s.From)} and more", s.Errors)),
            ]);
            if (life.Intervals is { } intervals)
            {
                card.Line($"90 % intervals hold at {Share(intervals.LastRows.Coverage)} of last rows and {Share(intervals.AllRows.Coverage)} of all rows; mean width {Figure(intervals.AllRows.MeanWidth)} {life.Unit}.");
            }
        }
        else if (report.Condition is { } condition)
        {
            card.Line($"Assets told right: {Share(condition.AssetsAccuracy)} of {condition.Assets.Count}. Area under their ROC curve: {Figure(condition.AssetsRocAuc.Value)} ({Figure(condition.AssetsRocAuc.Lower)} to {Figure(condition.AssetsRocAuc.Upper)}).");
            card.Line($"Rows told right: {Figure(100 * condition.Rows.Pooled.Confusion.Accuracy)} % of {condition.Rows.Pooled.Rows}; F1 {Figure(condition.Rows.Pooled.Confusion.F1)}.");
        }
        else if (report.Anomaly is { } anomaly)
        {
            card.Line($"{anomaly.Flagged} of {anomaly.Rows} rows of {anomaly.Assets} assets were told to be anomalies.");
            if (anomaly.ByAsset.Count > 0)
            {
                card.Table(["", "F1", "False alarms", "Missed alarms", "Precision", "Recall"],
                    [Flags("The detector", anomaly.Detector), Flags("Three standard deviations", anomaly.ThreeSigma), Flags("Always an alarm", anomaly.AlwaysAlarm)]);
            }
        }
    }

    private static string[] Flags(string name, AnomalyCounts counts) =>
    [
        name, Figure(counts.F1), Percent(counts.Far), Percent(counts.Mar), Percent(counts.Precision), Percent(counts.Recall),
    ];

    private static string Percent(double share) => double.IsNaN(share) ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");

    private static void Caveats(Card card, ModelManifest manifest, EvaluationReport report)
    {
        card.Section("Caveats and recommendations");
        foreach (string note in report.Notes.Concat(report.Reading.Notes))
        {
            card.Line($"{note}");
        }

        card.Line($"Figures hold for assets that run as those of the test did. After a change of machine, sensor, product or maintenance, evaluate again before trusting them.");
        card.Line($"{(manifest.Label.Task == PredictionTask.Failure && report.Condition is null
            ? "A maintenance that averts a failure leaves no failure to count: such alerts are counted apart, as averted and unproven."
            : report.Anomaly is not null
            ? "An anomaly is what differs from the rows taken as normal: it need not be a fault, and a fault that was there from the beginning is taken as normal."
            : "What was never seen to fail in training cannot be told.")}");
    }

    private static string Told(LabelDefinition label) =>
        label.Task == PredictionTask.Anomaly ? "whether a row is as rows of a well asset are" :
        label.Task == PredictionTask.RemainingUsefulLife
            ? $"remaining useful life in {label.LifeUnit}, {(label.LifeCap is { } cap ? $"taught as at most {Figure(cap)}" : "without a cap")}"
            : label.Horizon == TimeSpan.Zero ? "the present condition"
            : $"whether {(label.Components.Count == 0 ? "the asset" : "a component")} fails within {DurationText.Format(label.Horizon)}";

    private static string[] Counts(string name, EventCounts counts, AlertPrices prices) =>
    [
        name, Figure(counts.Failures), Figure(counts.Caught), Share(counts.Recall), Figure(counts.FalseAlerts), Share(counts.Precision), Figure(EventCounts.Cost(prices, counts)),
    ];

    private static string[] Errors(string name, LifeErrors errors) =>
        [name, Figure(errors.Count), Figure(errors.Rmse), Figure(errors.Nasa), Figure(errors.Bias)];

    private static string Share(Estimate share) => double.IsNaN(share.Value) ? "–" : string.Create(
        CultureInfo.InvariantCulture, $"{100 * share.Value:0.#} % ({100 * share.Lower:0.#} to {100 * share.Upper:0.#})");

    private static string Figure(double value) => double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "–";

    private static string Instant(DateTimeOffset? time) => time is { } t ? t.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "–";

    /// <summary>Markdown in which names of the data are text: nothing in them makes markup.</summary>
    private sealed class Card
    {
        private readonly StringBuilder _text = new();

        internal void Title(FormattableString text) => _text.Append("# ").Append(Filled(text)).Append('\n');

        internal void Section(string name) => _text.Append("\n## ").Append(name).Append("\n\n");

        internal void Item(string name, FormattableString text) => _text.Append("- ").Append(Escape(name)).Append(": ").Append(Filled(text)).Append('\n');

        internal void Line(FormattableString text) => _text.Append("- ").Append(Filled(text)).Append('\n');

        internal void Table(string[] header, IEnumerable<string[]> rows)
        {
            Row(header);
            Row([.. header.Select(_ => "---")], escape: false);
            foreach (string[] row in rows)
            {
                Row(row);
            }

            _text.Append('\n');
        }

        public override string ToString() => _text.ToString();

        private static string Filled(FormattableString text) => string.Format(CultureInfo.InvariantCulture, text.Format,
            [.. text.GetArguments().Select(hole => hole is string name ? Escape(name) : hole)]);

        private static string Escape(string text)
        {
            var safe = new StringBuilder(text.Length);
            foreach (char c in text)
            {
                bool hidden = char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
                safe.Append(hidden ? ' ' : c switch
                {
                    '<' => "&lt;",
                    '>' => "&gt;",
                    '&' => "&amp;",
                    '\\' or '`' or '*' or '[' or ']' or '|' or '!' or '#' or '~' or '_' => $"\\{c}",
                    _ => c.ToString(),
                });
            }

            return safe.ToString();
        }

        private void Row(string[] cells, bool escape = true) =>
            _text.Append("| ").AppendJoin(" | ", escape ? cells.Select(Escape) : cells).Append(" |\n");
    }
}
