using System.Diagnostics;

namespace Auspex.Core.Expressions;

/// <summary>The operations on values. What is not finite is missing: division by zero, the root of −1, an overflow give NaN, and NaN gives NaN.</summary>
internal static class Arithmetics
{
    internal static double Of(Operation operation, double value) => Finite(operation switch
    {
        Operation.Negate => -value,
        Operation.Abs => Math.Abs(value),
        Operation.Sqrt => Math.Sqrt(value),
        Operation.Exp => Math.Exp(value),
        Operation.Log => Math.Log(value),
        Operation.Not => double.IsNaN(value) ? double.NaN : value == 0 ? 1 : 0,
        _ => throw new UnreachableException($"bug: {operation} takes more than one value"),
    });

    internal static double Of(Operation operation, double left, double right) => operation switch
    {
        // Kleene's three-valued logic: what is missing cannot change an answer that the other side decides.
        Operation.And => left == 0 || right == 0 ? 0 : left + right > 0 ? 1 : double.NaN,
        Operation.Or => left > 0 || right > 0 ? 1 : left + right == 0 ? 0 : double.NaN,
        _ when double.IsNaN(left) || double.IsNaN(right) => double.NaN,
        Operation.Add => Finite(left + right),
        Operation.Subtract => Finite(left - right),
        Operation.Multiply => Finite(left * right),
        Operation.Divide => Finite(left / right),
        Operation.Power => Finite(Math.Pow(left, right)),
        Operation.Min => Math.Min(left, right),
        Operation.Max => Math.Max(left, right),
        Operation.Less => left < right ? 1 : 0,
        Operation.LessOrEqual => left <= right ? 1 : 0,
        Operation.Greater => left > right ? 1 : 0,
        Operation.GreaterOrEqual => left >= right ? 1 : 0,
        Operation.Equal => left == right ? 1 : 0,
        Operation.NotEqual => left != right ? 1 : 0,
        _ => throw new UnreachableException($"bug: {operation} does not take two values"),
    };

    internal static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;
}
