using System.Globalization;
using Auspex.Core.Signals;

namespace Auspex.Core.Expressions;

/// <summary>A formula over the signals of one frame, such as <c>torque * speed * 2 * pi / 60</c> or <c>pressure &lt; 2 and flow &gt; 40</c>: checked
/// for its units, compiled to a flat list of instructions. Immutable; one may be shared by all threads.</summary>
/// <remarks>
/// <para>Numbers, names of signals, <c>+ - * / ^</c>, <c>&lt; &lt;= &gt; &gt;= == !=</c>, <c>and or not</c>, <c>min max abs sqrt exp log</c>
/// (natural), <c>pi</c> and <c>e</c>. Conditions are 1 or 0.</para>
/// <para>A value that is missing, and an operation without a finite result (division by zero, the root of a negative number, an overflow), is NaN, and so is
/// what is made of it; <c>and</c> and <c>or</c> alone decide without it where the other side suffices.</para>
/// </remarks>
public sealed class Expression
{
    /// <summary>Longest accepted text, in characters.</summary>
    public const int MaxLength = 2_000;

    /// <summary>Deepest nesting of brackets, signs, powers and functions.</summary>
    public const int MaxDepth = 50;

    private readonly Instruction[] _instructions;
    private readonly int _stack;

    private Expression(string text, ExpressionParser parsed, IReadOnlyList<SignalDefinition> signals)
    {
        Text = text;
        Unit = parsed.Result.Unit;
        IsCondition = parsed.Result.IsCondition;
        ValueCount = signals.Count;
        _instructions = [.. parsed.Instructions];
        Signals = [.. _instructions.Where(i => i.Operation == Operation.Signal).Select(i => i.Signal).Distinct().Order().Select(i => signals[i].Name)];
        int height = 0;
        foreach (Instruction instruction in _instructions)
        {
            height += 1 - instruction.Takes;
            _stack = Math.Max(_stack, height);
        }
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Unit of the result; of a text that multiplies by numbers, the kind alone (<see cref="Unit.IsScaledByHand"/>).</summary>
    public Unit Unit { get; }

    /// <summary>True when the result is 1 or 0: a comparison, or conditions joined.</summary>
    public bool IsCondition { get; }

    /// <summary>Names of the signals it uses, in the order of the values.</summary>
    public IReadOnlyList<string> Signals { get; }

    /// <summary>Number of values <see cref="Evaluate"/> takes: the signals it was parsed with.</summary>
    public int ValueCount { get; }

    /// <summary>Reads and checks an expression.</summary>
    /// <param name="text">At most <see cref="MaxLength"/> characters.</param>
    /// <param name="signals">The signals that may be used, in the order of the values; signals of states may not.</param>
    /// <exception cref="ExpressionException">The text is no expression, names something else, or joins units that do not fit.</exception>
    public static Expression Parse(string text, IReadOnlyList<SignalDefinition> signals)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(signals);
        return text.Length <= MaxLength
            ? new Expression(text, new ExpressionParser(text, signals), signals)
            : throw new ExpressionException(MaxLength + 1, string.Create(CultureInfo.InvariantCulture,
                $"the text has {text.Length} characters, at most {MaxLength} are read; split it into several signals"));
    }

    /// <summary>The result for one frame.</summary>
    /// <param name="values">One for each signal given to <see cref="Parse"/>, in its order; NaN where missing, infinite counts as missing.</param>
    /// <returns>A finite number, or NaN.</returns>
    /// <exception cref="ArgumentException">The number of values is another.</exception>
    public double Evaluate(ReadOnlySpan<double> values)
    {
        if (values.Length != ValueCount)
        {
            throw new ArgumentException($"The expression was read with {ValueCount} signals, was given {values.Length} values.", nameof(values));
        }

        Span<double> stack = stackalloc double[_stack]; // at most a few a level of nesting
        int top = -1;
        foreach (ref readonly Instruction instruction in _instructions.AsSpan())
        {
            switch (instruction.Takes)
            {
                case 0:
                    stack[++top] = instruction.Operation == Operation.Number
                        ? instruction.Number
                        : Arithmetics.Finite(values[instruction.Signal]);
                    break;
                case 1:
                    stack[top] = Arithmetics.Of(instruction.Operation, stack[top]);
                    break;
                default:
                    top--;
                    stack[top] = Arithmetics.Of(instruction.Operation, stack[top], stack[top + 1]);
                    break;
            }
        }

        return stack[0];
    }
}
