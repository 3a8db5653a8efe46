using Auspex.Core.Expressions;

namespace Auspex.Core.Tests.Expressions;

/// <summary>Conversions by the definitions of NIST SP 811, appendix B, worked out by hand.</summary>
public class UnitConversionTests
{
    [Theory]
    // Temperatures, where the zeros differ: exact at the fixed points.
    [InlineData("°C", "°F", 100, 212)]
    [InlineData("°C", "°F", -40, -40)]
    [InlineData("°F", "°C", 212, 100)]
    [InlineData("°F", "degC", 32, 0)]
    [InlineData("°C", "K", 25, 298.15)]
    [InlineData("K", "°C", 298.15, 25)]
    [InlineData("°F", "K", 32, 273.15)]
    [InlineData("K", "°F", 273.15, 32)]
    [InlineData("°R", "°F", 491.67, 32)]
    [InlineData("W/°C", "W/K", 3, 3)]
    // Pressure, speed, length, mass, time, power, energy, flow.
    [InlineData("bar", "kPa", 2.5, 250)]
    [InlineData("Pa", "bar", 250000, 2.5)]
    [InlineData("psi", "kPa", 100, 689.4757293168362)]
    [InlineData("atm", "mbar", 1, 1013.25)]
    [InlineData("mm/s", "m/s", 7.1, 0.0071)]
    [InlineData("km/h", "m/s", 36, 10)]
    [InlineData("in", "mm", 3, 76.2)]
    [InlineData("ft", "m", 10, 3.048)]
    [InlineData("lb", "kg", 100, 45.359237)]
    [InlineData("t", "kg", 1.5, 1500)]
    [InlineData("h", "min", 1.5, 90)]
    [InlineData("ms", "s", 250, 0.25)]
    [InlineData("kW", "W", 2.2, 2200)]
    [InlineData("kWh", "MJ", 1, 3.6)]
    [InlineData("l/min", "m3/h", 100, 6)]
    [InlineData("m3/h", "l/min", 6, 100)]
    [InlineData("%", "", 45, 0.45)]
    // Rotation: a turn has 2π radians.
    [InlineData("rpm", "rad/s", 60, 6.283185307179586)]
    [InlineData("rad/s", "rpm", 6.283185307179586, 60)]
    [InlineData("rpm", "Hz", 1500, 25)]
    [InlineData("rev", "deg", 1, 360)]
    public void Of_KnownUnits_IsWhatTheDefinitionsSay(string from, string to, double value, double expected)
    {
        UnitConversion conversion = Assert.NotNull(Unit.Parse(from).ConversionTo(Unit.Parse(to)));

        Assert.Equal(expected, conversion.Of(value), 1e-14 * Math.Abs(expected));
    }

    [Theory]
    [InlineData("°C", "bar")]
    [InlineData("furlong", "m")]
    [InlineData("barg", "bar")]
    [InlineData("g", "kg")]
    [InlineData("kW", "kVA")]
    [InlineData("var", "VA")]
    [InlineData("rad/s", "Hz")]
    [InlineData("", "K")]
    public void ConversionTo_WhatMeasuresSomethingElse_IsNone(string from, string to) => Assert.Null(Unit.Parse(from).ConversionTo(Unit.Parse(to)));

    [Fact]
    public void Of_EveryPairOfOneKind_GoesThereAndBack()
    {
        string[] names =
        [
            "°C", "°F", "K", "°R", "Pa", "kPa", "bar", "mbar", "psi", "atm", "m", "mm", "in", "ft", "kg", "t", "lb", "s", "ms", "min", "h", "d", "W", "kW", "hp", "PS", "J", "kWh", "MJ",
            "m3/h", "l/min", "gpm", "cfm", "m/s", "mm/s", "km/h", "rpm", "rad/s", "rps", "Hz", "rev", "deg", "rad", "%", "ppm", "VA", "kVA", "N", "kN", "lbf", "Nm", "A", "mA", "V", "kV",
        ];
        int pairs = 0;
        foreach (string from in names)
        {
            foreach (string to in names)
            {
                UnitConversion? there = Unit.Parse(from).ConversionTo(Unit.Parse(to));
                UnitConversion? back = Unit.Parse(to).ConversionTo(Unit.Parse(from));
                Assert.Equal(there is null, back is null);
                if (there is not null)
                {
                    pairs++;
                    Assert.Equal(from == to || there.Value.IsIdentity, there.Value.IsIdentity && back!.Value.IsIdentity);
                    foreach (double value in (double[])[-40, 0, 1, 21.7, 1e6])
                    {
                        Assert.Equal(value, back!.Value.Of(there.Value.Of(value)), 1e-12 * Math.Max(1e3, Math.Abs(value)));
                    }
                }
            }
        }

        Assert.True(pairs > 200, $"{pairs}");
        Assert.True(double.IsNaN(Unit.Parse("°C").ConversionTo(Unit.Parse("°F"))!.Value.Of(double.NaN)));
        Assert.True(double.IsPositiveInfinity(Unit.Parse("kW").ConversionTo(Unit.Parse("W"))!.Value.Of(double.MaxValue)));
    }
}
