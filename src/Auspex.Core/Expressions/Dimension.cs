namespace Auspex.Core.Expressions;

/// <summary>What a unit measures, as exponents of the base quantities: power is kg·m²/s³. Halves come from square roots.</summary>
internal readonly record struct Dimension(double Length, double Mass, double Time, double Current, double Temperature)
{
    public static Dimension operator +(Dimension left, Dimension right) => new(
        left.Length + right.Length, left.Mass + right.Mass, left.Time + right.Time, left.Current + right.Current,
        left.Temperature + right.Temperature);

    public static Dimension operator *(Dimension dimension, double exponent) => new(
        dimension.Length * exponent, dimension.Mass * exponent, dimension.Time * exponent, dimension.Current * exponent,
        dimension.Temperature * exponent);
}

/// <summary>One named unit.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Factor">Its size in SI base units; 1 when opaque.</param>
/// <param name="Dimension">What it measures; nothing when opaque.</param>
/// <param name="DifferenceName">Of a scale whose zero is not the absolute one (°C, °F), the unit of its differences; else null.</param>
/// <param name="IsOpaque">True for a unit that is not known: it is of a kind of its own, and equals only itself.</param>
internal sealed record UnitSymbol(string Name, double Factor, Dimension Dimension, string? DifferenceName = null, bool IsOpaque = false);
