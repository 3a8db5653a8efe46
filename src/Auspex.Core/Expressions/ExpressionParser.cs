using System.Globalization;
using Auspex.Core.Signals;

namespace Auspex.Core.Expressions;

/// <summary>Reads an expression by recursive descent and writes its instructions as it goes, operands before their operation.</summary>
internal sealed class ExpressionParser
{
    private static readonly string[] Comparisons = ["<", "<=", ">", ">=", "==", "!="];

    private readonly List<Token> _tokens;
    private readonly IReadOnlyList<SignalDefinition> _signals;
    private int _at;
    private int _depth;

    internal ExpressionParser(string text, IReadOnlyList<SignalDefinition> signals)
    {
        _tokens = ExpressionTokens.Read(text);
        _signals = signals;
        Result = Or();
        if (Next.Kind != TokenKind.End)
        {
            throw Unexpected(Comparisons.Contains(Next.Text) && Result.IsCondition
                ? "'and', 'or' or the end; join comparisons with 'and'"
                : "an operator or the end");
        }
    }

    internal List<Instruction> Instructions { get; } = [];

    internal Operand Result { get; }

    private Token Next => _tokens[_at];

    private Operand Or() => Joined("or", Operation.Or, And);

    private Operand And() => Joined("and", Operation.And, Not);

    private Operand Joined(string word, Operation operation, Func<Operand> part)
    {
        Operand left = part();
        while (Next.Is(word))
        {
            Token at = Take();
            Operand right = part();
            RequireCondition(left, at);
            RequireCondition(right, at);
            left = Emit(operation, Operand.Condition(""));
        }

        return left;
    }

    private Operand Not()
    {
        if (!Next.Is("not"))
        {
            return Comparison();
        }

        Token at = Take();
        Operand condition = Deeper(Not);
        RequireCondition(condition, at);
        return Emit(Operation.Not, Operand.Condition(""));
    }

    private Operand Comparison()
    {
        Operand left = Sum();
        if (!Comparisons.Contains(Next.Text))
        {
            return left;
        }

        Token sign = Take();
        Operand right = Sum();
        UnitRules.Alike(left, right, sign.Text, sign.Column);
        return Emit(
            sign.Text switch
            {
                "<" => Operation.Less,
                "<=" => Operation.LessOrEqual,
                ">" => Operation.Greater,
                ">=" => Operation.GreaterOrEqual,
                "==" => Operation.Equal,
                _ => Operation.NotEqual,
            },
            Operand.Condition(""));
    }

    private Operand Sum()
    {
        Operand left = Product();
        while (Next.Is("+") || Next.Is("-"))
        {
            Token sign = Take();
            Operand right = Product();
            left = Arithmetic(sign.Text == "+" ? Operation.Add : Operation.Subtract, left, right,
                (l, r) => UnitRules.Sum(l, r, sign.Text, sign.Column));
        }

        return left;
    }

    private Operand Product()
    {
        Operand left = Signed();
        while (Next.Is("*") || Next.Is("/"))
        {
            Token sign = Take();
            Operand right = Signed();
            bool isProduct = sign.Text == "*";
            left = Arithmetic(isProduct ? Operation.Multiply : Operation.Divide, left, right,
                (l, r) => UnitRules.Product(l, r, isProduct ? 1 : -1, sign.Column));
        }

        return left;
    }

    private Operand Signed()
    {
        if (!Next.Is("-"))
        {
            return Power();
        }

        Token sign = Take();
        Operand number = Deeper(Signed);
        return Arithmetic(Operation.Negate, number, n => UnitRules.Signed(n, "negated", sign.Column));
    }

    /// <summary>Binds closer than a sign before it, and to the right: -2^2 is -4, 2^3^2 is 2^9.</summary>
    private Operand Power()
    {
        Operand number = Value();
        if (!Next.Is("^"))
        {
            return number;
        }

        Token sign = Take();
        Operand exponent = Deeper(Signed);
        return Arithmetic(Operation.Power, number, exponent, (n, e) => UnitRules.Power(n, e, sign.Column));
    }

    private Operand Value()
    {
        Token token = Next;
        if (token.Kind == TokenKind.Number)
        {
            _at++;
            return Constant(token.Number);
        }

        if (token.Is("("))
        {
            _at++;
            Operand inner = Deeper(Or);
            Expect(")");
            return inner;
        }

        if (token.Kind != TokenKind.Name || token.Text is "and" or "or" or "not")
        {
            throw Unexpected("a number, a signal or '('");
        }

        _at++;
        return Next.Is("(") ? Function(token) : Named(token);
    }

    private Operand Named(Token name)
    {
        int signal = -1;
        for (int i = 0; i < _signals.Count && signal < 0; i++)
        {
            signal = _signals[i].Name == name.Text ? i : -1;
        }

        double? constant = name.Text switch
        {
            "pi" => Math.PI,
            "e" => Math.E,
            _ => null,
        };
        if (constant is { } value)
        {
            return signal < 0
                ? Constant(value)
                : throw new ExpressionException(name.Column, $"'{name.Text}' is a constant and a signal; rename the signal");
        }

        if (signal < 0)
        {
            string known = string.Join(", ", _signals.Take(8).Select(s => s.Name)) + (_signals.Count > 8 ? ", …" : "");
            throw new ExpressionException(name.Column, $"there is no signal '{name.Text}' before this one; the signals are {(known.Length == 0 ? "none" : known)}");
        }

        if (_signals[signal].Kind == SignalKind.State)
        {
            throw new ExpressionException(name.Column, $"'{name.Text}' is a signal of states, which are no numbers");
        }

        Instructions.Add(new Instruction(Operation.Signal, signal, double.NaN));
        return _signals[signal].Kind == SignalKind.Boolean
            ? Operand.Condition(name.Text)
            : Operand.OfUnit(Unit.Parse(_signals[signal].Unit), name.Text);
    }

    private Operand Function(Token name)
    {
        (Operation? operation, int count) = name.Text switch
        {
            "min" => (Operation.Min, 2),
            "max" => (Operation.Max, 2),
            "abs" => (Operation.Abs, 1),
            "sqrt" => (Operation.Sqrt, 1),
            "exp" => (Operation.Exp, 1),
            "log" => (Operation.Log, 1),
            _ => ((Operation?)null, 0),
        };
        if (operation is null)
        {
            throw new ExpressionException(name.Column, $"there is no function '{name.Text}'; the functions are abs, exp, log, max, min and sqrt");
        }

        Expect("(");
        Operand first = Deeper(Or);
        if (count == 1)
        {
            Expect(")");
            return Arithmetic(operation.Value, first, n => operation switch
            {
                Operation.Abs => UnitRules.Signed(n, "measured from zero", name.Column),
                Operation.Sqrt => UnitRules.Root(n, name.Column),
                _ => UnitRules.Pure(n, name.Text, name.Column),
            });
        }

        if (!Next.Is(","))
        {
            throw Unexpected($"',': {name.Text} takes two or more values");
        }

        while (Next.Is(","))
        {
            _at++;
            Operand other = Deeper(Or);
            first = Arithmetic(operation.Value, first, other, (l, r) => UnitRules.Alike(l, r, name.Text, name.Column));
        }

        Expect(")");
        return first;
    }

    private Operand Constant(double value)
    {
        Instructions.Add(new Instruction(Operation.Number, -1, value));
        return Operand.OfNumber(value);
    }

    private Operand Arithmetic(Operation operation, Operand number, Func<Operand, Operand> rule)
    {
        if (!number.IsNumber)
        {
            return Emit(operation, rule(number));
        }

        Instructions.RemoveAt(Instructions.Count - 1);
        return Constant(Arithmetics.Of(operation, number.Value));
    }

    private Operand Arithmetic(Operation operation, Operand left, Operand right, Func<Operand, Operand, Operand> rule)
    {
        if (!left.IsNumber || !right.IsNumber)
        {
            return Emit(operation, rule(left, right));
        }

        Instructions.RemoveRange(Instructions.Count - 2, 2);
        return Constant(Arithmetics.Of(operation, left.Value, right.Value));
    }

    private Operand Emit(Operation operation, Operand result)
    {
        Instructions.Add(new Instruction(operation, -1, double.NaN));
        return result;
    }

    private T Deeper<T>(Func<T> part)
    {
        if (++_depth > Expression.MaxDepth)
        {
            throw new ExpressionException(Next.Column, string.Create(CultureInfo.InvariantCulture,
                $"is nested more than {Expression.MaxDepth} deep; split it into several signals"));
        }

        T result = part();
        _depth--;
        return result;
    }

    private static void RequireCondition(Operand operand, Token word)
    {
        if (!operand.IsCondition)
        {
            throw new ExpressionException(word.Column, $"'{word.Text}' joins conditions, was {operand.Shown}; write a comparison such as x > 0");
        }
    }

    private Token Take() => _tokens[_at++];

    private void Expect(string sign)
    {
        if (!Next.Is(sign))
        {
            throw Unexpected($"'{sign}'");
        }

        _at++;
    }

    private ExpressionException Unexpected(string expected) => new(Next.Column, $"expected {expected}, found {Next.Shown}");
}
