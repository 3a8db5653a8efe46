using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Train.Detectors;
using Auspex.Models.Detectors;
using Auspex.Models.Package;
using Auspex.Models.Trees;
using CsvHelper;

namespace Auspex.Learning;

/// <summary>Why a model says what it says, as a CSV file: one line a signal that counts, largest first, of every row that is explained. What a failure
/// model says is explained where a probability is within 0.1 of the threshold or above, a remaining useful life at the last row of each asset, a detector at
/// every anomalous row.</summary>
/// <remarks>Columns: <c>asset, time, output, score, base, signal, reason, value, unit, normalLow, normalHigh, contribution, features</c>. Contributions are
/// exact path-dependent TreeSHAP on the raw score (log odds, or life), summed up by signal; <c>features</c> has those of the signal's features, largest
/// first, as <c>name=contribution</c>, separated by <c>;</c>. The line <c>(all other signals)</c> has the rest, so that base and contributions of a row and
/// output add up to its score. For detectors the score is the explained one (<see cref="AnomalyDetector.Explained"/>).</remarks>
public sealed class ReasonFile : IDisposable
{
    /// <summary>Signals named a row and output.</summary>
    public const int MostNamed = 8;

    /// <summary>How far below the threshold a probability is explained.</summary>
    public const double Near = 0.1;

    private const double Tolerance = 1e-6;

    private readonly DraftFile _draft;
    private readonly CsvWriter _csv;
    private readonly ModelPackage _package;
    private readonly FeaturePlan _plan;
    private readonly TreeShap? _shap;
    private readonly FeatureReasons _reasons;
    private bool _isComplete;

    /// <summary>Begins a file; nothing is seen at its path before <see cref="Complete"/>.</summary>
    /// <param name="path">Where it will be; a file there is replaced.</param>
    /// <param name="package">The model.</param>
    public ReasonFile(string path, ModelPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        _package = package;
        _plan = LearningPipeline.PlanOf(package);
        _shap = package.Detector is null ? new TreeShap(package.Ensemble) : null;
        _reasons = new FeatureReasons(_plan, package.Manifest.Label, package.Manifest.Baseline?.NormalBands() ?? []);
        _draft = new DraftFile(path);
        _csv = CsvWriter.Create(
            _draft.Stream, new CsvWriterOptions { NewLine = "\n", Injection = CsvInjection.Escape, FormatProvider = CultureInfo.InvariantCulture }, leaveOpen: true);
        foreach (string name in (string[])["asset", "time", "output", "score", "base", "signal", "reason", "value", "unit", "normalLow", "normalHigh", "contribution", "features"])
        {
            _csv.WriteField(name);
        }

        _csv.EndRecord();
    }

    /// <summary>Rows explained so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Explains what was said of an asset.</summary>
    /// <param name="scored">What was said.</param>
    /// <param name="history">Frames and events of the asset.</param>
    /// <exception cref="InvalidDataException">Base and contributions of a row do not add up to its score within 1e-6.</exception>
    public void Add(ScoredAsset scored, AssetHistory history)
    {
        ArgumentNullException.ThrowIfNull(scored);
        ArgumentNullException.ThrowIfNull(history);
        if (_package.Detector is { } detector)
        {
            AddAnomalies(detector, history);
        }
        else
        {
            AddPredictions(_shap!, scored, history);
        }
    }

    private void AddPredictions(TreeShap shap, ScoredAsset scored, AssetHistory history)
    {
        double threshold = _package.Manifest.Thresholds.FailureProbability ?? ThresholdChoice.Default;
        int[] rows = scored.Probabilities.Length > 0
            ? [.. Enumerable.Range(0, history.Count).Where(row => scored.Probabilities.Any(output => output[row] >= threshold - Near))]
            : history.Count > 0 ? [history.Count - 1] : [];
        int columns = _package.Ensemble.FeatureCount;
        var scores = new double[_package.Ensemble.TargetCount];
        var contributions = new double[columns * scores.Length];
        var frame = new double[history.Values.Length];
        int explained = 0;
        foreach (FeatureMatrix block in FeatureMatrix.InBlocks(_plan, history, rows, ModelScoring.BlockRows))
        {
            for (int row = 0; row < block.Rows; row++)
            {
                Frame(history, rows[explained], frame);
                ReadOnlySpan<double> values = block.Row(row);
                _package.Ensemble.Score(values, scores);
                shap.Explain(values, contributions);
                for (int output = 0; output < scores.Length; output++)
                {
                    (string name, ExplainedOutput tells) = Output(output);
                    Write(history.Asset, block.TimesUnixMs[row], name, scores[output], shap.BaseValues[output],
                        _reasons.Of(frame, values, contributions.AsSpan(output * columns, columns), tells));
                }

                explained++;
                Rows++;
            }
        }
    }

    private void AddAnomalies(AnomalyDetector shared, AssetHistory history)
    {
        DetectorSettings settings = _package.Manifest.Detector!;
        var detection = new AssetDetection(settings.PerAsset ? null : shared, DetectorChoice.Used(_plan.Definition), settings);
        // What is normal for an asset with a detector of its own, that detector knows.
        FeatureReasons? reasons = settings.PerAsset ? null : _reasons;
        var frame = new double[history.Values.Length];
        var contributions = new double[shared.FeatureCount];
        int row = 0;
        foreach (FeatureMatrix block in FeatureMatrix.InBlocks(_plan, history, [.. Enumerable.Range(0, history.Count)], ModelScoring.BlockRows))
        {
            for (int i = 0; i < block.Rows; i++, row++)
            {
                if (!detection.Next(block.TimesUnixMs[i], block.Row(i)).IsAnomaly)
                {
                    continue;
                }

                reasons ??= new FeatureReasons(_plan, _package.Manifest.Label, detection.Detector!.NormalBands());
                (double score, double start) = detection.Explain(contributions);
                Frame(history, row, frame);
                Write(history.Asset, block.TimesUnixMs[i], "anomaly", score, start, reasons.Of(frame, detection.Told, contributions, ExplainedOutput.Anomaly));
                Rows++;
            }
        }
    }

    private static void Frame(AssetHistory history, int row, double[] frame)
    {
        for (int signal = 0; signal < frame.Length; signal++)
        {
            frame[signal] = history.Values[signal][row];
        }
    }

    private (string Name, ExplainedOutput Tells) Output(int output)
    {
        IReadOnlyList<string> components = _package.Manifest.Label.Components;
        return output >= Math.Max(1, components.Count) ? ("timeToFailure", ExplainedOutput.TimeToFailure)
            : _package.Manifest.Task != PredictionTask.Failure ? ("remainingUsefulLife", ExplainedOutput.Life)
            : (components.Count > 0 ? components[output] : "failure", ExplainedOutput.Risk);
    }

    /// <summary>Flushes to disk and puts the file in its place.</summary>
    public void Complete()
    {
        _csv.Flush();
        _csv.Dispose();
        _draft.Complete();
        _isComplete = true;
    }

    /// <summary>Removes what was written unless it was completed.</summary>
    public void Dispose()
    {
        if (_isComplete)
        {
            return;
        }

        try
        {
            _csv.Dispose(); // writes out what it holds, which a full disk refuses
        }
        finally
        {
            _draft.Dispose();
        }
    }

    private void Write(AssetId asset, long timeUnixMs, string name, double score, double start, IReadOnlyList<Reason> reasons)
    {
        double sum = start + reasons.Sum(reason => reason.Contribution);
        if (!(Math.Abs(sum - score) <= Tolerance * Math.Max(1, Math.Abs(score))))
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"bug: the reasons of asset '{asset}' add up to {sum:R}, its score is {score:R}; at most {Tolerance} is accepted."));
        }

        double rest = score - start;
        foreach (Reason reason in reasons.Take(MostNamed))
        {
            rest -= reason.Contribution;
            Line(asset, timeUnixMs, name, score, start, reason);
        }

        Line(asset, timeUnixMs, name, score, start, new Reason("(all other signals)", rest, "", null, null, null, []));
    }

    private void Line(AssetId asset, long timeUnixMs, string output, double score, double start, Reason reason)
    {
        _csv.WriteField(asset.Value);
        _csv.WriteField(DateTimeOffset.FromUnixTimeMilliseconds(timeUnixMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture));
        _csv.WriteField(output);
        _csv.WriteField(score);
        _csv.WriteField(start);
        _csv.WriteField(reason.Signal);
        _csv.WriteField(reason.Text);
        _csv.WriteField(reason.Value);
        _csv.WriteField(reason.Unit ?? "");
        _csv.WriteField(reason.Normal?.Low);
        _csv.WriteField(reason.Normal?.High);
        _csv.WriteField(reason.Contribution);
        _csv.WriteField(string.Join(';', reason.Features.Select(feature => string.Create(CultureInfo.InvariantCulture, $"{feature.Feature}={feature.Contribution:R}"))));
        _csv.EndRecord();
    }
}
