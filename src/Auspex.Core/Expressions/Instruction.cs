namespace Auspex.Core.Expressions;

/// <summary>What one instruction does to the stack.</summary>
internal enum Operation
{
    Number,
    Signal,
    Negate,
    Abs,
    Sqrt,
    Exp,
    Log,
    Not,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Min,
    Max,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// <summary>One step of a compiled expression.</summary>
/// <param name="Operation">What to do.</param>
/// <param name="Signal">Place of the value, for <see cref="Operation.Signal"/>.</param>
/// <param name="Number">The number, for <see cref="Operation.Number"/>.</param>
internal readonly record struct Instruction(Operation Operation, int Signal, double Number)
{
    /// <summary>How many values it takes from the stack; each leaves one there.</summary>
    internal int Takes => Operation <= Operation.Signal ? 0 : Operation <= Operation.Not ? 1 : 2;
}
