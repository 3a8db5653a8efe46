using Auspex.Core.Predictions;

namespace Auspex.Models.Package;

/// <summary>What the features were like in training: drift is measured against it, and reasons say by it what is not as usual.</summary>
/// <param name="Rows">Training rows that it is of, counted as often as each stands for.</param>
/// <param name="NormalRows">Those of them taken as normal, counted likewise.</param>
/// <param name="NormalMeans">Which rows these are, in words.</param>
/// <param name="Features">One entry a column, in its order.</param>
public sealed record ManifestBaseline(double Rows, double NormalRows, string NormalMeans, IReadOnlyList<FeatureBaseline> Features)
{
    /// <summary>Longest <see cref="NormalMeans"/>.</summary>
    public const int MaxWords = 500;

    /// <summary>The normal band of each column; null where none is known.</summary>
    public IReadOnlyList<NormalBand?> NormalBands() => [.. Features.Select(feature => feature.Normal)];
}

/// <summary>The values of one feature over the training rows.</summary>
/// <param name="Missing">Share of rows without a finite value, 0 to 1.</param>
/// <param name="Least">Least value; null where all are missing.</param>
/// <param name="Most">Largest value; null with <paramref name="Least"/>.</param>
/// <param name="Edges">Upper ends of all bins but the last, which is open; ascending, at deciles of the values, so fewer where values repeat.</param>
/// <param name="Shares">Share of the rows with a value that lies in each bin, one more than edges, together 1; empty where all are missing.</param>
/// <param name="Normal">From the 5th to the 95th percentile over the normal rows; null where too few of them have a value.</param>
public sealed record FeatureBaseline(
    double Missing, double? Least, double? Most, IReadOnlyList<double> Edges, IReadOnlyList<double> Shares, NormalBand? Normal)
{
    /// <summary>Most bins of one feature: the ten that the population stability index is read by.</summary>
    public const int MaxBins = 10;
}
