namespace Auspex.Storage.Telemetry;

/// <summary>What memory holds of one asset: its frames that are not packed yet, by time and arrival.</summary>
internal sealed class AssetTail
{
    private readonly Lock _lock = new();
    private readonly List<StoredFrame> _frames = [];

    /// <summary>Time of the last frame in chunks; the least number where there is none.</summary>
    internal long PackedToMs { get; set; } = long.MinValue;

    /// <summary>The newest frame, packed or not; null when it is packed and was not asked for yet.</summary>
    internal Frame? Newest { get; private set; }

    /// <summary>Time of the newest frame; the least number where there is none.</summary>
    internal long NewestMs => Math.Max(PackedToMs, Newest?.TimeUnixMs ?? long.MinValue);

    internal void Add(StoredFrame stored)
    {
        lock (_lock)
        {
            int at = _frames.Count;
            while (at > 0 && _frames[at - 1].Frame.TimeUnixMs > stored.Frame.TimeUnixMs)
            {
                at--;
            }

            _frames.Insert(at, stored);
        }

        Saw(stored.Frame);
    }

    /// <summary>Remembers a frame as the newest, unless a newer one is known.</summary>
    internal void Saw(Frame frame)
    {
        lock (_lock)
        {
            if (frame.TimeUnixMs >= NewestMs)
            {
                Newest = frame;
            }
        }
    }

    /// <summary>Frames of a half-open range.</summary>
    internal List<StoredFrame> Range(long fromMs, long toMs)
    {
        lock (_lock)
        {
            int from = LowerBound(fromMs);
            return _frames.GetRange(from, Math.Max(0, LowerBound(toMs) - from));
        }
    }

    /// <summary>Frames that arrived up to a place.</summary>
    internal List<StoredFrame> UpTo(long order)
    {
        lock (_lock)
        {
            return _frames.FindAll(stored => stored.Order <= order);
        }
    }

    /// <summary>Forgets frames that arrived up to a place; they are in chunks.</summary>
    /// <returns>What they cost.</returns>
    internal long Packed(long order, long toMs)
    {
        lock (_lock)
        {
            long cost = 0;
            PackedToMs = Math.Max(PackedToMs, toMs);
            _frames.RemoveAll(stored =>
            {
                bool packed = stored.Order <= order;
                cost += packed ? CostOf(stored.Frame) : 0;
                return packed;
            });
            if (_frames.Count == 0)
            {
                _frames.Capacity = 0;
            }

            return cost;
        }
    }

    /// <summary>Values a frame counts for: its own, and eight for its objects.</summary>
    internal static long CostOf(Frame frame) => frame.Values.Length + 8;

    private int LowerBound(long time)
    {
        int low = 0;
        int high = _frames.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _frames[middle].Frame.TimeUnixMs < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
