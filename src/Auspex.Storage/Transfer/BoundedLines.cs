namespace Auspex.Storage.Transfer;

/// <summary>Lines of a stream one at a time, of which none may be longer than a limit: what is longer is not read to its end.</summary>
/// <param name="stream">Where from; the caller closes it.</param>
/// <param name="most">Most bytes of a line, its end not counted; 1 or more.</param>
internal sealed class BoundedLines(Stream stream, int most)
{
    private byte[] _buffer = new byte[Math.Min(most, 64 * 1024) + 1];
    private int _from;
    private int _to;

    /// <summary>Number of the line that was read last, from 1.</summary>
    internal long Number { get; private set; }

    /// <summary>The next line without its line feed, good until the one after it is read; null behind the last.</summary>
    /// <exception cref="InvalidDataException">It has more bytes than may be.</exception>
    internal async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken ct)
    {
        Number++;
        int looked = _from;
        while (true)
        {
            int end = _buffer.AsSpan(looked, _to - looked).IndexOf((byte)'\n');
            int length = (end < 0 ? _to : looked + end) - _from;
            if (length > most)
            {
                throw new InvalidDataException($"more than {most} bytes");
            }

            if (end >= 0)
            {
                int begin = _from;
                _from += length + 1;
                return _buffer.AsMemory(begin, length);
            }

            MakeRoom();
            looked = _to;
            int read = await stream.ReadAsync(_buffer.AsMemory(_to), ct).ConfigureAwait(false);
            _to += read;
            if (read == 0)
            {
                if (length == 0)
                {
                    return null;
                }

                _from = _to;
                return _buffer.AsMemory(0, length);
            }
        }
    }

    // A line begins at the front of the buffer, which grows with it to one byte more than it may have.
    private void MakeRoom()
    {
        _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
        (_from, _to) = (0, _to - _from);
        if (_to == _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, most + 1L));
        }
    }
}
