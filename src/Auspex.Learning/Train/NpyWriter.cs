using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Auspex.Learning.Train;

/// <summary>Writes one array in NumPy's <c>.npy</c> form, block of rows by block of rows: the number of rows need not be known before the end, and no
/// more than a block is ever in memory. Any trainer can map such a file.</summary>
/// <typeparam name="T">double, float or long.</typeparam>
/// <remarks>Format 1.0 of https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. The header has a fixed length that leaves room
/// for any number of rows; the number is filled in on <see cref="Complete"/>, and a file without it is removed.</remarks>
public sealed class NpyWriter<T> : IDisposable
    where T : unmanaged
{
    private const int HeaderBytes = 128; // a multiple of 64; the longest accepted header text fits
    private const int PrefixBytes = 10; // magic, version, length of the text
    private const int BlockValues = 1 << 20; // a span of bytes ends at 2 GiB

    private readonly string _path;
    private readonly FileStream _file;
    private readonly long[] _rowShape;
    private readonly long _rowValues;
    private long _rows;
    private bool _isComplete;

    /// <summary>Begins a file; one that is there is replaced.</summary>
    /// <param name="path">Where it is written; its folder must exist.</param>
    /// <param name="rowShape">Shape of one row: none for a column of numbers, [columns] for a table, [steps, columns] for windows.</param>
    /// <exception cref="ArgumentException">The type has no <c>.npy</c> name here, or a length of the shape is below 1 or the shape too long.</exception>
    public NpyWriter(string path, params ReadOnlySpan<long> rowShape)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long values = 1;
        foreach (long length in rowShape)
        {
            if (length < 1)
            {
                throw new ArgumentException($"Each length of rowShape must be at least 1, was {length}.", nameof(rowShape));
            }

            values = checked(values * length);
        }

        _path = path;
        _rowShape = rowShape.ToArray();
        _rowValues = values;
        if (PrefixBytes + HeaderText(long.MaxValue).Length + 1 > HeaderBytes)
        {
            throw new ArgumentException($"A row of shape ({string.Join(", ", _rowShape)}) has no room in the header.", nameof(rowShape));
        }

        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        try
        {
            _file.Write(Header(0));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Appends rows.</summary>
    /// <param name="rows">Row-major; a whole number of rows, none too.</param>
    /// <exception cref="ArgumentException">The last row is not whole.</exception>
    public void Append(ReadOnlySpan<T> rows)
    {
        ObjectDisposedException.ThrowIf(!_file.CanWrite, this);
        if (rows.Length % _rowValues != 0)
        {
            throw new ArgumentException($"A row has {_rowValues} values; {rows.Length} values are no whole number of rows.", nameof(rows));
        }

        _rows += rows.Length / _rowValues;
        for (; rows.Length > 0; rows = rows[Math.Min(BlockValues, rows.Length)..])
        {
            _file.Write(MemoryMarshal.AsBytes(rows[..Math.Min(BlockValues, rows.Length)]));
        }
    }

    /// <summary>Fills in the number of rows: now it is a file that can be read.</summary>
    public void Complete()
    {
        ObjectDisposedException.ThrowIf(!_file.CanWrite, this);
        _file.Position = 0;
        _file.Write(Header(_rows));
        _file.Flush();
        _isComplete = true;
        _file.Dispose();
    }

    /// <summary>Removes the file unless it was completed.</summary>
    public void Dispose()
    {
        try
        {
            _file.Dispose(); // writes out what it holds, which a full disk refuses
        }
        finally
        {
            if (!_isComplete)
            {
                File.Delete(_path);
            }
        }
    }

    private byte[] Header(long rows)
    {
        var header = new byte[HeaderBytes];
        ReadOnlySpan<byte> magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];
        magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(magic.Length), HeaderBytes - PrefixBytes);
        _ = Encoding.ASCII.GetBytes(HeaderText(rows).PadRight(HeaderBytes - PrefixBytes - 1) + '\n', header.AsSpan(PrefixBytes));
        return header;
    }

    private string HeaderText(long rows)
    {
        string shape = string.Join(", ", _rowShape.Prepend(rows).Select(length => length.ToString(CultureInfo.InvariantCulture)));
        return $"{{'descr': '{TypeName()}', 'fortran_order': False, 'shape': ({shape}{(_rowShape.Length == 0 ? "," : "")}), }}";
    }

    private static string TypeName()
    {
        string name = typeof(T) == typeof(double) ? "f8"
            : typeof(T) == typeof(float) ? "f4"
            : typeof(T) == typeof(long) ? "i8"
            : throw new ArgumentException($"Only double, float and long are written, not {typeof(T).Name}.");
        return (BitConverter.IsLittleEndian ? '<' : '>') + name;
    }
}
