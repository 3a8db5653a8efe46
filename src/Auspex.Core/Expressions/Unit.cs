using System.Globalization;
using System.Text;

namespace Auspex.Core.Expressions;

/// <summary>A unit of measure: a product of powers of named units. Immutable.</summary>
/// <remarks>Written as plants do: <c>kW</c>, <c>mm/s2</c>, <c>l/min</c>, <c>kg m2</c>, <c>lbm/s</c>, <c>°C</c>, <c>min-1</c>. A slash belongs to
/// the name behind it alone. A name that is not known, and a text that is no unit, is opaque: of a kind of its own, equal only to itself.</remarks>
public sealed class Unit
{
    private const double SameScale = 1e-9; // relative: factors are products of a few rounded numbers
    private const double MaxExponent = 64;

    private readonly (UnitSymbol Symbol, double Exponent)[] _factors;

    private Unit((UnitSymbol, double)[] factors, bool scaledByHand)
    {
        _factors = factors;
        IsScaledByHand = scaledByHand;
        Factor = 1;
        foreach ((UnitSymbol symbol, double exponent) in _factors)
        {
            Dimension += symbol.Dimension * exponent;
            Factor *= Math.Pow(symbol.Factor, exponent);
        }
    }

    /// <summary>The unit of pure numbers.</summary>
    public static Unit None { get; } = new([], scaledByHand: false);

    /// <summary>True after a number was multiplied in: <c>x * 1000</c> may be the writer's own conversion, so only the kind is known.</summary>
    public bool IsScaledByHand { get; }

    /// <summary>True for a pure number: no kind, and no scale such as % or ppm unless it was scaled by hand.</summary>
    public bool IsNone => IsSameKindAs(None) && (IsScaledByHand || IsSameScaleAs(None));

    /// <summary>True for a scale whose zero is arbitrary, °C or °F: its values may be compared and subtracted, never multiplied.</summary>
    public bool HasOffset => _factors is [({ DifferenceName: not null }, _)];

    private Dimension Dimension { get; }

    /// <summary>Size in SI base units.</summary>
    private double Factor { get; }

    /// <summary>Reads a unit; null, empty and <c>1</c> are <see cref="None"/>. Never fails: what is not understood is opaque.</summary>
    public static Unit Parse(string? text)
    {
        string trimmed = text?.Trim() ?? "";
        List<(UnitSymbol, double)>? factors = UnitText.Read(trimmed);
        return factors is null
            ? new Unit([(new UnitSymbol(trimmed, 1, default, IsOpaque: true), 1)], scaledByHand: false)
            : Of(factors, scaledByHand: false);
    }

    /// <summary>Do both measure the same thing, in whatever scale?</summary>
    public bool IsSameKindAs(Unit other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Dimension == other.Dimension && Opaque(this).SequenceEqual(Opaque(other));
    }

    /// <summary>How many of <paramref name="other"/> one of this is, for units of one kind: 1000 for kW to W.</summary>
    public double FactorTo(Unit other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Factor / other.Factor;
    }

    /// <summary>How values of this become values of another unit.</summary>
    /// <returns>Null where they do not: another kind, a name that is not known and not the same, degrees of rotation and frequencies, watts and volt-amperes.</returns>
    public UnitConversion? ConversionTo(Unit other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!IsSameKindAs(other) || IsScaledByHand || other.IsScaledByHand || Powers(this) != Powers(other))
        {
            return null;
        }

        // A turn has 2π radians; a frequency may be either.
        (double angles, double turns) = Rotations(this);
        (double otherAngles, double otherTurns) = Rotations(other);
        double moved = angles - otherAngles;
        if (moved != 0 && (angles == 0 || otherAngles == 0) && turns == 0 && otherTurns == 0)
        {
            return null;
        }

        double perTurn = Math.Pow(2 * Math.PI, moved);
        return UnitConversion.Between(
            Factor / other.Factor / perTurn, other.Factor / Factor * perTurn,
            HasOffset ? _factors[0].Symbol.AbsoluteZero : 0, other.HasOffset ? other._factors[0].Symbol.AbsoluteZero : 0);
    }

    /// <summary>Are values of both, which are of one kind, in the same numbers? Not asked where one is scaled by hand.</summary>
    public bool IsSameScaleAs(Unit other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return HasOffset == other.HasOffset && Math.Abs(FactorTo(other) - 1) <= SameScale;
    }

    /// <summary>As plants write it, such as <c>Nm·rpm</c> or <c>m/s^2</c>; empty for pure numbers.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach ((UnitSymbol symbol, double exponent) in _factors.Where(f => f.Exponent > 0))
        {
            text.Append(text.Length == 0 ? "" : "·").Append(symbol.Name).Append(PowerText(exponent));
        }

        foreach ((UnitSymbol symbol, double exponent) in _factors.Where(f => f.Exponent < 0))
        {
            text.Append(text.Length == 0 ? "1/" : "/").Append(symbol.Name).Append(PowerText(-exponent));
        }

        return text.ToString();
    }

    /// <summary>The product of two units; null when an exponent would leave ±64.</summary>
    internal static Unit? Product(Unit left, Unit right, double rightExponent)
    {
        var factors = new List<(UnitSymbol Symbol, double Exponent)>(left._factors);
        foreach ((UnitSymbol symbol, double exponent) in right._factors)
        {
            int at = factors.FindIndex(f => f.Symbol.Name == symbol.Name);
            double sum = (at < 0 ? 0 : factors[at].Exponent) + (exponent * rightExponent);
            if (Math.Abs(sum) > MaxExponent)
            {
                return null;
            }

            if (at < 0)
            {
                factors.Add((symbol, sum));
            }
            else
            {
                factors[at] = (symbol, sum);
            }
        }

        return Of(factors, left.IsScaledByHand || right.IsScaledByHand);
    }

    /// <summary>The same kind, the scale being the writer's.</summary>
    internal Unit ScaledByHand() => new(Difference()._factors, scaledByHand: true);

    /// <summary>The unit of differences: K for °C, else the same.</summary>
    internal Unit Difference() => HasOffset ? Of([(UnitSymbols.Of(_factors[0].Symbol.DifferenceName!), 1)], IsScaledByHand) : this;

    private static Unit Of(List<(UnitSymbol Symbol, double Exponent)> factors, bool scaledByHand)
    {
        factors.RemoveAll(f => f.Exponent == 0);
        bool isPoint = factors is [(_, 1)];
        // In a product, such as W/°C, only differences can be meant.
        return new Unit([.. factors.Select(f => isPoint || f.Symbol.DifferenceName is null ? f : (UnitSymbols.Of(f.Symbol.DifferenceName), f.Exponent))], scaledByHand);
    }

    private static (double Angles, double Turns) Rotations(Unit unit) =>
        (unit._factors.Where(f => f.Symbol.Rotation == 1).Sum(f => f.Exponent), unit._factors.Where(f => f.Symbol.Rotation == 2).Sum(f => Math.Abs(f.Exponent)));

    private static string Powers(Unit unit) => string.Concat(unit._factors.Where(f => f.Symbol.Power != 'P').Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Symbol.Power}{f.Exponent}")).Order(StringComparer.Ordinal));

    private static IEnumerable<(string Name, double Exponent)> Opaque(Unit unit) =>
        unit._factors.Where(f => f.Symbol.IsOpaque).Select(f => (f.Symbol.Name, f.Exponent)).OrderBy(f => f.Name, StringComparer.Ordinal);

    private static string PowerText(double exponent) => exponent == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"^{exponent}");
}
