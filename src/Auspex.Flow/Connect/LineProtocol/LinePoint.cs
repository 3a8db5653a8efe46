namespace Auspex.Flow.Connect.LineProtocol;

/// <summary>What a field of a point holds.</summary>
public enum LineFieldKind
{
    /// <summary>A number: float, integer or unsigned.</summary>
    Number,

    /// <summary>true or false, as 1 or 0.</summary>
    Boolean,

    /// <summary>Text, which no signal can hold.</summary>
    Text,
}

/// <summary>A field of a point.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Value">The number, or 1 and 0; NaN for text.</param>
public readonly record struct LineField(string Name, LineFieldKind Kind, double Value);

/// <summary>One line that is well formed.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Measurement">What was measured.</param>
/// <param name="Tags">Keys and values, in their order.</param>
/// <param name="Fields">At least one, in their order.</param>
/// <param name="Timestamp">In the precision of the request; null where the line has none.</param>
public sealed record LinePoint(int Line, string Measurement, IReadOnlyList<(string Key, string Value)> Tags, IReadOnlyList<LineField> Fields, long? Timestamp);

/// <summary>One line that is not.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">Where it went wrong, from 1.</param>
/// <param name="Reason">Why, and what would be right.</param>
public sealed record LineFault(int Line, int Column, string Reason);
