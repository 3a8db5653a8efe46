namespace Auspex.Core.Expressions;

/// <summary>How values of one unit become values of another: one product or quotient, and one sum where the zeros differ, so that 100 °C are 212 °F to the last digit.</summary>
public readonly record struct UnitConversion
{
    // Factors are products of a few rounded numbers: the short decimal beside the product is the one that is meant.
    private const double RoundedWithin = 4 * 2.220446049250313e-16;

    private readonly bool _divides;
    private readonly double _scale;
    private readonly double _shift;

    private UnitConversion(bool divides, double scale, double shift) => (_divides, _scale, _shift) = (divides, scale, shift);

    /// <summary>Whether values stay as they are.</summary>
    public bool IsIdentity => _scale == 1 && _shift == 0;

    /// <summary>The value in the other unit; NaN stays NaN, and what is too large becomes infinite.</summary>
    public double Of(double value) => _divides ? (value + _shift) / _scale : (value * _scale) + _shift;

    /// <param name="factor">How many of the target one of the source is; more than 0.</param>
    /// <param name="inverse">The other way round.</param>
    /// <param name="zero">The absolute zero of the source, below its own zero; 0 where both are one.</param>
    /// <param name="targetZero">The same of the target.</param>
    internal static UnitConversion Between(double factor, double inverse, decimal zero, decimal targetZero)
    {
        // The greater of both is the rounder number: bar to Pa times 100000, Pa to bar by 100000.
        bool divides = inverse > factor;
        double scale = Rounded(divides ? inverse : factor);
        decimal shift = zero == 0 && targetZero == 0 ? 0
            : divides ? zero - (targetZero * (decimal)scale)
            : (zero * (decimal)scale) - targetZero;
        return new UnitConversion(divides, scale, (double)shift);
    }

    private static double Rounded(double value)
    {
        double rounded = double.Parse(value.ToString("E14", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
        return Math.Abs(rounded - value) <= RoundedWithin * Math.Abs(value) ? rounded : value;
    }
}
