namespace Auspex.Core.Expressions;

/// <summary>What is known of a part of an expression before any value is.</summary>
/// <param name="Unit">Its unit.</param>
/// <param name="IsNumber">True when it is made of numbers alone: it takes the unit of what it is added to or compared with.</param>
/// <param name="IsCondition">True when it is 0 or 1: a comparison, or a boolean signal.</param>
/// <param name="Text">What messages call it.</param>
/// <param name="Value">Its value when it is made of numbers alone; else NaN.</param>
internal readonly record struct Operand(Unit Unit, bool IsNumber, bool IsCondition, string Text, double Value)
{
    internal static Operand OfNumber(double value) => new(Unit.None, IsNumber: true, IsCondition: false, "", value);

    internal static Operand OfUnit(Unit unit, string text) => new(unit, IsNumber: false, IsCondition: false, text, double.NaN);

    internal static Operand Condition(string text) => new(Unit.None, IsNumber: false, IsCondition: true, text, double.NaN);

    internal string Shown => (Text.Length > 0 ? Text + " " : "") + (Unit.ToString() is { Length: > 0 } unit ? $"in {unit}" : "without a unit");
}
