using System.Buffers;
using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Storage.Telemetry;

/// <summary>Frames of one asset in columns, by time and, at the same time, by arrival.</summary>
/// <param name="Times">Milliseconds since 1970.</param>
/// <param name="Arrived">Milliseconds since 1970.</param>
/// <param name="Orders">Places in the order of arrival.</param>
/// <param name="Signals">Names of the columns.</param>
/// <param name="Values">A column a signal.</param>
/// <param name="Qualities">A column a signal; null where all are good.</param>
internal sealed record ChunkColumns(long[] Times, long[] Arrived, long[] Orders, string[] Signals, double[][] Values, Quality[]?[] Qualities)
{
    /// <summary>Rows of it.</summary>
    internal ChunkColumns Slice(int from, int count) => new(
        Times.AsSpan(from, count).ToArray(),
        Arrived.AsSpan(from, count).ToArray(),
        Orders.AsSpan(from, count).ToArray(),
        Signals,
        Array.ConvertAll(Values, column => column.AsSpan(from, count).ToArray()),
        Array.ConvertAll(Qualities, column => column?.AsSpan(from, count).ToArray()));

    /// <summary>The frames again, as they were appended but for the order of their signals.</summary>
    internal IEnumerable<StoredFrame> Frames(AssetId asset)
    {
        var shapes = new Dictionary<string[], string[]>(Shapes.Comparer);
        for (int i = 0; i < Times.Length; i++)
        {
            int[] present = [.. Enumerable.Range(0, Signals.Length).Where(column => Qualities[column]?[i] != Quality.Absent)];
            string[] signals = Signals;
            if (present.Length < Signals.Length)
            {
                string[] fewer = [.. present.Select(column => Signals[column])];
                if (!shapes.TryGetValue(fewer, out string[]? known))
                {
                    shapes.Add(fewer, known = fewer);
                }

                signals = known;
            }

            Quality[]? qualities = null;
            double[] values = new double[present.Length];
            for (int j = 0; j < present.Length; j++)
            {
                values[j] = Values[present[j]][i];
                if (Qualities[present[j]]?[i] is { } quality and not Quality.Good)
                {
                    (qualities ??= new Quality[present.Length])[j] = quality;
                }
            }

            yield return new StoredFrame(new Frame(asset, Times[i], Arrived[i], signals, values, qualities), Orders[i]);
        }
    }
}

/// <summary>The bytes of one chunk. Each column stands by itself, so that a read unpacks only those it asks for.</summary>
internal static class Chunk
{
    private const byte Version = 1;

    internal static byte[] Encode(Guid organization, AssetId asset, ChunkColumns columns)
    {
        var writer = new BodyWriter(4_096);
        Write(writer, columns);
        return writer.Sealed(Version, KeyOf(organization, asset, columns.Times[0], columns.Times[^1], columns.Times.Length));
    }

    /// <summary>Writes columns.</summary>
    internal static void Write(BodyWriter writer, ChunkColumns columns)
    {
        int n = columns.Times.Length;
        writer.Unsigned((uint)n);
        writer.Unsigned((uint)columns.Signals.Length);
        IntegerColumn.Write(writer, columns.Times);
        long[] kept = new long[n];
        for (int i = 0; i < n; i++)
        {
            kept[i] = columns.Arrived[i] - columns.Times[i];
        }

        IntegerColumn.Write(writer, kept);
        IntegerColumn.Write(writer, columns.Orders);
        for (int column = 0; column < columns.Signals.Length; column++)
        {
            var block = new BodyWriter(n + 64) { Quality = writer.Quality };
            WriteColumn(block, columns.Values[column], columns.Qualities[column]);
            writer.Text(columns.Signals[column]);
            writer.Unsigned((uint)block.Length);
            writer.Bytes(block.Written);
        }
    }

    /// <summary>Reads a chunk.</summary>
    /// <param name="row">As it is stored.</param>
    /// <param name="signals">Which columns; null gives all.</param>
    /// <exception cref="StorageException">It is damaged.</exception>
    internal static ChunkColumns Decode(Guid organization, AssetId asset, ChunkRow row, IReadOnlySet<string>? signals)
    {
        BodyReader reader = BodyReader.Open(row.Body, Version, KeyOf(organization, asset, row.FromMs, row.ToMs, row.Frames));
        return Read(ref reader, signals);
    }

    /// <summary>Reads columns.</summary>
    internal static ChunkColumns Read(ref BodyReader reader, IReadOnlySet<string>? signals)
    {
        int n = reader.Count();
        int count = reader.Count();
        long[] times = new long[n];
        long[] arrived = new long[n];
        long[] orders = new long[n];
        IntegerColumn.Read(ref reader, times);
        IntegerColumn.Read(ref reader, arrived);
        IntegerColumn.Read(ref reader, orders);
        for (int i = 0; i < n; i++)
        {
            arrived[i] += times[i];
        }

        var names = new List<string>(count);
        var values = new List<double[]>(count);
        var qualities = new List<Quality[]?>(count);
        for (int column = 0; column < count; column++)
        {
            string name = reader.Text();
            int length = reader.Count();
            if (signals is not null && !signals.Contains(name))
            {
                reader.Bytes(length);
                continue;
            }

            double[] read = new double[n];
            qualities.Add(ReadColumn(ref reader, read));
            names.Add(name);
            values.Add(read);
        }

        return new ChunkColumns(times, arrived, orders, [.. names], [.. values], [.. qualities]);
    }

    // Values of frames that do not hold the signal are not written.
    private static void WriteColumn(BodyWriter writer, double[] values, Quality[]? qualities)
    {
        writer.Byte(qualities is null ? (byte)0 : (byte)1);
        if (qualities is null)
        {
            ValueColumn.Write(writer, values);
            return;
        }

        Planes.Write(writer, [.. qualities.Select(quality => (ulong)quality)]);
        ValueColumn.Write(writer, [.. values.Where((_, i) => qualities[i] != Quality.Absent)]);
    }

    private static Quality[]? ReadColumn(ref BodyReader reader, double[] values)
    {
        if (reader.Byte() == 0)
        {
            ValueColumn.Read(ref reader, values);
            return null;
        }

        ulong[] stored = ArrayPool<ulong>.Shared.Rent(values.Length);
        Planes.Read(ref reader, stored.AsSpan(0, values.Length));
        var qualities = new Quality[values.Length];
        int present = 0;
        for (int i = 0; i < values.Length; i++)
        {
            qualities[i] = (Quality)stored[i];
            present += qualities[i] == Quality.Absent ? 0 : 1;
        }

        ArrayPool<ulong>.Shared.Return(stored);
        ValueColumn.Read(ref reader, values.AsSpan(0, present));
        for (int i = values.Length - 1; i >= 0; i--)
        {
            values[i] = qualities[i] == Quality.Absent ? double.NaN : values[--present];
        }

        return qualities;
    }

    private static string KeyOf(Guid organization, AssetId asset, long from, long to, long frames) =>
        $"telemetry_chunk row (organization {organization}, asset '{asset}', {frames} frames from {from} to {to})";
}

/// <summary>A chunk as its table has it.</summary>
internal sealed record ChunkRow
{
    public long FromMs { get; init; }

    public long ToMs { get; init; }

    public long Frames { get; init; }

    public byte[] Body { get; init; } = [];
}
