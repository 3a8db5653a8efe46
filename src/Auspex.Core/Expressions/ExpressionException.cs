namespace Auspex.Core.Expressions;

/// <summary>A text is no expression, or its units do not fit together.</summary>
/// <param name="column">Where, the first character being 1.</param>
/// <param name="reason">What is wrong there, and what to write instead.</param>
public sealed class ExpressionException(int column, string reason) : FormatException($"column {column}: {reason}")
{
    /// <summary>Where it is wrong, in UTF-16 characters, the first being 1.</summary>
    public int Column { get; } = column;

    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; } = reason;
}
