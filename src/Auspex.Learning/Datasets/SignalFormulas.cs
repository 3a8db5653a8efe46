using Auspex.Core.Expressions;
using Auspex.Core.Signals;

namespace Auspex.Learning.Datasets;

/// <summary>Checks the derived signals of a description and works out their units.</summary>
internal static class SignalFormulas
{
    /// <summary>The signals with the unit that follows from a formula where none is given.</summary>
    /// <param name="signals">As described.</param>
    /// <param name="problem">Receives the place of a signal, its wrong key, the value and what is wrong.</param>
    internal static IReadOnlyList<SignalColumn> Resolve(IReadOnlyList<SignalColumn> signals, Action<int, string, string?, string> problem)
    {
        var resolved = new List<SignalColumn>(signals.Count);
        for (int i = 0; i < signals.Count; i++)
        {
            SignalColumn signal = signals[i];
            if (signal.Formula is { } formula && Parse(signal, formula, resolved, (key, value, text) => problem(i, key, value, text)) is { } expression)
            {
                signal = signal with { Unit = UnitOf(signal, expression, (key, value, text) => problem(i, key, value, text)) };
            }

            resolved.Add(signal);
        }

        return resolved;
    }

    private static Expression? Parse(SignalColumn signal, string formula, IEnumerable<SignalColumn> before, Action<string, string?, string> problem)
    {
        if (signal.Column is not null)
        {
            problem("column", signal.Column, "cannot stand beside a formula; keep one of the two");
            return null;
        }

        if (signal.Role == SignalRole.Fact)
        {
            problem("formula", formula, "cannot make a fact; give the signal another role");
            return null;
        }

        SignalDefinition[] known = [.. before.Where(s => s.Role != SignalRole.Fact).Select(Definition)];
        try
        {
            var expression = Expression.Parse(formula, known);
            bool isFitting = signal.Kind == SignalKind.Continuous || (signal.Kind == SignalKind.Boolean && expression.IsCondition);
            if (!isFitting)
            {
                problem("kind", signal.Kind.ToString(), "is none that a formula makes: continuous, or boolean where the formula is a condition such as x > 5");
            }

            return isFitting ? expression : null;
        }
        catch (ExpressionException e)
        {
            problem("formula", formula, $"is wrong at {e.Message}");
            return null;
        }
    }

    private static string? UnitOf(SignalColumn signal, Expression expression, Action<string, string?, string> problem)
    {
        Unit made = expression.Unit;
        if (signal.Unit is null)
        {
            if (made.IsScaledByHand && !made.IsNone)
            {
                problem("unit", null, $"is missing; the formula multiplies {made} by a number, so its unit does not follow; write it");
            }

            return made.IsNone || made.ToString().Length == 0 ? null : made.ToString();
        }

        var declared = Unit.Parse(signal.Unit);
        if (!made.IsSameKindAs(declared))
        {
            problem("unit", signal.Unit, $"is of another kind than the formula, which gives {(made.ToString().Length == 0 ? "a pure number" : made)}");
        }
        else if (!made.IsScaledByHand && !made.IsSameScaleAs(declared))
        {
            problem("unit", signal.Unit, made.HasOffset || declared.HasOffset
                ? $"has another zero than {made}, which the formula gives; convert in the formula"
                : FormattableString.Invariant($"is of another scale than the formula: 1 {made} is {made.FactorTo(declared):0.######} {declared}; multiply by that in the formula"));
        }

        return signal.Unit;
    }

    private static SignalDefinition Definition(SignalColumn signal) =>
        new(signal.Name, signal.Kind, signal.Unit, signal.Role, signal.States ?? []) { Formula = signal.Formula };
}
