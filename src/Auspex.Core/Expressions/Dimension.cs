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
internal sealed record UnitSymbol(string Name, double Factor, Dimension Dimension, string? DifferenceName = null, bool IsOpaque = false)
{
    /// <summary>How far below its own zero the absolute one lies: 273.15 for °C, 459.67 for °F (SI brochure 2.3.1; NIST SP 811 B.8); 0 for units of products.</summary>
    internal decimal AbsoluteZero { get; init; }

    /// <summary>What it counts of a rotation: 1 for radians and degrees, 2 for turns; 0 for what may be either, and for all else.</summary>
    internal int Rotation => Name is "rad" or "deg" or "°" ? 1 : Name is "rev" or "rpm" or "rps" ? 2 : 0;

    /// <summary>What power is meant: of volt-amperes and reactive volt-amperes the numbers are none of watts.</summary>
    internal char Power => Name.EndsWith("VA", StringComparison.Ordinal) ? 'S' : Name.EndsWith("var", StringComparison.Ordinal) ? 'Q' : 'P';
}
