using System.Collections.Concurrent;
using Auspex.Core.Assets;

namespace Auspex.Storage.Telemetry;

/// <summary>What memory holds of one organization's telemetry: journal blocks that are not packed yet, and of each asset where its frames stand in them.</summary>
/// <param name="organization">Whose.</param>
internal sealed class TelemetryMemory(Guid organization)
{
    private const int MostShapes = 10_000;

    private readonly ConcurrentDictionary<AssetId, AssetTail> _assets = new();
    private readonly Dictionary<string[], string[]> _shapes = new(Shapes.Comparer);
    private readonly PartitionMemory[] _parts = [.. Enumerable.Range(0, Partition.Count).Select(_ => new PartitionMemory())];
    private string[]? _lastShape;
    private string[]? _lastKnownShape;
    private long _unpacked;
    private long _packs;
    private TaskCompletionSource _packedNext = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Values that wait to be packed.</summary>
    internal long UnpackedValues => Interlocked.Read(ref _unpacked);

    /// <summary>How often frames were packed: what was read of chunks and segments before is out of date behind it.</summary>
    internal long Packs => Interlocked.Read(ref _packs);

    /// <summary>Ends when frames leave memory the next time.</summary>
    internal Task PackedNext => Volatile.Read(ref _packedNext).Task;

    /// <summary>Bytes of the rows of the partition with most of them that its reader has not passed; 0 where nobody reads.</summary>
    internal long UnpassedBytes => _parts.Max(part => Interlocked.Read(ref part.UnpassedBytes));

    /// <summary>Whether there is a row that may be packed.</summary>
    internal bool CanPack => Enumerable.Range(0, _parts.Length).Any(part => BlocksOf(part).Count > 0);

    internal IEnumerable<AssetId> AssetsWithFrames => _assets.Where(asset => asset.Value.HasFrames).Select(asset => asset.Key);

    /// <summary>Sequence of the last committed row of a partition.</summary>
    internal long SequenceOf(int part) => Interlocked.Read(ref _parts[part].Committed);

    /// <summary>No packed frame of a partition is later; the least number where none is packed.</summary>
    internal long PackedToMs(int part) => Interlocked.Read(ref _parts[part].PackedToMs);

    internal AssetTail? Find(AssetId asset) => _assets.GetValueOrDefault(asset);

    internal AssetTail TailOf(AssetId asset) => _assets.TryGetValue(asset, out AssetTail? known) ? known : _assets.GetOrAdd(asset, NewTail);

    /// <summary>Sets where a partition goes on.</summary>
    internal void Begin(int part, long sequence, long packedToMs)
    {
        PartitionMemory partition = _parts[part];
        partition.Committed = partition.Given = sequence;
        partition.PackedToMs = partition.PackedBeforeMs = packedToMs;
    }

    /// <summary>Takes a stored row in.</summary>
    /// <exception cref="StorageException">It is damaged.</exception>
    internal void Restore(int part, long sequence, byte[] body)
    {
        AssetTail?[] tails = [];
        JournalBlock block = JournalBlock.Open(organization, part, sequence, body, (block, asset, index, time, place) =>
        {
            if (tails.Length == 0)
            {
                tails = new AssetTail?[block.Assets.Length];
            }

            Add(tails[asset] ??= TailOf(block.Assets[asset]), new TailEntry(time, block, index, place));
        });
        PartitionMemory partition = _parts[part];
        partition.Given = sequence;
        Show(partition, block);
    }

    /// <summary>Ends a writer's row and takes its frames in; reads do not see them until it is committed.</summary>
    internal JournalBlock Enter(JournalBlock.Writer writer, int part)
    {
        JournalBlock block = writer.Seal(++_parts[part].Given);
        for (int i = 0; i < writer.Places.Count; i++)
        {
            (AssetTail tail, Frame frame, int place) = writer.Places[i];
            Add(tail, new TailEntry(frame.TimeUnixMs, block, i, place));
        }

        return block;
    }

    /// <summary>Shows frames to reads.</summary>
    internal void Committed(List<JournalBlock> blocks)
    {
        foreach (JournalBlock block in blocks)
        {
            PartitionMemory partition = _parts[block.Part];
            block.Committed();
            Show(partition, block);
        }
    }

    /// <summary>Keeps the rows of a partition behind one until a reader has passed them.</summary>
    /// <returns>The row the reader goes on behind: what is packed already is not read again.</returns>
    internal long Hold(int part, long passed)
    {
        PartitionMemory partition = _parts[part];
        lock (partition.Blocks)
        {
            long first = partition.Blocks.Count > 0 ? partition.Blocks[0].Sequence - 1 : partition.Committed;
            partition.Passed = Math.Clamp(passed, first, partition.Committed);
            partition.UnpassedBytes = partition.Blocks.Where(block => block.Sequence > partition.Passed).Sum(block => (long)block.Body.Length);
            return partition.Passed.Value;
        }
    }

    /// <summary>Lets rows up to one be packed.</summary>
    internal void Passed(int part, long sequence)
    {
        PartitionMemory partition = _parts[part];
        lock (partition.Blocks)
        {
            partition.UnpassedBytes -= partition.Blocks.Where(block => block.Sequence > partition.Passed && block.Sequence <= sequence).Sum(block => (long)block.Body.Length);
            partition.Passed = sequence;
        }
    }

    /// <summary>The first committed row behind one; null with a task that ends when another is committed.</summary>
    internal (JournalBlock? Block, Task Arrived) After(int part, long sequence)
    {
        PartitionMemory partition = _parts[part];
        lock (partition.Blocks)
        {
            int at = partition.Blocks.Count;
            while (at > 0 && partition.Blocks[at - 1].Sequence > sequence)
            {
                at--;
            }

            if (at < partition.Blocks.Count)
            {
                return (partition.Blocks[at], Task.CompletedTask);
            }

            partition.Arrived ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return (null, partition.Arrived.Task);
        }
    }

    /// <summary>Takes the frames of a row that was not committed out again, with all behind it.</summary>
    internal void Undo(JournalBlock block)
    {
        PartitionMemory partition = _parts[block.Part];
        partition.Given = partition.Committed;
        foreach (AssetId asset in block.Assets)
        {
            Interlocked.Add(ref _unpacked, -TailOf(asset).Undo(partition.Committed));
        }
    }

    /// <summary>Committed rows of a partition that are not packed and may be.</summary>
    internal List<JournalBlock> BlocksOf(int part)
    {
        PartitionMemory partition = _parts[part];
        lock (partition.Blocks)
        {
            return partition.Passed is { } passed ? partition.Blocks.FindAll(block => block.Sequence <= passed) : [.. partition.Blocks];
        }
    }

    /// <summary>Lets go of frames that are packed and committed as such.</summary>
    internal void Packed(int part, IReadOnlyList<JournalBlock> blocks, IEnumerable<AssetTail> tails, long packedToMs)
    {
        // Before the frames leave: who does not find them in memory must not believe what it read of chunks before.
        Interlocked.Increment(ref _packs);
        PartitionMemory partition = _parts[part];
        Interlocked.Exchange(ref partition.PackedToMs, packedToMs);
        long sequence = blocks[^1].Sequence;
        foreach (AssetTail tail in tails)
        {
            Interlocked.Add(ref _unpacked, -tail.Packed(sequence));
        }

        lock (partition.Blocks)
        {
            partition.Blocks.RemoveAll(block => block.Sequence <= sequence);
        }

        Interlocked.Exchange(ref _packedNext, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    /// <summary>What was read of chunks and segments is out of date.</summary>
    internal void PackedAnew() => Interlocked.Increment(ref _packs);

    /// <summary>The frame with the array of names that others of its shape have.</summary>
    internal Frame WithKnownShape(Frame frame)
    {
        if (ReferenceEquals(frame.Signals, _lastShape))
        {
            return ReferenceEquals(_lastShape, _lastKnownShape) ? frame : frame with { Signals = _lastKnownShape! };
        }

        if (!_shapes.TryGetValue(frame.Signals, out string[]? known))
        {
            if (_shapes.Count >= MostShapes)
            {
                _shapes.Clear();
            }

            _shapes.Add(frame.Signals, known = frame.Signals);
        }

        (_lastShape, _lastKnownShape) = (frame.Signals, known);
        return ReferenceEquals(known, frame.Signals) ? frame : frame with { Signals = known };
    }

    private static void Show(PartitionMemory partition, JournalBlock block)
    {
        lock (partition.Blocks)
        {
            partition.Blocks.Add(block);
            if (partition.Passed is not null)
            {
                partition.UnpassedBytes += block.Body.Length;
            }

            Interlocked.Exchange(ref partition.Committed, block.Sequence);
            partition.Arrived?.TrySetResult();
            partition.Arrived = null;
        }
    }

    private AssetTail NewTail(AssetId asset)
    {
        int part = Partition.Of(organization, asset);
        var tail = new AssetTail(asset, part);
        // What was packed since the start has a tail: of an asset that has none, frames were packed before it, or never.
        tail.Bound(_parts[part].PackedBeforeMs);
        return tail;
    }

    private void Add(AssetTail tail, TailEntry entry)
    {
        tail.Add(entry);
        Interlocked.Add(ref _unpacked, AssetTail.CostOf(entry.View.Values.Length));
    }

    private sealed class PartitionMemory
    {
        internal long Committed;
        internal long PackedToMs = long.MinValue;

        /// <summary>The same when the store was opened.</summary>
        internal long PackedBeforeMs { get; set; } = long.MinValue;

        // Also to rows that are on their way; only who prepares commits uses it.
        internal long Given { get; set; }

        /// <summary>By sequence. Its lock guards what follows.</summary>
        internal List<JournalBlock> Blocks { get; } = [];

        internal TaskCompletionSource? Arrived;
        internal long UnpassedBytes;

        /// <summary>The last row that the partition's reader passed; null where nobody reads.</summary>
        internal long? Passed { get; set; }
    }
}
