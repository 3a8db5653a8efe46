using Auspex.Core.Expressions;

namespace Auspex.Core.Signals;

/// <summary>Computes the derived signals of a schema, frame by frame: the same in training, scoring and live. Immutable; shared by all assets.</summary>
public sealed class DerivedSignals
{
    private readonly (int Signal, Expression Formula)[] _derived;

    private DerivedSignals((int, Expression)[] derived, int signals)
    {
        _derived = derived;
        SignalCount = signals;
    }

    /// <summary>Number of signals of the schema, read and derived.</summary>
    public int SignalCount { get; }

    /// <summary>True when the schema derives nothing.</summary>
    public bool IsEmpty => _derived.Length == 0;

    /// <summary>Compiles the formulas of a schema. A formula may use the signals before it, derived ones too; no facts and no states.</summary>
    /// <exception cref="FormatException">A formula is wrong, or a fact has one; the message names the signal.</exception>
    public static DerivedSignals Of(AssetSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (schema.Facts.FirstOrDefault(fact => fact.Formula is not null) is { } derivedFact)
        {
            throw new FormatException($"Fact '{derivedFact.Name}' has a formula; facts are read, signals are derived.");
        }

        var derived = new List<(int, Expression)>();
        for (int i = 0; i < schema.Signals.Count; i++)
        {
            if (schema.Signals[i].Formula is { } formula)
            {
                derived.Add((i, Compile(schema.Signals[i].Name, formula, [.. schema.Signals.Take(i)])));
            }
        }

        return new DerivedSignals([.. derived], schema.Signals.Count);
    }

    /// <summary>Writes the derived values of one frame; what stood in their places is not looked at.</summary>
    /// <param name="values">One value for each signal of the schema; NaN where missing. A derived value of missing ones is NaN.</param>
    /// <exception cref="ArgumentException">The number of values is not the schema's.</exception>
    public void Fill(Span<double> values)
    {
        if (values.Length != SignalCount)
        {
            throw new ArgumentException($"The schema has {SignalCount} signals, was {values.Length}.", nameof(values));
        }

        foreach ((int signal, Expression formula) in _derived)
        {
            values[signal] = formula.Evaluate(values[..signal]);
        }
    }

    private static Expression Compile(string name, string formula, IReadOnlyList<SignalDefinition> before)
    {
        try
        {
            return Expression.Parse(formula, before);
        }
        catch (ExpressionException e)
        {
            throw new FormatException($"Formula of signal '{name}', {e.Message}", e);
        }
    }
}
