using Auspex.Core.Assets;

namespace Auspex.Storage.Telemetry;

/// <summary>A frame that is not packed yet: its place in a journal block.</summary>
internal readonly record struct TailEntry(long TimeMs, JournalBlock Block, int Index, int Place)
{
    internal long Order => StoredFrame.OrderOf(Block.Sequence, Index);

    internal FrameView View => Block.At(Place, TimeMs);
}

/// <summary>What memory holds of one asset: where its frames stand that are not packed yet, by time and arrival, and how new what is packed is.</summary>
/// <remarks>Frames enter before they are committed, so that the next commit can be prepared meanwhile; only what is committed is read.</remarks>
internal sealed class AssetTail(AssetId asset, int part)
{
    private readonly Lock _lock = new();
    private readonly List<TailEntry> _entries = [];
    private Frame? _packed;

    internal AssetId Asset => asset;

    internal int Part => part;

    /// <summary>Time of the last packed frame; the least number where there is none. While <see cref="IsExact"/> is false, only that no packed frame is later.</summary>
    internal long PackedToMs { get; private set; } = long.MaxValue;

    /// <summary>Whether the store was asked what is packed.</summary>
    internal bool IsExact { get; private set; }

    /// <summary>Whether the store knows the asset as one with packed frames.</summary>
    internal bool IsNamed { get; private set; }

    /// <summary>Time of the newest frame of the commit that is being prepared, or of one before it. Only who prepares commits uses it.</summary>
    internal long PreparedMs { get; set; } = long.MinValue;

    /// <summary>Time of the newest frame, also one that is not committed yet; where <see cref="IsExact"/> is false, none is later.</summary>
    internal long NewestMs
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(PreparedMs, Math.Max(PackedToMs, _entries.Count == 0 ? long.MinValue : _entries[^1].TimeMs));
            }
        }
    }

    /// <summary>Whether it has a committed frame in memory.</summary>
    internal bool HasFrames
    {
        get
        {
            lock (_lock)
            {
                return _packed is not null || _entries.Exists(entry => entry.Block.IsCommitted);
            }
        }
    }

    /// <summary>Says that no packed frame is later than a time.</summary>
    internal void Bound(long packedToMs)
    {
        PackedToMs = packedToMs;
        IsExact = packedToMs == long.MinValue;
    }

    /// <summary>Says which packed frame is the newest; null when there is none.</summary>
    internal void Exact(Frame? newest)
    {
        lock (_lock)
        {
            IsExact = true;
            if (_packed is null || newest?.TimeUnixMs >= _packed.TimeUnixMs)
            {
                _packed = newest;
            }

            PackedToMs = _packed?.TimeUnixMs ?? long.MinValue;
        }
    }

    internal void Add(TailEntry entry)
    {
        lock (_lock)
        {
            int at = _entries.Count;
            while (at > 0 && _entries[at - 1].TimeMs > entry.TimeMs)
            {
                at--;
            }

            _entries.Insert(at, entry);
        }
    }

    /// <summary>The newest committed frame, as far as memory knows; null where it knows none.</summary>
    internal Frame? Newest()
    {
        lock (_lock)
        {
            int last = _entries.FindLastIndex(entry => entry.Block.IsCommitted);
            return last < 0 || _packed?.TimeUnixMs > _entries[last].TimeMs ? _packed : _entries[last].View.Copy(asset);
        }
    }

    /// <summary>Committed frames of a half-open range.</summary>
    internal List<TailEntry> Range(long fromMs, long toMs)
    {
        lock (_lock)
        {
            int from = LowerBound(fromMs);
            int count = Math.Max(0, LowerBound(toMs) - from);
            return _entries.GetRange(from, count).FindAll(entry => entry.Block.IsCommitted);
        }
    }

    /// <summary>Whether there are frames of one time, committed or not, and one that says the same as a frame.</summary>
    internal (bool SameTime, bool Same) Find(Frame frame)
    {
        lock (_lock)
        {
            int at = LowerBound(frame.TimeUnixMs);
            int first = at;
            for (; at < _entries.Count && _entries[at].TimeMs == frame.TimeUnixMs; at++)
            {
                if (frame.SaysTheSameAs(_entries[at].View.Copy(asset)))
                {
                    return (true, true);
                }
            }

            return (at > first, false);
        }
    }

    /// <summary>Committed frames up to a sequence.</summary>
    internal List<TailEntry> UpTo(long sequence)
    {
        lock (_lock)
        {
            return _entries.FindAll(entry => entry.Block.Sequence <= sequence && entry.Block.IsCommitted);
        }
    }

    /// <summary>Forgets frames up to a sequence; they are packed.</summary>
    /// <returns>What they cost.</returns>
    internal long Packed(long sequence)
    {
        lock (_lock)
        {
            long cost = 0;
            IsNamed = true;
            TailEntry last = default;
            _entries.RemoveAll(entry =>
            {
                bool packed = entry.Block.Sequence <= sequence;
                if (packed)
                {
                    last = entry;
                    cost += CostOf(entry.View.Values.Length);
                }

                return packed;
            });
            if (last.Block is not null)
            {
                if (_packed is null || last.TimeMs >= _packed.TimeUnixMs)
                {
                    // A copy: the block would stay in memory for it.
                    _packed = last.View.Copy(asset);
                }

                IsExact |= last.TimeMs > PackedToMs;
                PackedToMs = Math.Max(PackedToMs, last.TimeMs);
            }

            if (_entries.Count == 0)
            {
                _entries.Capacity = 0;
            }

            return cost;
        }
    }

    /// <summary>Forgets frames behind a sequence; they were not committed.</summary>
    /// <returns>What they cost.</returns>
    internal long Undo(long sequence)
    {
        lock (_lock)
        {
            long cost = _entries.Where(entry => entry.Block.Sequence > sequence).Sum(entry => CostOf(entry.View.Values.Length));
            _entries.RemoveAll(entry => entry.Block.Sequence > sequence);
            PreparedMs = long.MinValue;
            return cost;
        }
    }

    /// <summary>Values a frame counts for: its own, and four for its place.</summary>
    internal static long CostOf(int values) => values + 4;

    private int LowerBound(long time)
    {
        int low = 0;
        int high = _entries.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _entries[middle].TimeMs < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
