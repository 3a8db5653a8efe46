using Auspex.Core.Assets;

namespace Auspex.Storage.Telemetry;

/// <summary>Gathers the assets of a segment, by name, into pieces.</summary>
/// <param name="organization">Whose.</param>
/// <param name="part">Of which partition.</param>
/// <param name="segment">Number of the segment.</param>
/// <param name="tier">Of the segment: one of the first is merged soon, and compressed little.</param>
/// <param name="pieceFrames">Frames of a piece; one more asset may fit in.</param>
internal sealed class PieceWriter(Guid organization, int part, long segment, long tier, int pieceFrames)
{
    private readonly List<AssetId> _assets = [];
    private readonly List<int> _counts = [];
    private ColumnsBuilder _columns = new();
    private int _ended;

    internal long Segment => segment;

    internal long Tier => tier;

    /// <summary>Pieces that are full.</summary>
    internal List<PieceRow> Rows { get; } = [];

    /// <summary>Frames of all pieces so far.</summary>
    internal long Frames { get; private set; }

    internal long FromMs { get; private set; } = long.MaxValue;

    internal long ToMs { get; private set; } = long.MinValue;

    internal void Add(FrameView frame, long order) => _columns.Add(frame, order);

    internal void Add(ChunkColumns rows, int from, int count) => _columns.Add(rows, from, count);

    /// <summary>What was added since the last asset belongs to this one.</summary>
    internal void EndAsset(AssetId asset)
    {
        _columns.Sort(_ended);
        _assets.Add(asset);
        _counts.Add(_columns.Count - _ended);
        _ended = _columns.Count;
        if (_ended >= pieceFrames)
        {
            End();
        }
    }

    /// <summary>Ends the last piece.</summary>
    internal void End()
    {
        if (_assets.Count == 0)
        {
            return;
        }

        ChunkColumns columns = _columns.Build();
        var piece = new SegmentPiece([.. _assets], [.. _counts], columns);
        Rows.Add(new PieceRow
        {
            Segment = segment,
            FirstAsset = _assets[0].Value,
            LastAsset = _assets[^1].Value,
            FromMs = columns.Times.Min(),
            ToMs = columns.Times.Max(),
            Frames = columns.Times.Length,
            Body = piece.Encode(organization, part, segment, tier == 0 ? 1 : 5),
        });
        Frames += columns.Times.Length;
        FromMs = Math.Min(FromMs, Rows[^1].FromMs);
        ToMs = Math.Max(ToMs, Rows[^1].ToMs);
        _assets.Clear();
        _counts.Clear();
        _columns = new ColumnsBuilder();
        _ended = 0;
    }
}
