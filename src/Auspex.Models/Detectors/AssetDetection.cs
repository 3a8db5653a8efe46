namespace Auspex.Models.Detectors;

/// <summary>What a detector says of one row.</summary>
/// <param name="Score">Anomaly score; NaN when the row was not judged: all of it missing, or part of the rows a detector is still to be fitted on.</param>
/// <param name="IsAnomaly">Whether the score reaches the limit.</param>
public readonly record struct AnomalyJudgement(double Score, bool IsAnomaly);

/// <summary>Follows one asset, row by row: smooths its features, lets the middle of normal follow its drift, and asks the detector. Live, training and evaluation
/// all run this one class; a row depends on the rows up to it only. Single-threaded.</summary>
public sealed class AssetDetection
{
    private readonly DetectorSettings _settings;
    private readonly bool[] _used;
    private readonly Average _smoothed;
    private readonly List<double[]> _first = [];
    private readonly double[] _drift;
    private readonly double[] _prepared;
    private readonly double[] _told;
    private long _lastUnixMs = long.MinValue;
    private double _lastScore = double.NaN;

    /// <param name="detector">The detector of all assets; null when one is to be fitted on this asset's own first rows.</param>
    /// <param name="used">Which features are looked at.</param>
    /// <param name="settings">Smoothing, level, and how a detector of its own is fitted.</param>
    public AssetDetection(AnomalyDetector? detector, ReadOnlySpan<bool> used, DetectorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Detector = detector;
        _settings = settings;
        _used = used.ToArray();
        _smoothed = new Average(used.Length, settings.Smoothing);
        _drift = new double[used.Length];
        _prepared = new double[used.Length];
        _told = new double[used.Length];
    }

    /// <summary>The detector that judges; null while the rows for one of the asset's own are still being collected.</summary>
    public AnomalyDetector? Detector { get; private set; }

    /// <summary>Why no detector could be fitted on the asset's own first rows, so that no row is judged; null where there is none to fit, or one was.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The rows of one asset as a detector is fitted on them.</summary>
    /// <param name="timesUnixMs">Strictly increasing.</param>
    /// <param name="rows">Their features; NaN for missing.</param>
    /// <param name="smoothing">Time constant; zero for none.</param>
    public static IReadOnlyList<double[]> Smoothed(IReadOnlyList<long> timesUnixMs, IReadOnlyList<double[]> rows, TimeSpan smoothing)
    {
        ArgumentNullException.ThrowIfNull(timesUnixMs);
        ArgumentNullException.ThrowIfNull(rows);
        var average = rows.Count == 0 ? null : new Average(rows[0].Length, smoothing);
        return [.. rows.Select((row, i) => average!.Next(timesUnixMs[i], row))];
    }

    /// <summary>Takes the next row in and judges it.</summary>
    /// <param name="timeUnixMs">Later than the row before.</param>
    /// <param name="row">The features; NaN for missing.</param>
    /// <exception cref="ArgumentException">Time does not increase, or the row has another length.</exception>
    public AnomalyJudgement Next(long timeUnixMs, ReadOnlySpan<double> row)
    {
        if (timeUnixMs <= _lastUnixMs)
        {
            throw new ArgumentException($"Time must increase: {timeUnixMs} ms came after {_lastUnixMs} ms.", nameof(timeUnixMs));
        }

        if (row.Length != _used.Length)
        {
            throw new ArgumentException($"The row has {row.Length} values, the detector {_used.Length} features.", nameof(row));
        }

        double[] smoothed = _smoothed.Next(timeUnixMs, row);
        long elapsed = _lastUnixMs == long.MinValue ? 0 : timeUnixMs - _lastUnixMs;
        _lastUnixMs = timeUnixMs;
        if (Detector is null)
        {
            Collect(smoothed);
            return new AnomalyJudgement(double.NaN, false);
        }

        return Judge(Detector, smoothed, elapsed);
    }

    /// <summary>The features of the last row as they were judged: smoothed, in the units of the signals, whatever drift normal had followed.</summary>
    public ReadOnlySpan<double> Told => _told;

    /// <summary>What each feature added to the explained score of the last row (<see cref="AnomalyDetector.Explain"/>).</summary>
    /// <param name="contributions">Receives one number a feature.</param>
    /// <returns>The explained score, and its base.</returns>
    /// <exception cref="InvalidOperationException">The last row was not judged.</exception>
    public (double Score, double Base) Explain(Span<double> contributions) => Detector is { } detector && !double.IsNaN(_lastScore)
        ? (detector.Explained(_lastScore), detector.Explain(_prepared, contributions))
        : throw new InvalidOperationException("The last row was not judged; explain rows that have a score.");

    private void Collect(double[] smoothed)
    {
        if (Refusal is not null)
        {
            return;
        }

        _first.Add(smoothed);
        if (_first.Count < _settings.First)
        {
            return;
        }

        try
        {
            Detector = DetectorFit.Of(_first, _used, _settings);
        }
        catch (DetectorException refused)
        {
            Refusal = refused.Message;
        }

        _first.Clear();
    }

    private AnomalyJudgement Judge(AnomalyDetector detector, double[] smoothed, long elapsedMs)
    {
        bool anythingKnown = false;
        double[] prepared = _prepared;
        smoothed.CopyTo(_told, 0);
        _lastScore = double.NaN;
        for (int i = 0; i < prepared.Length; i++)
        {
            prepared[i] = smoothed[i] - _drift[i];
            anythingKnown |= _used[i] && !double.IsNaN(smoothed[i]);
        }

        if (!anythingKnown)
        {
            return new AnomalyJudgement(double.NaN, false);
        }

        double score = detector.Score(prepared);
        _lastScore = score;
        bool isAnomaly = detector.IsAnomaly(score);
        if (!isAnomaly && _settings.Level > TimeSpan.Zero)
        {
            // What is being an anomaly must not become normal by lasting.
            double weight = Average.Weight(elapsedMs, _settings.Level);
            for (int i = 0; i < prepared.Length; i++)
            {
                _drift[i] += double.IsNaN(prepared[i]) ? 0 : weight * (prepared[i] - detector.Centre[i]);
            }
        }

        return new AnomalyJudgement(score, isAnomaly);
    }

    /// <summary>Exponential mean of each feature over time, whatever the distance of its rows.</summary>
    private sealed class Average
    {
        private readonly TimeSpan _constant;
        private readonly double[] _means;
        private readonly long[] _lastUnixMs;

        public Average(int features, TimeSpan constant)
        {
            _constant = constant;
            _means = new double[features];
            _lastUnixMs = new long[features];
            Array.Fill(_means, double.NaN);
        }

        public static double Weight(long elapsedMs, TimeSpan constant) =>
            1 - Math.Exp(-elapsedMs / constant.TotalMilliseconds);

        public double[] Next(long timeUnixMs, ReadOnlySpan<double> row)
        {
            var next = new double[row.Length];
            for (int i = 0; i < next.Length; i++)
            {
                if (!double.IsFinite(row[i]))
                {
                    next[i] = double.NaN;
                    continue;
                }

                _means[i] = double.IsNaN(_means[i]) || _constant <= TimeSpan.Zero ? row[i] : _means[i] + (Weight(timeUnixMs - _lastUnixMs[i], _constant) * (row[i] - _means[i]));
                _lastUnixMs[i] = timeUnixMs;
                next[i] = _means[i];
            }

            return next;
        }
    }
}
