using System.Globalization;
using Auspex.Models;
using Auspex.Models.Detectors;
using Auspex.Native.OnnxRuntime;

namespace Auspex.Learning.Package;

/// <summary>No detector is packaged unless our scorer and ONNX Runtime say the same: scores within <see cref="ParityGate.Tolerance"/> relative to max(1, |score|),
/// and not one row on two sides of the limit.</summary>
public static class DetectorParityGate
{
    /// <summary>Compares the two scorers.</summary>
    /// <param name="detector">The detector as read back from <paramref name="onnx"/>.</param>
    /// <param name="onnx">The file that will be packaged.</param>
    /// <param name="sampleRows">Rows as fitted on; at least one.</param>
    /// <exception cref="ModelFormatException">A difference is too large or a decision flips; the message has row and both values.</exception>
    public static ParityResult Check(AnomalyDetector detector, ReadOnlySpan<byte> onnx, IReadOnlyList<double[]> sampleRows)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(sampleRows);
        int columns = detector.FeatureCount;
        double[] sample = [.. sampleRows.SelectMany(row => row)];
        double[] hostile = detector is IsolationForest forest
            ? ParityGate.HostileRows(forest.Ensemble, sample)
            : HostileRows(sampleRows[0]);
        double[] rows = [.. sample, .. hostile];
        int count = rows.Length / columns;
        using var session = new OnnxSession(onnx);
        IReadOnlyDictionary<string, OnnxTensor> outputs = session.Run(rows, count, columns);
        double worst = 0;
        for (int row = 0; row < count; row++)
        {
            double ours = detector.Score(rows.AsSpan(row * columns, columns));
            double theirs = outputs["anomalyScore"].Values[row];
            double difference = Math.Abs(ours - theirs) / Math.Max(1, Math.Abs(ours));
            if (!(difference <= ParityGate.Tolerance) || detector.IsAnomaly(ours) != (outputs["isAnomaly"].Values[row] != 0))
            {
                throw new ModelFormatException(string.Create(CultureInfo.InvariantCulture,
                    $"Parity: ONNX Runtime gives {theirs:R} for 'anomalyScore' of row {row} ({(outputs["isAnomaly"].Values[row] != 0 ? "an anomaly" : "none")}), our scorer {ours:R} with the limit at {detector.Limit:R}; at most {ParityGate.Tolerance} relative is accepted."));
            }

            worst = Math.Max(worst, difference);
        }

        return new ParityResult(worst, count, hostile.Length / columns);
    }

    /// <summary>Rows made to break a scorer: each value that means trouble in all features, and in each feature alone.</summary>
    /// <param name="row">A real row to put them into.</param>
    internal static double[] HostileRows(double[] row)
    {
        double[] trouble = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0.0, -0.0, double.Epsilon, double.MaxValue, double.MinValue, 1e154, -1e10];
        var rows = new List<double>(trouble.SelectMany(value => Enumerable.Repeat(value, row.Length)));
        for (int feature = 0; feature < row.Length; feature++)
        {
            foreach (double value in trouble)
            {
                double kept = row[feature];
                row[feature] = value;
                rows.AddRange(row);
                row[feature] = kept;
            }
        }

        return [.. rows];
    }
}
