using Auspex.Core.Expressions;

namespace Auspex.Core.Tests.Expressions;

/// <summary>Sizes from the SI brochure and NIST SP 811, appendix B.</summary>
public class UnitTests
{
    private const string Letters = "kmWsC°%/·^*-²⁻19 \0\ud800é";

    [Theory]
    [InlineData("kW", "W", 1000)]
    [InlineData("kg m2/s3", "W", 1)]
    [InlineData("N·m/s", "W", 1)]
    [InlineData("V A", "W", 1)]
    [InlineData("hp", "W", 745.6998715822702)]
    [InlineData("psia", "Pa", 6894.757293168361)]
    [InlineData("bar", "psi", 14.503773773020923)]
    [InlineData("mbar", "Pa", 100)]
    [InlineData("lbm/s", "kg/h", 1632.932532)]
    [InlineData("l/min", "m³/s", 1.0 / 60_000)]
    [InlineData("gpm", "l/min", 3.785411784)]
    [InlineData("°R", "K", 5.0 / 9)]
    [InlineData("rpm", "1/s", 1.0 / 60)]
    [InlineData("rpm", "min-1", 1)]
    [InlineData("rpm", "min^-1", 1)]
    [InlineData("Hz", "s⁻¹", 1)]
    [InlineData("mm/s2", "m/s/s", 0.001)]
    [InlineData("µm", "mm", 0.001)]
    [InlineData("kWh", "MJ", 3.6)]
    [InlineData("years", "h", 8766)]
    [InlineData("min", "s", 60)]
    [InlineData("%", "1", 0.01)]
    [InlineData("W/°C", "W/K", 1)] // in a product only differences can be meant
    [InlineData("furlongs/h", "furlongs/s", 1.0 / 3600)]
    public void FactorTo_UnitsOfOneKind_IsThePublishedSize(string unit, string other, double factor)
    {
        Assert.True(Unit.Parse(unit).IsSameKindAs(Unit.Parse(other)));
        Assert.Equal(1, Unit.Parse(unit).FactorTo(Unit.Parse(other)) / factor, 9);
    }

    [Theory]
    [InlineData("Nm", "kg")]
    [InlineData("g", "kg")] // gram or standard gravity: not known
    [InlineData("g", "m/s2")]
    [InlineData("barg", "bar")]
    [InlineData("furlongs", "m")]
    [InlineData("furlongs", "")]
    [InlineData("furlongs", "Furlongs")]
    [InlineData("pps/psi", "1/psi")]
    [InlineData("mmH2O", "mm")]
    [InlineData("a//b", "a/b")]
    [InlineData("m^", "m")]
    [InlineData("m2.5", "m2")]
    [InlineData("100 %", "%")]
    public void IsSameKindAs_WhatIsNotKnown_EqualsOnlyItself(string unit, string other)
    {
        Assert.False(Unit.Parse(unit).IsSameKindAs(Unit.Parse(other)));
        Assert.True(Unit.Parse(unit).IsSameKindAs(Unit.Parse(unit)));
        Assert.False(Unit.Parse(unit).IsNone);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" 1 ")]
    [InlineData("m/m")]
    [InlineData("rad")]
    public void IsNone_PureNumber_Is(string? unit) => Assert.True(Unit.Parse(unit).IsNone);

    [Fact]
    public void HasOffset_TemperaturesWithAnArbitraryZero_Have()
    {
        Assert.All(["°C", "degC", "°F", "degF"], unit => Assert.True(Unit.Parse(unit).HasOffset));
        Assert.All(["K", "°R", "W/°C", "degC2", ""], unit => Assert.False(Unit.Parse(unit).HasOffset));
    }

    [Fact]
    public void Parse_AnyText_NeverFails()
    {
        var random = new Random(3);
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Letters[random.Next(Letters.Length)]));

            Assert.True(Unit.Parse(text).IsSameKindAs(Unit.Parse(text)));
        }
    }
}
