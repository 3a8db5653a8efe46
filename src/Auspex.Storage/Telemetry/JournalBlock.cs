using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Storage.Telemetry;

/// <summary>One journal row, in the bytes it is stored in: frames in arrival order, each a place in them, and behind them the names, each once. Memory holds the same bytes
/// until the frames are packed; a frame is read out of them when it is asked for.</summary>
internal sealed class JournalBlock
{
    private const byte Version = 2;

    // A version and a checksum.
    private const int Header = 5;

    private readonly string[][] _shapes;
    private volatile bool _isCommitted;

    private JournalBlock(int part, long sequence, byte[] body, AssetId[] assets, string[][] shapes, int frames)
    {
        (Part, Sequence, Body, Assets, _shapes, Frames) = (part, sequence, body, assets, shapes, frames);
    }

    internal int Part { get; }

    internal long Sequence { get; }

    internal byte[] Body { get; }

    /// <summary>Assets it has frames of, each once.</summary>
    internal AssetId[] Assets { get; }

    internal int Frames { get; }

    /// <summary>Whether it is on the disk. Until then no read may see it.</summary>
    internal bool IsCommitted => _isCommitted;

    internal void Committed() => _isCommitted = true;

    /// <summary>A row that was stored.</summary>
    /// <param name="found">Receives asset, time and place of each frame.</param>
    /// <exception cref="StorageException">It is damaged.</exception>
    internal static JournalBlock Open(Guid organization, int part, long sequence, byte[] body, Action<JournalBlock, int, int, long, int> found)
    {
        BodyReader.Open(body, Version, KeyOf(organization, part, sequence));
        int namesAt = BinaryPrimitives.ReadInt32LittleEndian(body.AsSpan(body.Length - 4));
        BodyReader names = BodyReader.At(body.AsSpan(namesAt));
        var assets = new AssetId[names.Count()];
        for (int i = 0; i < assets.Length; i++)
        {
            assets[i] = new AssetId(names.Text());
        }

        string[][] shapes = new string[names.Count()][];
        for (int i = 0; i < shapes.Length; i++)
        {
            shapes[i] = new string[names.Count()];
            for (int j = 0; j < shapes[i].Length; j++)
            {
                shapes[i][j] = names.Text();
            }
        }

        var block = new JournalBlock(part, sequence, body, assets, shapes, names.Count()) { _isCommitted = true };
        var rows = new FrameEnumerator(block);
        while (rows.MoveNext())
        {
            (int asset, int index, long time, int place) = rows.Row;
            found(block, asset, index, time, place);
        }

        return block;
    }

    /// <summary>The rows, from the first.</summary>
    internal BodyReader Rows()
    {
        int namesAt = BinaryPrimitives.ReadInt32LittleEndian(Body.AsSpan(Body.Length - 4));
        return BodyReader.At(Body.AsSpan(Header, namesAt - Header));
    }

    /// <summary>Goes over one row: its asset and its place, and its time instead of that of the one before.</summary>
    internal (int Asset, int Place) Skip(ref BodyReader rows, ref long time)
    {
        int namesAt = BinaryPrimitives.ReadInt32LittleEndian(Body.AsSpan(Body.Length - 4));
        int asset = rows.Count();
        int place = namesAt - rows.Left;
        string[] shape = _shapes[rows.Count()];
        time += rows.Signed();
        rows.Signed();
        rows.Bytes((rows.Byte() == 0 ? 0 : shape.Length) + (8 * shape.Length));
        return (asset, place);
    }

    /// <summary>Reads a frame where it stands.</summary>
    /// <param name="place">Where.</param>
    /// <param name="time">Its time, which stands there only as a difference.</param>
    internal FrameView At(int place, long time)
    {
        BodyReader row = BodyReader.At(Body.AsSpan(place));
        string[] shape = _shapes[row.Count()];
        row.Signed();
        long arrived = time + row.Signed();
        ReadOnlySpan<byte> qualities = row.Byte() == 0 ? [] : row.Bytes(shape.Length);
        return new FrameView(time, arrived, shape, MemoryMarshal.Cast<byte, double>(row.Bytes(8 * shape.Length)), MemoryMarshal.Cast<byte, Quality>(qualities));
    }

    private static string KeyOf(Guid organization, int part, long sequence) =>
        $"telemetry_journal row (organization {organization}, part {part}, sequence {sequence})";

    /// <summary>Writes one row after another; what it needs it keeps.</summary>
    internal sealed class Writer(Guid organization, int part)
    {
        private readonly Dictionary<AssetId, int> _assets = [];
        private readonly Dictionary<string[], int> _shapes = new(Telemetry.Shapes.Comparer);
        private readonly BodyWriter _body = new(4_096);
        private readonly List<(AssetTail Tail, Frame Frame, int Place)> _places = [];
        private Dictionary<(AssetTail, long), List<Frame>>? _byTime;
        private string[]? _lastShape;
        private int _shape;
        private long _time;

        internal int Frames => _places.Count;

        /// <summary>Frames written since the last row, and where they stand.</summary>
        internal IReadOnlyList<(AssetTail Tail, Frame Frame, int Place)> Places => _places;

        /// <summary>Whether it holds frames of one asset and time, and one that says the same as a frame.</summary>
        internal (bool SameTime, bool Same) Find(AssetTail tail, Frame frame)
        {
            if (_byTime is null)
            {
                _byTime = [];
                _places.ForEach(place => Index(place.Tail, place.Frame));
            }

            return _byTime.TryGetValue((tail, frame.TimeUnixMs), out List<Frame>? known) ? (true, known.Exists(frame.SaysTheSameAs)) : (false, false);
        }

        internal void Add(AssetTail tail, Frame frame)
        {
            if (!ReferenceEquals(_lastShape, frame.Signals))
            {
                _lastShape = frame.Signals;
                ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(_shapes, _lastShape, out bool seen);
                known = seen ? known : _shapes.Count - 1;
                _shape = known;
            }

            ref int asset = ref CollectionsMarshal.GetValueRefOrAddDefault(_assets, frame.Asset, out bool met);
            asset = met ? asset : _assets.Count - 1;
            _body.Unsigned((uint)asset);
            int place = Header + _body.Length;
            _body.Unsigned((uint)_shape);
            _body.Signed(frame.TimeUnixMs - _time);
            _body.Signed(frame.ArrivedUnixMs - frame.TimeUnixMs);
            _time = frame.TimeUnixMs;
            _body.Byte(frame.Qualities is null ? (byte)0 : (byte)1);
            if (frame.Qualities is not null)
            {
                _body.Bytes(MemoryMarshal.AsBytes(frame.Qualities.AsSpan()));
            }

            _body.Doubles(frame.Values);
            _places.Add((tail, frame, place));
            tail.PreparedMs = Math.Max(tail.PreparedMs, frame.TimeUnixMs);
            if (_byTime is not null)
            {
                Index(tail, frame);
            }
        }

        /// <summary>Ends the row.</summary>
        internal JournalBlock Seal(long sequence)
        {
            int namesAt = Header + _body.Length;
            _body.Unsigned((uint)_assets.Count);
            foreach (AssetId asset in _assets.Keys)
            {
                _body.Text(asset.Value);
            }

            _body.Unsigned((uint)_shapes.Count);
            foreach (string[] signals in _shapes.Keys)
            {
                _body.Unsigned((uint)signals.Length);
                foreach (string signal in signals)
                {
                    _body.Text(signal);
                }
            }

            _body.Unsigned((uint)_places.Count);
            _body.Fixed(namesAt);
            return new JournalBlock(
                part, sequence, _body.Sealed(Version, KeyOf(organization, part, sequence)), [.. _assets.Keys], [.. _shapes.Keys], _places.Count);
        }

        /// <summary>Forgets the row, whether it was ended or not.</summary>
        internal void Clear()
        {
            _places.ForEach(place => place.Tail.PreparedMs = long.MinValue);
            _byTime = null;
            _assets.Clear();
            _shapes.Clear();
            _body.Clear();
            _places.Clear();
            (_lastShape, _shape, _time) = (null, 0, 0);
        }

        private void Index(AssetTail tail, Frame frame)
        {
            if (!_byTime!.TryGetValue((tail, frame.TimeUnixMs), out List<Frame>? known))
            {
                _byTime.Add((tail, frame.TimeUnixMs), known = []);
            }

            known.Add(frame);
        }
    }
}

/// <summary>A frame where it stands in other bytes, which it must not outlive.</summary>
public readonly ref struct FrameView(long time, long arrived, string[] signals, ReadOnlySpan<double> values, ReadOnlySpan<Quality> qualities)
{
    /// <summary>When it was measured, milliseconds since 1970.</summary>
    public long TimeUnixMs { get; } = time;

    /// <summary>When it reached the installation, milliseconds since 1970.</summary>
    public long ArrivedUnixMs { get; } = arrived;

    /// <summary>Names; frames of one shape in one row share the array.</summary>
    public string[] Signals { get; } = signals;

    /// <summary>A value a signal; NaN where there is none.</summary>
    public ReadOnlySpan<double> Values { get; } = values;

    /// <summary>One a signal; empty when all are good.</summary>
    public ReadOnlySpan<Quality> Qualities { get; } = qualities;

    internal Frame Copy(AssetId asset) => new(asset, TimeUnixMs, ArrivedUnixMs, Signals, Values.ToArray(), Qualities.IsEmpty ? null : Qualities.ToArray());
}
