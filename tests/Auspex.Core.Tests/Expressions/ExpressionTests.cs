using Auspex.Core.Expressions;
using static Auspex.Core.Tests.Expressions.TestSignals;

namespace Auspex.Core.Tests.Expressions;

public class ExpressionTests
{
    [Theory]
    [InlineData("1 + 2 * 3", 7)]
    [InlineData("(1 + 2) * 3", 9)]
    [InlineData("2 - 3 - 4", -5)]
    [InlineData("24 / 4 / 2", 3)]
    [InlineData("-2 ^ 2", -4)]
    [InlineData("2 ^ 3 ^ 2", 512)]
    [InlineData("2 ^ -1", 0.5)]
    [InlineData("--3", 3)]
    [InlineData(".5e1 + 5.E-1", 5.5)]
    [InlineData("min(3, 1, 2) + max(3, 1, 2)", 4)]
    [InlineData("abs(-3) + sqrt(16) + exp(0) + log(e)", 9)]
    [InlineData("2 * pi", 2 * Math.PI)]
    [InlineData("1 < 2", 1)]
    [InlineData("2 <= 1", 0)]
    [InlineData("2 >= 2 and 1 != 1 or 3 == 3", 1)]
    [InlineData("not 1 > 2 and 1 > 2", 0)]
    public void Evaluate_Numbers_FollowsTheRulesOfArithmetic(string text, double expected) =>
        Assert.Equal(expected, Expression.Parse(text, []).Evaluate([]), 15);

    [Fact]
    public void Evaluate_Signals_TakesThemInTheOrderGiven()
    {
        // 42.8 Nm at 1551 rpm: the first row of the AI4I data set.
        Assert.Equal(42.8 * 1551 * 2 * Math.PI / 60, Evaluate("torque * speed * 2 * pi / 60", ("torque", 42.8), ("speed", 1551)), 9);
        Assert.Equal(["torque", "speed"], Parse("speed * torque + 0 * torque * speed").Signals);
    }

    [Theory]
    [InlineData("x / y", 1, 0)]
    [InlineData("0 / x", 0, 1)]
    [InlineData("sqrt(x)", -1, 0)]
    [InlineData("log(x)", 0, 0)]
    [InlineData("x / y * 0", 1, 0)] // 1/0 is missing, not infinite, so 1/(1/0) is no 0
    [InlineData("1 / (x / y)", 1, 0)]
    [InlineData("exp(x)", 1000, 0)]
    [InlineData("x * x", 1e200, 0)]
    [InlineData("x + 1", double.NaN, 0)]
    [InlineData("x + 1", double.PositiveInfinity, 0)]
    [InlineData("min(x, 1)", double.NaN, 0)]
    [InlineData("x > 1", double.NaN, 0)]
    [InlineData("x == x", double.NaN, 0)]
    [InlineData("not x > 1", double.NaN, 0)]
    [InlineData("x ^ 0", double.NaN, 0)] // 1 by IEEE 754, but what is missing says nothing
    public void Evaluate_NothingFinite_IsMissing(string text, double x, double y) =>
        Assert.True(double.IsNaN(Evaluate(text, ("x", x), ("y", y))));

    [Theory]
    [InlineData("x > 0 and y > 0", 1, double.NaN, double.NaN)]
    [InlineData("x > 0 and y > 0", -1, double.NaN, 0)]
    [InlineData("x > 0 and y > 0", double.NaN, -1, 0)]
    [InlineData("x > 0 or y > 0", 1, double.NaN, 1)]
    [InlineData("x > 0 or y > 0", double.NaN, 1, 1)]
    [InlineData("x > 0 or y > 0", -1, double.NaN, double.NaN)]
    public void Evaluate_HalfMissing_IsDecidedByTheOtherHalfWhereItCan(string text, double x, double y, double expected) =>
        Assert.Equal(expected, Evaluate(text, ("x", x), ("y", y)));

    [Theory]
    [InlineData("", 1, "expected a number, a signal or '(', found the end")]
    [InlineData("x +", 4, "found the end")]
    [InlineData("x y", 3, "expected an operator or the end, found 'y'")]
    [InlineData("2x", 2, "found 'x'")]
    [InlineData("(x", 3, "expected ')'")]
    [InlineData("x)", 2, "expected an operator or the end, found ')'")]
    [InlineData("sin(x)", 1, "no function 'sin'; the functions are abs, exp, log, max, min and sqrt")]
    [InlineData("min(x)", 6, "expected ',': min takes two or more values")]
    [InlineData("abs(x, y)", 6, "expected ')'")]
    [InlineData("x + nosuch", 5, "no signal 'nosuch' before this one; the signals are x, y, torque")]
    [InlineData("recipe + 1", 1, "is a signal of states")]
    [InlineData("x = 1", 3, "write '=='")]
    [InlineData("x && y", 3, "write 'and'")]
    [InlineData("x | y", 3, "write 'or'")]
    [InlineData("x $ y", 3, "'$' is not known")]
    [InlineData("x \u0000 y", 3, "U+0000")]
    [InlineData("1e999", 1, "too large")]
    [InlineData("1 < x < 2", 7, "join comparisons with 'and'")]
    [InlineData("x and y", 3, "'and' joins conditions, was x without a unit")]
    [InlineData("not x", 1, "'not' joins conditions")]
    [InlineData("x + and", 5, "found 'and'")]
    public void Parse_NoExpression_TellsColumnAndWhatWasExpected(string text, int column, string reason)
    {
        ExpressionException error = Refuse(text);

        Assert.Contains(reason, error.Message);
        Assert.Equal(column, error.Column);
        Assert.StartsWith($"column {column}: ", error.Message);
    }

    [Fact]
    public void Parse_BooleanSignal_IsACondition()
    {
        Assert.True(Parse("running and x > 1").IsCondition);
        Assert.Equal(0, Evaluate("not running", ("running", 1)));
        Assert.Equal(3, Evaluate("running * x", ("running", 1), ("x", 3)));
    }

    [Fact]
    public void Parse_ConstantNamedLikeASignal_IsRefused()
    {
        Expression of = Expression.Parse("min", [TestSignals.All[0] with { Name = "min" }]);

        Assert.Equal(5, of.Evaluate([5]));
        Assert.Contains("a constant and a signal", Assert.Throws<ExpressionException>(() => Expression.Parse("2 * e", [TestSignals.All[0] with { Name = "e" }])).Message);
    }

    [Theory]
    [InlineData('(')]
    [InlineData('-')]
    public void Parse_64KilobytesOfOneSign_IsRefusedWithoutHarm(char sign) =>
        Assert.Contains("at most 2000 are read", Refuse(new string(sign, 65_536)).Message);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("-", "")]
    [InlineData("2^", "")]
    [InlineData("abs(", ")")]
    [InlineData("not ", " > 0")]
    public void Parse_NestedTooDeep_IsRefusedAndJustNotTooDeepIsRead(string before, string after)
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat(before, depth)) + "x" + (after == " > 0" ? after : string.Concat(Enumerable.Repeat(after, depth)));

        Parse(Nested(Expression.MaxDepth));
        Assert.Contains("nested more than 50 deep", Refuse(Nested(Expression.MaxDepth + 1)).Message);
    }

    [Fact]
    public void Evaluate_LongestChain_NeedsNoDeepStack()
    {
        string text = string.Join('+', Enumerable.Repeat("x", Expression.MaxLength / 2));

        Assert.Equal(Expression.MaxLength / 2, Evaluate(text, ("x", 1)));
    }

    [Fact]
    public void Evaluate_OtherNumberOfValues_IsRefused() =>
        Assert.Contains("19 signals, was given 1 values", Assert.Throws<ArgumentException>(() => Parse("x").Evaluate([1])).Message);
}
