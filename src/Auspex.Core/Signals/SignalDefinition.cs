using System.Text.Json.Serialization;

namespace Auspex.Core.Signals;

/// <summary>How the values of a signal behave.</summary>
public enum SignalKind
{
    /// <summary>A measured quantity: temperature, speed, pressure.</summary>
    Continuous,

    /// <summary>Off or on, as 0 or 1.</summary>
    Boolean,

    /// <summary>A count that only grows, or starts again from a lower value.</summary>
    Counter,

    /// <summary>One of a list of named states, as the index of the name.</summary>
    State,
}

/// <summary>What a signal is for.</summary>
public enum SignalRole
{
    /// <summary>A reading of the asset's condition.</summary>
    Reading,

    /// <summary>A setting under which the asset is run: altitude, recipe, set speed.</summary>
    OperatingSetting,

    /// <summary>A constant of the asset: age, model, rated power.</summary>
    Fact,
}

/// <summary>One signal of an organization's schema.</summary>
/// <param name="Name">Name in code, API and features: letters, digits and underscores, starting with a letter.</param>
/// <param name="Kind">How its values behave.</param>
/// <param name="Unit">Unit of the values, for display; null for booleans, states and pure numbers.</param>
/// <param name="Role">Reading, operating setting or fact.</param>
/// <param name="States">Names of the states in index order; empty unless <paramref name="Kind"/> is <see cref="SignalKind.State"/>.</param>
public sealed record SignalDefinition(string Name, SignalKind Kind, string? Unit, SignalRole Role, IReadOnlyList<string> States)
{
    /// <summary>How a derived signal is computed from the signals before it (<see cref="Expressions.Expression"/>); null for one that is read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] // schemas without derived signals keep the hash they have
    public string? Formula { get; init; }

    /// <summary>What people call it, such as <c>Bearing temperature, drive end</c>; null where the name says enough. Changes no feature.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Label { get; init; }
}
