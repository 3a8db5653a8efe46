using Auspex.Core.Expressions;
using Auspex.Core.Signals;

namespace Auspex.Core.Tests.Expressions;

/// <summary>Signals in the units plants have.</summary>
internal static class TestSignals
{
    internal static readonly SignalDefinition[] All =
    [
        Of("x", null), Of("y", null), Of("torque", "Nm"), Of("speed", "rpm"), Of("power", "W"), Of("big", "kW"), Of("air", "degC"), Of("oil", "°C"),
        Of("shop", "°F"), Of("air_k", "K"), Of("t24", "°R"), Of("efficiency", "%"), Of("rate", "l/min"), Of("length", "mm"), Of("tilt", "furlongs"),
        Of("shake", "g"), Of("wear", "min"),
        new("running", SignalKind.Boolean, null, SignalRole.Reading, []),
        new("recipe", SignalKind.State, null, SignalRole.Reading, ["a", "b"]),
    ];

    internal static Expression Parse(string text) => Expression.Parse(text, All);

    internal static ExpressionException Refuse(string text) => Assert.Throws<ExpressionException>(() => Parse(text));

    /// <summary>The result with the named values; all others are NaN.</summary>
    internal static double Evaluate(string text, params (string Name, double Value)[] values)
    {
        double[] frame = [.. All.Select(signal => values.Where(v => v.Name == signal.Name).Select(v => v.Value).DefaultIfEmpty(double.NaN).Single())];
        return Parse(text).Evaluate(frame);
    }

    private static SignalDefinition Of(string name, string? unit) => new(name, SignalKind.Continuous, unit, SignalRole.Reading, []);
}
