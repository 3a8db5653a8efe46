using Auspex.Core.Expressions;
using static Auspex.Core.Tests.Expressions.TestSignals;

namespace Auspex.Core.Tests.Expressions;

public class ExpressionUnitTests
{
    [Theory]
    [InlineData("torque * speed", "Nm·rpm")]
    [InlineData("power / torque", "W/Nm")]
    [InlineData("length ^ 2", "mm^2")]
    [InlineData("length ^ -1", "1/mm")]
    [InlineData("sqrt(length ^ 2)", "mm")]
    [InlineData("sqrt(length) * sqrt(length)", "mm")]
    [InlineData("oil - air", "K")] // a difference of two points
    [InlineData("air + air_k", "degC")] // a point and a difference
    [InlineData("air_k + air", "degC")]
    [InlineData("shop + t24", "°F")]
    [InlineData("air - air_k", "degC")]
    [InlineData("max(air, oil)", "°C")]
    [InlineData("min(power, 9000)", "W")]
    [InlineData("power + 5", "W")]
    [InlineData("5 - power", "W")]
    [InlineData("power / power", "")]
    [InlineData("wear * torque", "min·Nm")]
    [InlineData("tilt / tilt", "")]
    [InlineData("exp(power / power) + x", "")]
    [InlineData("power > 5", "")]
    public void Parse_UnitsThatFit_GivesTheUnitOfTheResult(string text, string unit)
    {
        Expression expression = Parse(text);

        Assert.False(expression.Unit.IsScaledByHand);
        Assert.True(expression.Unit.IsSameKindAs(Unit.Parse(unit)) && (expression.Unit.HasOffset || expression.Unit.IsSameScaleAs(Unit.Parse(unit))));
        Assert.True(unit == expression.Unit.ToString() || text.StartsWith("max", StringComparison.Ordinal), expression.Unit.ToString());
    }

    [Theory]
    [InlineData("torque * speed * 2 * pi / 60 + power")] // the writer's own conversion
    [InlineData("power + 1000 * big")]
    [InlineData("air + 273.15 - air_k")]
    [InlineData("(air + 273.15) * 2 + air_k")]
    [InlineData("air > 80 and 20 < oil")]
    [InlineData("air >= oil")]
    [InlineData("exp(efficiency * 0.01)")]
    [InlineData("x ^ y")]
    [InlineData("shake + shake")]
    [InlineData("power + torque * speed * 0.104719755")]
    public void Parse_ScalesOfTheWriter_AreTaken(string text) => Parse(text);

    [Theory]
    [InlineData("big + air", 5, "'+' needs two values of one kind, was big in kW and air in degC")]
    [InlineData("power + x", 7, "was power in W and x without a unit")]
    [InlineData("power > air", 7, "'>' needs two values of one kind")]
    [InlineData("min(power, x)", 1, "'min' needs two values of one kind")]
    [InlineData("power + big", 7, "'+' needs two values of one scale, was power in W and big in kW; 1 W is 0.001 kW, so multiply by such a factor")]
    [InlineData("torque * speed + power", 16, "was in Nm·rpm and power in W; 1 Nm·rpm is 0.016667 W")]
    [InlineData("efficiency + x", 12, "one scale")]
    [InlineData("air + oil", 5, "values in degC cannot be added, their zero is arbitrary; add a difference, as in a + (b - a) / 2")]
    [InlineData("air - shop", 5, "their zeros differ")]
    [InlineData("air > air_k", 5, "their zeros differ")]
    [InlineData("air_k - air", 7, "degC cannot be taken from K")]
    [InlineData("air + t24", 5, "one scale")]
    [InlineData("air * 2", 5, "values in degC cannot be multiplied, their zero is arbitrary")]
    [InlineData("2 / air", 3, "cannot be divided by")]
    [InlineData("-air", 1, "cannot be negated")]
    [InlineData("abs(air)", 1, "cannot be measured from zero")]
    [InlineData("air ^ 2", 5, "cannot be raised")]
    [InlineData("sqrt(oil)", 1, "cannot be rooted")]
    [InlineData("length ^ 0.5", 8, "whole numbers from -9 to 9 alone; use sqrt")]
    [InlineData("length ^ 10", 8, "whole numbers from -9 to 9 alone")]
    [InlineData("length ^ x", 8, "whole numbers")]
    [InlineData("2 ^ length", 3, "an exponent is a pure number, was length in mm")]
    [InlineData("exp(power)", 1, "exp takes a pure number, was power in W; divide by a reference value")]
    [InlineData("log(efficiency)", 1, "log takes a pure number, was efficiency in %")]
    [InlineData("tilt + length", 6, "one kind")] // not known, so equal only to itself
    [InlineData("((length ^ 9) ^ 9) ^ 9", 15, "-64 to 64")]
    [InlineData("big and x > 1", 5, "'and' joins conditions, was big in kW")]
    public void Parse_UnitsThatDoNotFit_NamesBothAndTheColumn(string text, int column, string reason)
    {
        ExpressionException error = Refuse(text);

        Assert.Contains(reason, error.Message);
        Assert.Equal(column, error.Column);
    }
}
