using System.Text;

namespace Auspex.Learning.Datasets;

/// <summary>Rows with any run of blanks and tabs between cells; blanks at both ends of a line mean nothing. There are no quotes.</summary>
internal sealed class BlankRows(string name, Stream stream, FileStream stored) : TextRows(name, " ", stored)
{
    private readonly List<Range> _cells = [];
    private byte[] _buffer = new byte[1 << 16];
    private int _start; // of the unread text in the buffer
    private int _end;
    private int _rowStart;
    private long _line;
    private long _passed;
    private bool _atEnd;

    internal override long Line => _line;

    internal override int Count => _cells.Count;

    internal override ReadOnlySpan<byte> Cell(int column)
    {
        Range cell = _cells[column];
        return _buffer.AsSpan(_rowStart + cell.Start.Value, cell.End.Value - cell.Start.Value);
    }

    protected override bool ReadRow()
    {
        _cells.Clear();
        while (_cells.Count == 0)
        {
            int length = LineLength();
            if (length < 0)
            {
                return false;
            }

            if (length > MaxLineLength)
            {
                throw TooLong(_line);
            }

            _rowStart = _start;
            Split(_buffer.AsSpan(_start, length));
            _start = Math.Min(_end, _start + length + 1);
        }

        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
        }
    }

    /// <summary>Length of the line at the start of the unread text, which is then whole in the buffer; -1 at the end.</summary>
    private int LineLength()
    {
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                _line++;
                return searched + length;
            }

            searched = _end - _start;
            if (_atEnd)
            {
                if (searched == 0)
                {
                    return -1;
                }

                _line++;
                return searched;
            }

            if (searched > MaxLineLength)
            {
                throw TooLong(_line + 1);
            }

            Fill();
        }
    }

    private void Fill()
    {
        _passed += _start;
        if (_passed > MaxTextLength)
        {
            throw TooMuch();
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        bool first = _passed == 0 && _end == 0;
        int read = stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
        if (first && _buffer.AsSpan(0, _end).StartsWith(Encoding.UTF8.Preamble))
        {
            _start = Encoding.UTF8.Preamble.Length;
        }
    }

    private void Split(ReadOnlySpan<byte> line)
    {
        int at = 0;
        while (true)
        {
            while (at < line.Length && IsBlank(line[at]))
            {
                at++;
            }

            if (at == line.Length)
            {
                return;
            }

            int start = at;
            while (at < line.Length && !IsBlank(line[at]))
            {
                at++;
            }

            _cells.Add(start..at);
        }
    }

    private static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r';
}
