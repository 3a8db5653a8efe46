namespace Auspex.Models.Detectors;

/// <summary>Fits principal components to normal rows.</summary>
internal static class PcaFit
{
    // A feature that varies by less than this share of its size varies by rounding alone.
    private const double LeastSpread = 1e-9;

    /// <param name="rows">Normal rows; NaN for missing.</param>
    /// <param name="used">Features to look at; one without a spread is left out as well.</param>
    /// <param name="settings">Explained variance, false-alarm rate and margin.</param>
    /// <exception cref="DetectorException">No feature varies, or there are too many.</exception>
    public static PcaDetector Of(IReadOnlyList<double[]> rows, ReadOnlySpan<bool> used, DetectorSettings settings)
    {
        int features = used.Length;
        if (features > PcaDetector.MaxFeatures)
        {
            throw new DetectorException($"Principal components of {features} features are too many; at most {PcaDetector.MaxFeatures}. Give fewer windows, lags or signals.");
        }

        var centre = new double[features];
        var inverseScale = new double[features];
        for (int feature = 0; feature < features; feature++)
        {
            (centre[feature], double deviation) = MeanAndDeviation(rows, feature);
            inverseScale[feature] = used[feature] && deviation > LeastSpread * Math.Abs(centre[feature]) ? 1 / deviation : 0;
        }

        int[] varying = [.. Enumerable.Range(0, features).Where(feature => inverseScale[feature] > 0 && double.IsFinite(inverseScale[feature]))];
        if (varying.Length == 0)
        {
            throw new DetectorException("No feature varies over the normal rows, so nothing tells what is not normal. Give other signals, or more normal rows.");
        }

        double[][] z = [.. rows.Select(row => Array.ConvertAll(varying, f => double.IsNaN(row[f]) ? 0 : (row[f] - centre[f]) * inverseScale[f]))];
        (double[] variances, double[][] directions) = SymmetricEigen.Of(Covariance(z), varying.Length);
        int kept = Kept(variances, settings.ExplainedVariance);
        double margin = settings.Margin * settings.Margin; // of squares
        double limitT2 = margin * StatisticLimit.OfSquares([.. z.Select(row => SumOfSquares(row, directions[..kept], variances))], settings.FalseAlarmRate);
        double limitQ = margin * StatisticLimit.OfSquares([.. z.Select(row => SumOfSquares(row, directions[kept..], null))], settings.FalseAlarmRate);
        // Directions in which normal rows do not vary at all still have a limit, above rounding.
        limitQ = Math.Max(limitQ, LeastSpread * LeastSpread * varying.Length);
        return new PcaDetector(
            centre, inverseScale,
            Weights(directions[..kept], varying, features, column => Math.Sqrt(variances[column] * limitT2)), kept,
            Weights(directions[kept..], varying, features, _ => Math.Sqrt(limitQ)), varying.Length - kept);
    }

    private static (double Mean, double Deviation) MeanAndDeviation(IReadOnlyList<double[]> rows, int feature)
    {
        // From the first value on, so that a large level does not cost the digits of a small spread.
        double first = rows.Select(row => row[feature]).FirstOrDefault(value => !double.IsNaN(value), 0);
        double sum = 0;
        double squares = 0;
        int count = 0;
        foreach (double[] row in rows)
        {
            if (!double.IsNaN(row[feature]))
            {
                double value = row[feature] - first;
                sum += value;
                squares += value * value;
                count++;
            }
        }

        double mean = count == 0 ? 0 : sum / count;
        double variance = count < 2 ? 0 : Math.Max(0, squares - (count * mean * mean)) / (count - 1);
        return (first + mean, Math.Sqrt(variance));
    }

    private static double[] Covariance(double[][] z)
    {
        int n = z[0].Length;
        var covariance = new double[n * n];
        foreach (double[] row in z)
        {
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    covariance[(i * n) + j] += row[i] * row[j];
                }
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                covariance[(i * n) + j] /= z.Length - 1;
                covariance[(j * n) + i] = covariance[(i * n) + j];
            }
        }

        return covariance;
    }

    // The fewest components that explain the share, none of them without variance of its own.
    private static int Kept(double[] variances, double share)
    {
        double whole = variances.Sum();
        double explained = 0;
        int kept = 0;
        while (kept < variances.Length && (kept == 0 || (explained < share * whole && variances[kept] > 1e-12 * whole)))
        {
            explained += variances[kept++];
        }

        return kept;
    }

    private static double SumOfSquares(double[] row, double[][] directions, double[]? variances)
    {
        double sum = 0;
        for (int direction = 0; direction < directions.Length; direction++)
        {
            double along = 0;
            for (int i = 0; i < row.Length; i++)
            {
                along += row[i] * directions[direction][i];
            }

            sum += along * along / (variances?[direction] ?? 1);
        }

        return sum;
    }

    private static double[] Weights(double[][] directions, int[] varying, int features, Func<int, double> length)
    {
        var weights = new double[features * directions.Length];
        for (int direction = 0; direction < directions.Length; direction++)
        {
            for (int i = 0; i < varying.Length; i++)
            {
                weights[(varying[i] * directions.Length) + direction] = directions[direction][i] / length(direction);
            }
        }

        return weights;
    }
}
