using System.Globalization;
using System.Text;
using Auspex.Core.Signals;

namespace Auspex.Learning.Datasets;

/// <summary>Reads the cells of one column as the values of one signal.</summary>
internal sealed class CellReader
{
    /// <summary>Sign, decimal point and exponent; no blanks, thousands, hexadecimals or currency.</summary>
    private const NumberStyles Number = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private readonly int _column;
    private readonly SignalKind _kind;
    private readonly StateNames? _states;
    private readonly byte[][] _missing;
    private readonly byte[][]? _trueTexts;

    /// <param name="field">Name of the column.</param>
    /// <param name="column">Its index.</param>
    /// <param name="target">Index of the signal, fact or label the values are for.</param>
    /// <param name="trueTexts">For booleans: the texts that mean true, all others meaning false; null for 0, 1, false and true.</param>
    internal CellReader(
        string field, int column, int target, SignalKind kind, StateNames? states, TextFile file, IReadOnlyList<string>? trueTexts = null)
    {
        _trueTexts = trueTexts is null ? null : [.. trueTexts.Select(t => Encoding.UTF8.GetBytes(t.Trim()))];
        Field = field;
        Target = target;
        _column = column;
        _kind = kind;
        _states = states;
        _missing = MissingCells(file);
    }

    internal string Field { get; }

    internal int Target { get; }

    internal ReadOnlySpan<byte> Cell(TextRows rows) => rows.Cell(_column);

    internal static byte[][] MissingCells(TextFile file) => [.. file.Missing.Select(m => Encoding.UTF8.GetBytes(m.Trim()))];

    internal static bool IsOneOf(ReadOnlySpan<byte> cell, byte[][] texts)
    {
        foreach (byte[] text in texts)
        {
            if (cell.SequenceEqual(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="value">The value; NaN when the cell is missing.</param>
    /// <param name="reason">Why not, when false.</param>
    internal bool TryRead(TextRows rows, out double value, out BadRowReason reason)
    {
        ReadOnlySpan<byte> cell = rows.Cell(_column);
        reason = BadRowReason.NotANumber;
        if (IsOneOf(cell, _missing))
        {
            value = double.NaN;
            return true;
        }

        switch (_kind)
        {
            case SignalKind.State:
                int state = _states!.IndexOf(cell, rows.Name, rows.Line);
                value = state;
                reason = BadRowReason.UnknownState;
                return state >= 0;
            case SignalKind.Boolean when _trueTexts is not null:
                value = IsOneOf(cell, _trueTexts) ? 1 : 0;
                return true;
            case SignalKind.Boolean:
                value = Ascii.EqualsIgnoreCase(cell, "true"u8) ? 1 : Ascii.EqualsIgnoreCase(cell, "false"u8) ? 0 : double.NaN;
                return !double.IsNaN(value) || (TryReadNumber(cell, out value, out reason) && (value is 0 or 1));
            default:
                return TryReadNumber(cell, out value, out reason);
        }
    }

    /// <summary>Reads a finite number in the invariant culture; not finite, it is NaN or infinite and the result false.</summary>
    internal static bool TryReadNumber(ReadOnlySpan<byte> cell, out double value, out BadRowReason reason)
    {
        reason = BadRowReason.NotANumber;
        // .NET reads past zero bytes at the end of a number.
        if (cell is [.., 0] || !double.TryParse(cell, Number, CultureInfo.InvariantCulture, out value))
        {
            value = double.NaN;
            if (Ascii.EqualsIgnoreCase(cell.TrimStart("+-"u8), "inf"u8))
            {
                reason = BadRowReason.Infinite;
            }

            return false;
        }

        if (double.IsFinite(value))
        {
            return true;
        }

        reason = double.IsNaN(value) ? BadRowReason.NaN : BadRowReason.Infinite;
        return false;
    }
}
