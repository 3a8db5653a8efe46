using Auspex.Core.Predictions;
namespace Auspex.Learning.Evaluate;

/// <summary>Errors while the true life lies in one band.</summary>
/// <param name="From">Lower end, included; in the life unit.</param>
/// <param name="To">Upper end, excluded; null for the last band, which has none.</param>
/// <param name="Errors">Capped errors of the rows in it.</param>
public sealed record LifeStage(double From, double? To, LifeErrors Errors);

/// <summary>Whether lives were told within α of the truth when a share λ of the watched life had passed: A. Saxena et al., "Metrics for Offline
/// Evaluation of Prognostic Performance", International Journal of Prognostics and Health Management 1 (2010).</summary>
/// <param name="Alpha">Error allowed, as a share of the true life.</param>
/// <param name="Lambda">Share of the way from the first row to the failure.</param>
/// <param name="Assets">Assets with a judged row there.</param>
/// <param name="Within">Share of them told within α, Wilson 95 %.</param>
public sealed record AlphaLambda(double Alpha, double Lambda, int Assets, Estimate Within);

/// <summary>How the 90 % intervals held in one group of predictions.</summary>
/// <param name="Predictions">Predictions with an interval and a known life.</param>
/// <param name="Coverage">Share of them whose interval has the capped true life in it, Wilson 95 %; 0.9 is promised.</param>
/// <param name="MeanWidth">Mean of upper − lower, in the life unit.</param>
public sealed record IntervalGroup(int Predictions, Estimate Coverage, double MeanWidth);

/// <summary>How the 90 % intervals held.</summary>
/// <param name="LastRows">At the last row of each asset.</param>
/// <param name="AllRows">Over all rows; rows of one asset resemble each other, so the interval of this coverage is too narrow.</param>
/// <param name="Terciles">All rows by their prediction: the lowest third, the middle and the highest.</param>
public sealed record LifeIntervals(IntervalGroup LastRows, IntervalGroup AllRows, IReadOnlyList<IntervalGroup> Terciles);

/// <summary>Whether the predicted life behaves as a remaining life does, by the definitions of J. B. Coble, J. W. Hines, "Identifying Optimal
/// Prognostic Parameters from Data: A Genetic Algorithms Approach", PHM 2009; each 0 (not at all) to 1.</summary>
/// <param name="Monotonicity">Mean over assets of |steps up − steps down| / steps.</param>
/// <param name="Prognosability">exp(−standard deviation of the predictions at failure / mean of |first − last prediction|), over assets whose rows reach their failure;
/// NaN with fewer than two.</param>
/// <param name="Trendability">Least |correlation| of any two assets' predictions over the share of the life passed, over assets whose rows reach
/// their failure (200 of them, evenly picked, when there are more); NaN with fewer than two.</param>
public sealed record LifeShape(double Monotonicity, double Prognosability, double Trendability)
{
    private const int TrendPoints = 100;
    private const int MostTrends = 200;

    /// <summary>Looks at the predictions asset by asset.</summary>
    /// <param name="assets">Rows without prediction are passed over.</param>
    internal static LifeShape Of(IReadOnlyList<AssetLifePredictions> assets)
    {
        List<double> monotone = [];
        List<double[]> whole = [];
        foreach (AssetLifePredictions asset in assets)
        {
            double[] told = [.. asset.Predicted.Where(double.IsFinite)];
            if (told.Length < 2)
            {
                continue;
            }

            int up = 0;
            int down = 0;
            for (int i = 1; i < told.Length; i++)
            {
                up += told[i] > told[i - 1] ? 1 : 0;
                down += told[i] < told[i - 1] ? 1 : 0;
            }

            monotone.Add(Math.Abs(up - down) / (told.Length - 1.0));
            if (asset.True[^1] <= 1)
            {
                whole.Add(told);
            }
        }

        return new LifeShape(
            monotone.Count == 0 ? double.NaN : monotone.Average(),
            whole.Count < 2 ? double.NaN : Prognosable(whole),
            whole.Count < 2 ? double.NaN : Trendable(whole));
    }

    private static double Prognosable(List<double[]> whole)
    {
        double mean = whole.Average(told => told[^1]);
        double deviation = Math.Sqrt(whole.Sum(told => (told[^1] - mean) * (told[^1] - mean)) / (whole.Count - 1));
        return Math.Exp(-deviation / whole.Average(told => Math.Abs(told[0] - told[^1])));
    }

    private static double Trendable(List<double[]> whole)
    {
        int count = Math.Min(MostTrends, whole.Count);
        double[][] trends = [.. Enumerable.Range(0, count).Select(i => Standardized(whole[(int)((long)i * whole.Count / count)]))];
        double least = 1;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double correlation = 0;
                for (int at = 0; at < TrendPoints; at++)
                {
                    correlation += trends[i][at] * trends[j][at];
                }

                least = Math.Min(least, Math.Abs(correlation));
            }
        }

        return least;
    }

    /// <summary>At evenly spaced shares of the life, with mean 0 and length 1; all 0 when it never changes, which is no trend.</summary>
    private static double[] Standardized(double[] told)
    {
        double[] trend = new double[TrendPoints];
        for (int at = 0; at < TrendPoints; at++)
        {
            double place = (told.Length - 1.0) * at / (TrendPoints - 1);
            int below = Math.Min((int)place, told.Length - 2);
            trend[at] = told[below] + ((place - below) * (told[below + 1] - told[below]));
        }

        double mean = trend.Average();
        double length = Math.Sqrt(trend.Sum(value => (value - mean) * (value - mean)));
        return [.. trend.Select(value => length > 0 ? (value - mean) / length : 0)];
    }
}
