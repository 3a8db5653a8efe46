namespace Auspex.Core.Predictions;

/// <summary>Where a number lies while its asset is well: from the 5th to the 95th percentile of normal rows.</summary>
/// <param name="Low">Lower end, in the unit of the number; finite.</param>
/// <param name="High">Upper end; finite, not below <paramref name="Low"/>.</param>
public readonly record struct NormalBand(double Low, double High);
