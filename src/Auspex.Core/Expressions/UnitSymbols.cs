namespace Auspex.Core.Expressions;

/// <summary>The units known by name, with their SI sizes (SI brochure, 9th edition, and NIST SP 811 for those outside the SI).</summary>
/// <remarks>Left out because plants write them for two things: <c>g</c> (gram, or standard gravity), <c>C</c> (coulomb, or Celsius), <c>F</c>.
/// Gauge pressures (<c>barg</c>, <c>psig</c>) are left out because their zero is the weather. Such units are opaque.</remarks>
internal static class UnitSymbols
{
    private const double Inch = 0.0254;
    private const double Foot = 0.3048;
    private const double Pound = 0.45359237;
    private const double Gravity = 9.80665; // CGPM 1901
    private const double PoundForce = Pound * Gravity;
    private const double Gallon = 231 * Inch * Inch * Inch; // US
    private const double Hour = 3_600;
    private const double Day = 24 * Hour;

    private static readonly (string Name, double Factor)[] Prefixes =
        [("n", 1e-9), ("u", 1e-6), ("µ", 1e-6), ("μ", 1e-6), ("m", 1e-3), ("c", 1e-2), ("d", 1e-1), ("h", 1e2), ("k", 1e3), ("M", 1e6), ("G", 1e9)];

    private static readonly Dictionary<string, UnitSymbol> Known = new(StringComparer.Ordinal);

    static UnitSymbols()
    {
        var length = new Dimension(1, 0, 0, 0, 0);
        var mass = new Dimension(0, 1, 0, 0, 0);
        var time = new Dimension(0, 0, 1, 0, 0);
        var temperature = new Dimension(0, 0, 0, 0, 1);
        var volume = length * 3;
        var force = new Dimension(1, 1, -2, 0, 0);
        var energy = force + length;
        var power = energy + (time * -1);
        var pressure = force + (length * -2);
        var voltage = power + new Dimension(0, 0, 0, -1, 0);
        AddPrefixed("m", 1, length);
        Add("in", Inch, length);
        Add("ft", Foot, length);
        Add("kg", 1, mass);
        Add("t", 1_000, mass);
        Add("lb", Pound, mass);
        Add("lbm", Pound, mass);
        AddPrefixed("s", 1, time);
        Add("min", 60, time);
        Add("h", Hour, time);
        Add("hr", Hour, time);
        Add("d", Day, time);
        Add("days", Day, time);
        Add("years", 365.25 * Day, time);
        AddPrefixed("A", 1, new Dimension(0, 0, 0, 1, 0));
        AddPrefixed("K", 1, temperature);
        foreach (string name in new[] { "°R", "degR" })
        {
            Add(name, 5.0 / 9, temperature);
        }

        foreach (string name in new[] { "°C", "degC", "℃" })
        {
            Known.Add(name, new UnitSymbol(name, 1, temperature, "K") { AbsoluteZero = 273.15m });
        }

        foreach (string name in new[] { "°F", "degF" })
        {
            Known.Add(name, new UnitSymbol(name, 5.0 / 9, temperature, "°R") { AbsoluteZero = 459.67m });
        }

        AddPrefixed("Hz", 1, time * -1);
        Add("rpm", 1 / 60.0, time * -1);
        Add("rps", 1, time * -1);
        AddPrefixed("N", 1, force);
        Add("lbf", PoundForce, force);
        AddPrefixed("Nm", 1, energy);
        AddPrefixed("J", 1, energy);
        AddPrefixed("Wh", Hour, energy);
        AddPrefixed("W", 1, power);
        AddPrefixed("VA", 1, power);
        AddPrefixed("var", 1, power);
        Add("hp", 550 * Foot * PoundForce, power);
        Add("PS", 75 * Gravity, power);
        AddPrefixed("Pa", 1, pressure);
        AddPrefixed("bar", 1e5, pressure);
        foreach (string name in new[] { "psi", "psia" })
        {
            Add(name, PoundForce / (Inch * Inch), pressure);
        }

        Add("atm", 101_325, pressure);
        AddPrefixed("V", 1, voltage);
        AddPrefixed("Ohm", 1, voltage + new Dimension(0, 0, 0, -1, 0));
        AddPrefixed("Ω", 1, voltage + new Dimension(0, 0, 0, -1, 0));
        AddPrefixed("l", 1e-3, volume);
        AddPrefixed("L", 1e-3, volume);
        Add("gal", Gallon, volume);
        Add("gpm", Gallon / 60, volume + (time * -1));
        Add("cfm", Foot * Foot * Foot / 60, volume + (time * -1));
        Add("rad", 1, default);
        Add("rev", 1, default);
        Add("deg", Math.PI / 180, default);
        Add("°", Math.PI / 180, default);
        Add("%", 0.01, default);
        Add("ppm", 1e-6, default);
    }

    /// <summary>The unit of a name; an opaque one when it is not known.</summary>
    internal static UnitSymbol Of(string name) =>
        Known.TryGetValue(name, out UnitSymbol? symbol) ? symbol : new UnitSymbol(name, 1, default, IsOpaque: true);

    private static void Add(string name, double factor, Dimension dimension) => Known.Add(name, new UnitSymbol(name, factor, dimension));

    private static void AddPrefixed(string name, double factor, Dimension dimension)
    {
        Add(name, factor, dimension);
        foreach ((string prefix, double size) in Prefixes)
        {
            // The plain unit is meant where both are possible: min is no milli-inch, and is added by itself.
            Known.TryAdd(prefix + name, new UnitSymbol(prefix + name, size * factor, dimension));
        }
    }
}
