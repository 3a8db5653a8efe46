using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Learning.Train;
using Auspex.Models.Package;

namespace Auspex.Learning;

/// <summary>Takes down what the features were like over the training rows, for drift and for reasons. The test side is never looked at.</summary>
/// <remarks>Normal are: for a failure, rows with no failure inside the horizon; for a remaining useful life, rows whose taught life is the cap, where there
/// are none the half of rows with the longest lives; for anomalies, the rows the detector is fitted on. Bins lie at deciles, the normal band runs from the 5th to
/// the 95th percentile; a row counts as often as it stands for. Of more than <see cref="MostRows"/> rows, as many are drawn, one from each stretch of
/// equal length. Memory: some columns of as many numbers.</remarks>
internal static class FeatureBaselines
{
    /// <summary>Rows looked at: percentiles of so many are off by a fraction of a percent of rows.</summary>
    public const int MostRows = 100_000;

    /// <summary>Normal rows with a value that a band needs: with fewer, one row is more than a percentile step of 5 %.</summary>
    public const int FewestNormalRows = 20;

    /// <summary>The baseline of a model of failures or remaining useful life.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="label">What they were taught.</param>
    /// <param name="threads">Columns taken down side by side.</param>
    public static ManifestBaseline Of(TrainingTable table, LabelDefinition label, int threads)
    {
        (bool[] normal, string words) = label.Task == PredictionTask.Failure
            ? ([.. Enumerable.Range(0, table.Rows).Select(row => Array.TrueForAll(table.Labels, target => !(target[row] > 0)))],
                label.Horizon == TimeSpan.Zero ? "rows in which the asset is not failed" : $"rows that no failure follows within {DurationText.Format(label.Horizon)}")
            : HealthyLives(table.Labels[0], label);
        int[] drawn = Drawn(table.Rows);
        return Of(table.Columns, drawn, (row, column) => table.Values[((long)row * table.Columns) + column], row => table.Weight(row), row => normal[row], words, threads);
    }

    /// <summary>The baseline of a detector.</summary>
    /// <param name="rows">The rows it is fitted on, all of them normal.</param>
    /// <param name="perAsset">Whether they are the first rows of each asset.</param>
    public static ManifestBaseline OfNormal(IReadOnlyList<double[]> rows, bool perAsset) => Of(
        rows[0].Length, Drawn(rows.Count), (row, column) => rows[row][column], _ => 1, _ => true,
        perAsset ? "the first rows of each training asset" : "rows of training assets that are labelled normal", threads: 1);

    private static (bool[] Normal, string Words) HealthyLives(float[] lives, LabelDefinition label)
    {
        if (label.LifeCap is { } cap && lives.Count(life => life >= (float)cap) >= FewestNormalRows)
        {
            return ([.. lives.Select(life => life >= (float)cap)], string.Create(CultureInfo.InvariantCulture, $"rows with a life of {cap} {label.LifeUnit} or more"));
        }

        float median = lives.Order().ElementAt(lives.Length / 2);
        return ([.. lives.Select(life => life >= median)],
            string.Create(CultureInfo.InvariantCulture, $"rows with a life of {median:0.###} {label.LifeUnit} or more, the longer half"));
    }

    private static ManifestBaseline Of(
        int columns, int[] rows, Func<int, int, double> value, Func<int, float> weight, Func<int, bool> isNormal, string words, int threads)
    {
        float[] weights = [.. rows.Select(weight)];
        bool[] normal = [.. rows.Select(isNormal)];
        double all = Sum(weights);
        double normals = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            normals += normal[i] ? weights[i] : 0;
        }

        var features = new FeatureBaseline[columns];
        Parallel.For(0, columns, new ParallelOptions { MaxDegreeOfParallelism = threads }, column => features[column] = Of([.. rows.Select(row => value(row, column))], weights, normal, all));
        return new ManifestBaseline(all, normals, words, features);
    }

    private static FeatureBaseline Of(double[] values, float[] weights, bool[] normal, double all)
    {
        int[] known = [.. Enumerable.Range(0, values.Length).Where(row => double.IsFinite(values[row]))];
        double[] sorted = [.. known.Select(row => values[row])];
        Array.Sort(sorted, known);
        if (known.Length == 0)
        {
            return new FeatureBaseline(1, null, null, [], [], null);
        }

        float[] sortedWeights = [.. known.Select(row => weights[row])];
        double total = Sum(sortedWeights);
        double[] edges =
        [
            .. Percentiles(sorted, sortedWeights, [.. Enumerable.Range(1, FeatureBaseline.MaxBins - 1).Select(bin => (double)bin / FeatureBaseline.MaxBins)])
                .Select(Short).Distinct(),
        ];
        var shares = new double[edges.Length + 1];
        int at = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            while (at < edges.Length && sorted[i] > edges[at])
            {
                at++;
            }

            shares[at] += sortedWeights[i];
        }

        int[] healthy = [.. Enumerable.Range(0, known.Length).Where(i => normal[known[i]])];
        NormalBand? band = null;
        if (healthy.Length >= FewestNormalRows)
        {
            double[] ends = Percentiles([.. healthy.Select(i => sorted[i])], [.. healthy.Select(i => sortedWeights[i])], [0.05, 0.95]);
            band = new NormalBand(Short(ends[0]), Short(ends[1]));
        }

        return new FeatureBaseline(
            Math.Clamp(Math.Round(1 - (total / all), 6), 0, 1), sorted[0], sorted[^1], edges, [.. shares.Select(share => Math.Round(share / total, 6))], band);
    }

    // The least value that at least this share of the weight lies at or below.
    private static double[] Percentiles(double[] sorted, float[] weights, double[] shares)
    {
        double total = Sum(weights);
        var found = new double[shares.Length];
        double passed = 0;
        int at = 0;
        for (int i = 0; i < sorted.Length && at < shares.Length; i++)
        {
            passed += weights[i];
            while (at < shares.Length && passed >= shares[at] * total * (1 - 1e-12))
            {
                found[at++] = sorted[i];
            }
        }

        Array.Fill(found, sorted[^1], at, found.Length - at);
        return found;
    }

    // Seven digits: bins and bands need no more, and a manifest of some thousand features stays readable.
    private static double Short(double value) => double.Parse(value.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static double Sum(float[] weights)
    {
        double sum = 0;
        foreach (float weight in weights)
        {
            sum += weight;
        }

        return sum;
    }

    // A place in each stretch that does not repeat: every n-th row of a plant that runs by the day would always be of the same hour.
    private static int[] Drawn(int rows)
    {
        if (rows <= MostRows)
        {
            return [.. Enumerable.Range(0, rows)];
        }

        var drawn = new int[MostRows];
        for (int i = 0; i < drawn.Length; i++)
        {
            int from = (int)((long)i * rows / MostRows);
            int length = (int)((i + 1L) * rows / MostRows) - from;
            drawn[i] = from + (int)((Mixed((ulong)i) >> 32) % (ulong)length);
        }

        return drawn;
    }

    // SplitMix64 (https://prng.di.unimi.it): the bits of neighbouring numbers have nothing in common.
    private static ulong Mixed(ulong number)
    {
        unchecked
        {
            ulong z = (number + 1) * 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
