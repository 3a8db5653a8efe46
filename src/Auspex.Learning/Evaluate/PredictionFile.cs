using System.Globalization;
using Auspex.Core.Predictions;
using CsvHelper;

namespace Auspex.Learning.Evaluate;

/// <summary>Predictions as a CSV file: one line a row, comma separated, UTF-8, times in ISO 8601 UTC, numbers in the invariant culture.</summary>
/// <remarks>Columns of a failure model: <c>asset, time, probability</c> (any component), <c>confidence</c> (in it; empty when the model tells none),
/// <c>predictedComponent</c>, one <c>probability &lt;component&gt;</c> and <c>confidence &lt;component&gt;</c> a component, <c>alert</c> (components whose alert is raised by
/// this row, separated by <c>;</c>; <c>yes</c> where none are told apart). Of remaining useful life: <c>asset, time, remainingUsefulLife, confidence</c>. Of anomalies: <c>asset, time, anomalyScore</c> (NaN
/// where the row was not judged), <c>anomaly</c> (<c>yes</c> or empty). A text cell that a spreadsheet would run as a formula is
/// written with an apostrophe before it; numbers are written as they are.</remarks>
public sealed class PredictionFile : IDisposable
{
    private readonly DraftFile _draft;
    private readonly LabelDefinition _label;
    private readonly CsvWriter _csv;
    private bool _isComplete;

    /// <summary>Begins a file; nothing is seen at its path before <see cref="Complete"/>.</summary>
    /// <param name="path">Where it will be; a file there is replaced.</param>
    /// <param name="label">What the model predicts.</param>
    public PredictionFile(string path, LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(label);
        _label = label;
        _draft = new DraftFile(path);
        _csv = CsvWriter.Create(
            _draft.Stream,
            new CsvWriterOptions { NewLine = "\n", Injection = CsvInjection.Escape, FormatProvider = CultureInfo.InvariantCulture },
            leaveOpen: true);
        WriteHeader();
    }

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds all rows of an asset.</summary>
    public void Add(ScoredAsset asset)
    {
        ArgumentNullException.ThrowIfNull(asset);
        string name = asset.Asset.Value;
        ILookup<long, PredictiveAlert> raised = asset.Raised.ToLookup(alert => alert.RaisedAtUnixMs);
        for (int row = 0; row < asset.TimesUnixMs.Length; row++)
        {
            _csv.WriteField(name);
            _csv.WriteField(DateTimeOffset.FromUnixTimeMilliseconds(asset.TimesUnixMs[row]).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture));
            if (_label.Task == PredictionTask.RemainingUsefulLife)
            {
                _csv.WriteField(asset.RemainingUsefulLife[row]);
                _csv.WriteField(asset.Confidences.Length == 0 ? null : asset.Confidences[0][row]);
            }
            else if (_label.Task == PredictionTask.Anomaly)
            {
                _csv.WriteField(asset.AnomalyScores[row]);
                _csv.WriteField(asset.Anomalies[row] ? "yes" : "");
            }
            else
            {
                WriteProbabilities(asset, row, raised[asset.TimesUnixMs[row]]);
            }

            _csv.EndRecord();
            Rows++;
        }
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
        if (!_isComplete)
        {
            try
            {
                _csv.Dispose(); // writes out what it holds, which a full disk refuses
            }
            finally
            {
                _draft.Dispose();
            }
        }
    }

    private void WriteHeader()
    {
        _csv.WriteField("asset");
        _csv.WriteField("time");
        if (_label.Task == PredictionTask.RemainingUsefulLife)
        {
            _csv.WriteField("remainingUsefulLife");
            _csv.WriteField("confidence");
        }
        else if (_label.Task == PredictionTask.Anomaly)
        {
            _csv.WriteField("anomalyScore");
            _csv.WriteField("anomaly");
        }
        else
        {
            _csv.WriteField("probability");
            _csv.WriteField("confidence");
            _csv.WriteField("predictedComponent");
            foreach (string component in _label.Components)
            {
                _csv.WriteField("probability " + component);
                _csv.WriteField("confidence " + component);
            }

            _csv.WriteField("alert");
        }

        _csv.EndRecord();
    }

    private void WriteProbabilities(ScoredAsset asset, int row, IEnumerable<PredictiveAlert> raised)
    {
        double[][] probabilities = asset.Probabilities;
        double? Confidence(int component) => asset.Confidences.Length == 0 ? null : asset.Confidences[component][row];
        double none = 1;
        int likeliest = 0;
        for (int component = 0; component < probabilities.Length; component++)
        {
            none *= 1 - probabilities[component][row];
            likeliest = probabilities[component][row] > probabilities[likeliest][row] ? component : likeliest;
        }

        bool tellsComponents = _label.Components.Count > 0;
        _csv.WriteField(tellsComponents ? 1 - none : probabilities[0][row]);
        _csv.WriteField(asset.ConfidenceOfAny.Length == 0 ? null : asset.ConfidenceOfAny[row]);
        _csv.WriteField(tellsComponents ? _label.Components[likeliest] : "");
        for (int component = 0; component < _label.Components.Count; component++)
        {
            _csv.WriteField(probabilities[component][row]);
            _csv.WriteField(Confidence(component));
        }

        _csv.WriteField(string.Join(';', raised.Select(alert => alert.Component.Length == 0 ? "yes" : alert.Component)));
    }
}
