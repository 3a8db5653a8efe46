namespace Auspex.Learning;

/// <summary>Groups operating settings into conditions: k-means (Lloyd, 1982) from a start that is the same every time.</summary>
internal static class ConditionClusters
{
    /// <summary>Most conditions looked for.</summary>
    public const int Most = 8;

    // Settings that stand in a few positions, as regimes and recipes do, leave next to nothing of their variance inside the right clusters.
    private const double DistinctShare = 1e-4;
    private const int MostRounds = 100;

    /// <summary>The centres of the conditions. Their number is the least, from 2, that leaves at most a ten-thousandth of the variance inside the
    /// clusters; where none does, the settings vary smoothly, and it is that of the greatest Calinski-Harabasz index (1974), of 2 to 8.</summary>
    /// <param name="points">One point a frame, standardised, all of one length.</param>
    /// <returns>At least one centre; one where all points are equal.</returns>
    public static double[][] Centres(double[][] points)
    {
        double[][] starts = FarthestFirst(points);
        double total = Within(points, [Mean(points)]);
        double[][] best = starts[..1];
        double bestIndex = double.NegativeInfinity;
        for (int k = 2; k <= starts.Length; k++)
        {
            double[][] centres = Settle(points, starts[..k]);
            double within = Within(points, centres);
            if (within <= DistinctShare * total)
            {
                return centres;
            }

            double index = (total - within) / (k - 1) / (within / (points.Length - k));
            if (index > bestIndex)
            {
                (best, bestIndex) = (centres, index);
            }
        }

        return best;
    }

    /// <summary>Index of the nearest centre and the squared distance to it; the first of equals.</summary>
    public static (int Centre, double SquaredDistance) Nearest(ReadOnlySpan<double> point, double[][] centres)
    {
        (int Centre, double SquaredDistance) nearest = (0, double.PositiveInfinity);
        for (int k = 0; k < centres.Length; k++)
        {
            double squared = SquaredDistance(point, centres[k]);
            nearest = squared < nearest.SquaredDistance ? (k, squared) : nearest;
        }

        return nearest;
    }

    /// <summary>Squared Euclidean distance.</summary>
    public static double SquaredDistance(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        double sum = 0;
        for (int i = 0; i < one.Length; i++)
        {
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        }

        return sum;
    }

    // Each start is the point farthest from those before it (Gonzalez, 1985): of clusters that lie apart it finds each one.
    private static double[][] FarthestFirst(double[][] points)
    {
        double[] mean = Mean(points);
        var starts = new List<double[]> { points.MaxBy(point => SquaredDistance(point, mean))! };
        double[] distances = [.. points.Select(_ => double.PositiveInfinity)];
        while (starts.Count < Math.Min(Most, points.Length))
        {
            int farthest = 0;
            for (int i = 0; i < points.Length; i++)
            {
                distances[i] = Math.Min(distances[i], SquaredDistance(points[i], starts[^1]));
                farthest = distances[i] > distances[farthest] ? i : farthest;
            }

            if (distances[farthest] == 0)
            {
                break;
            }

            starts.Add(points[farthest]);
        }

        return [.. starts];
    }

    private static double[][] Settle(double[][] points, double[][] starts)
    {
        double[][] centres = starts;
        int[] members = [.. points.Select(_ => -1)];
        for (int round = 0; round < MostRounds; round++)
        {
            bool moved = false;
            double[][] sums = [.. centres.Select(centre => new double[centre.Length])];
            var counts = new int[centres.Length];
            for (int i = 0; i < points.Length; i++)
            {
                int nearest = Nearest(points[i], centres).Centre;
                moved |= nearest != members[i];
                members[i] = nearest;
                counts[nearest]++;
                for (int c = 0; c < points[i].Length; c++)
                {
                    sums[nearest][c] += points[i][c];
                }
            }

            if (!moved)
            {
                break;
            }

            centres = [.. centres.Select((centre, k) => counts[k] == 0 ? centre : sums[k].Select(sum => sum / counts[k]).ToArray())];
        }

        return centres;
    }

    private static double[] Mean(double[][] points) => [.. points[0].Select((_, i) => points.Average(point => point[i]))];

    private static double Within(double[][] points, double[][] centres) => points.Sum(point => Nearest(point, centres).SquaredDistance);
}
