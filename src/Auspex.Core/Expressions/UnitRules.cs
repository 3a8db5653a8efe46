using System.Globalization;

namespace Auspex.Core.Expressions;

/// <summary>Which operations units allow, and what comes out. A number written in the expression has no unit of its own: added or compared it
/// takes that of the other side, multiplied it leaves the scale to the writer.</summary>
internal static class UnitRules
{
    private const double MaxPower = 9;

    /// <summary>Addition and subtraction.</summary>
    internal static Operand Sum(Operand left, Operand right, string sign, int column)
    {
        if (left.IsNumber || right.IsNumber)
        {
            Unit unit = (left.IsNumber ? right : left).Unit;
            return Operand.OfUnit(unit.HasOffset ? unit.ScaledByHand() : unit, ""); // t + 273.15 is the writer's own conversion
        }

        RequireSameKind(left, right, sign, column);
        bool isPoint = left.Unit.HasOffset;
        if (!isPoint && !right.Unit.HasOffset)
        {
            RequireSameScale(left, right, sign, column);
            return Operand.OfUnit(Known(left.Unit, right.Unit), "");
        }

        // Of scales with an arbitrary zero: point − point is a difference, point ± difference a point, and all else says nothing.
        if (isPoint && right.Unit.HasOffset)
        {
            RequireSameScale(left, right, sign, column);
            return sign == "-"
                ? Operand.OfUnit(left.Unit.Difference(), "")
                : throw new ExpressionException(column,
                    $"values in {left.Unit} cannot be added, their zero is arbitrary; add a difference, as in a + (b - a) / 2 for the mean");
        }

        Unit point = isPoint ? left.Unit : right.Unit;
        Unit difference = isPoint ? right.Unit : left.Unit;
        if (!isPoint && sign == "-")
        {
            throw new ExpressionException(column, $"{point} cannot be taken from {difference}; turn the two around, or take differences of {point} first");
        }

        RequireSameScale(Operand.OfUnit(point.Difference(), ""), Operand.OfUnit(difference, ""), sign, column);
        return Operand.OfUnit(point, "");
    }

    /// <summary>Comparison, minimum and maximum: both sides must be in the same numbers.</summary>
    internal static Operand Alike(Operand left, Operand right, string sign, int column)
    {
        if (left.IsNumber || right.IsNumber)
        {
            return Operand.OfUnit((left.IsNumber ? right : left).Unit, "");
        }

        RequireSameKind(left, right, sign, column);
        RequireSameScale(left, right, sign, column);
        return Operand.OfUnit(Known(left.Unit, right.Unit), "");
    }

    /// <summary>Multiplication, and division with an exponent of −1.</summary>
    internal static Operand Product(Operand left, Operand right, double exponent, int column)
    {
        RequireZero(left.Unit, exponent > 0 ? "multiplied" : "divided", column);
        RequireZero(right.Unit, exponent > 0 ? "multiplied" : "divided by", column);
        Unit product = Unit.Product(left.Unit, right.Unit, exponent) ?? throw TooMany(column);
        return Operand.OfUnit(left.IsNumber || right.IsNumber ? product.ScaledByHand() : product, "");
    }

    /// <summary>A power: with a unit, the exponent must be a whole number that is known.</summary>
    internal static Operand Power(Operand number, Operand exponent, int column)
    {
        if (!exponent.Unit.IsNone)
        {
            throw new ExpressionException(column, $"an exponent is a pure number, was {exponent.Shown}");
        }

        if (number.Unit.IsNone)
        {
            return Operand.OfUnit(Unit.None, "");
        }

        RequireZero(number.Unit, "raised to a power", column);
        if (!exponent.IsNumber || exponent.Value != Math.Round(exponent.Value) || Math.Abs(exponent.Value) > MaxPower)
        {
            throw new ExpressionException(column, string.Create(CultureInfo.InvariantCulture,
                $"what is in {number.Unit} can be raised to whole numbers from -{MaxPower} to {MaxPower} alone; use sqrt for roots"));
        }

        return Operand.OfUnit(Raised(number.Unit, exponent.Value, column), "");
    }

    /// <summary>A square root halves the exponents of its unit.</summary>
    internal static Operand Root(Operand number, int column)
    {
        RequireZero(number.Unit, "rooted", column);
        return Operand.OfUnit(Raised(number.Unit, 0.5, column), "");
    }

    /// <summary>exp and log, which only pure numbers have.</summary>
    internal static Operand Pure(Operand number, string function, int column) => number.Unit.IsNone
        ? Operand.OfUnit(Unit.None, "")
        : throw new ExpressionException(column, $"{function} takes a pure number, was {number.Shown}; divide by a reference value in the same unit");

    /// <summary>Sign and magnitude, which need a zero that means something.</summary>
    internal static Operand Signed(Operand number, string what, int column)
    {
        RequireZero(number.Unit, what, column);
        return Operand.OfUnit(number.Unit, "");
    }

    private static Unit Raised(Unit unit, double exponent, int column)
    {
        Unit raised = Unit.Product(Unit.None, unit, exponent) ?? throw TooMany(column);
        return unit.IsScaledByHand ? raised.ScaledByHand() : raised;
    }

    // Where one side was scaled by hand, it was scaled to the other.
    private static Unit Known(Unit left, Unit right) => left.IsScaledByHand ? right : left;

    private static void RequireSameKind(Operand left, Operand right, string sign, int column)
    {
        if (!left.Unit.IsSameKindAs(right.Unit))
        {
            throw new ExpressionException(column, $"'{sign}' needs two values of one kind, was {left.Shown} and {right.Shown}");
        }
    }

    private static void RequireSameScale(Operand left, Operand right, string sign, int column)
    {
        if (left.Unit.IsScaledByHand || right.Unit.IsScaledByHand || left.Unit.IsSameScaleAs(right.Unit))
        {
            return;
        }

        string advice = left.Unit.HasOffset || right.Unit.HasOffset
            ? "their zeros differ, so convert one of them by hand"
            : string.Create(CultureInfo.InvariantCulture,
                $"1 {Shown(left.Unit)} is {left.Unit.FactorTo(right.Unit):0.######} {Shown(right.Unit)}, so multiply by such a factor");
        throw new ExpressionException(column, $"'{sign}' needs two values of one scale, was {left.Shown} and {right.Shown}; {advice}");
    }

    private static void RequireZero(Unit unit, string what, int column)
    {
        if (unit.HasOffset)
        {
            throw new ExpressionException(column,
                $"values in {unit} cannot be {what}, their zero is arbitrary; take a difference first, or add the offset to the absolute scale");
        }
    }

    private static ExpressionException TooMany(int column) => new(column, "an exponent of the unit would leave -64 to 64");

    private static string Shown(Unit unit) => unit.ToString() is { Length: > 0 } text ? text : "(no unit)";
}
