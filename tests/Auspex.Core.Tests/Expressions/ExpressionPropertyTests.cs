using System.Globalization;
using Auspex.Core.Expressions;
using Auspex.Core.Signals;

namespace Auspex.Core.Tests.Expressions;

/// <summary>Random expressions against a second evaluation that shares nothing with the first: a tree that computes itself while it is written.</summary>
public class ExpressionPropertyTests
{
    private const string Letters = "xyz019.e+-*/^()<>=!,minaxbsqrtplgdo \t\0é$";

    private static readonly SignalDefinition[] Signals =
        [.. new[] { "x", "y", "z" }.Select(name => new SignalDefinition(name, SignalKind.Continuous, null, SignalRole.Reading, []))];

    [Fact]
    public void Evaluate_RandomTrees_EqualsTheTree()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            double[] values = [.. Enumerable.Range(0, 3).Select(_ => random.Next(8) switch
            {
                0 => double.NaN,
                1 => 0,
                2 => double.NegativeInfinity,
                _ => (random.NextDouble() * 8) - 4,
            })];
            (string text, double? expected) = random.Next(2) == 0 ? Number(random, 4, values) : Condition(random, 4, values);

            double actual = Expression.Parse(text, Signals).Evaluate(values);

            Assert.True(expected is null ? double.IsNaN(actual) : expected == actual,
                string.Create(CultureInfo.InvariantCulture, $"{text} with {string.Join(' ', values)}: {actual}, not {expected}"));
        }
    }

    [Fact]
    public void Parse_RandomText_IsAnExpressionOrRefused()
    {
        var random = new Random(2);
        int read = 0;
        for (int i = 0; i < 100_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => Letters[random.Next(Letters.Length)]));
            try
            {
                double value = Expression.Parse(text, Signals).Evaluate([1, 2, 3]);
                Assert.True(double.IsNaN(value) || double.IsFinite(value));
                read++;
            }
            catch (ExpressionException e)
            {
                Assert.InRange(e.Column, 1, text.Length + 1);
            }
        }

        Assert.InRange(read, 100, 99_000); // both were met
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static (string Text, double? Value) Number(Random random, int depth, double[] values)
    {
        if (depth == 0 || random.Next(5) == 0)
        {
            int signal = random.Next(4);
            if (signal < 3)
            {
                return (Signals[signal].Name, Finite(values[signal]));
            }

            double number = random.Next(50) / 8.0;
            return (number.ToString(CultureInfo.InvariantCulture), number);
        }

        (string a, double? left) = Number(random, depth - 1, values);
        if (random.Next(4) == 0)
        {
            double? Apply(Func<double, double> of) => left is { } value ? Finite(of(value)) : null;
            return random.Next(5) switch
            {
                0 => ($"-({a})", Apply(v => -v)),
                1 => ($"abs({a})", Apply(Math.Abs)),
                2 => ($"sqrt( {a} )", Apply(Math.Sqrt)),
                3 => ($"exp({a})", Apply(Math.Exp)),
                _ => ($"log({a})", Apply(Math.Log)),
            };
        }

        (string b, double? right) = Number(random, depth - 1, values);
        double? Join(Func<double, double, double> of) => left is { } l && right is { } r ? Finite(of(l, r)) : null;
        return random.Next(8) switch
        {
            0 => ($"({a}) + ({b})", Join((l, r) => l + r)),
            1 => ($"({a})-({b})", Join((l, r) => l - r)),
            2 => ($"({a})*({b})", Join((l, r) => l * r)),
            3 => ($"({a}) / ({b})", Join((l, r) => l / r)),
            4 => ($"({a})^({b})", Join(Math.Pow)),
            5 => ($"min({a}, {b})", Join((l, r) => l < r ? l : r)),
            6 => ($"max({a},{b})", Join((l, r) => l > r ? l : r)),
            _ => ($"({a}) * ({b}) + ({b})", Join((l, r) => double.IsFinite(l * r) ? (l * r) + r : double.NaN)),
        };
    }

    private static (string Text, double? Value) Condition(Random random, int depth, double[] values)
    {
        if (depth == 0 || random.Next(3) == 0)
        {
            (string a, double? left) = Number(random, Math.Min(depth, 2), values);
            (string b, double? right) = Number(random, Math.Min(depth, 2), values);
            double? Compare(Func<double, double, bool> of) => left is { } l && right is { } r ? (of(l, r) ? 1 : 0) : null;
            return random.Next(6) switch
            {
                0 => ($"{a} < {b}", Compare((l, r) => l < r)),
                1 => ($"{a} <= {b}", Compare((l, r) => l <= r)),
                2 => ($"{a} > {b}", Compare((l, r) => l > r)),
                3 => ($"{a} >= {b}", Compare((l, r) => l >= r)),
                4 => ($"{a} == {b}", Compare((l, r) => l == r)),
                _ => ($"{a} != {b}", Compare((l, r) => l != r)),
            };
        }

        (string c, double? first) = Condition(random, depth - 1, values);
        if (random.Next(4) == 0)
        {
            return ($"not ({c})", 1 - first);
        }

        (string d, double? second) = Condition(random, depth - 1, values);
        return random.Next(2) == 0
            ? ($"({c}) and ({d})", first == 0 || second == 0 ? 0 : first == 1 && second == 1 ? 1 : null)
            : ($"({c}) or ({d})", first == 1 || second == 1 ? 1 : first == 0 && second == 0 ? 0 : null);
    }
}
