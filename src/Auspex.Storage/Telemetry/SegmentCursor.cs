using Auspex.Core.Assets;
using Auspex.Storage.Db;

namespace Auspex.Storage.Telemetry;

/// <summary>Walks the assets of one segment, a piece in memory at a time.</summary>
internal sealed class SegmentCursor(OrganizationDb db, int part, long segment)
{
    private SegmentPiece? _piece;
    private string _lastFirst = "";
    private int _at = -1;

    /// <summary>Whether all assets were seen.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>The present asset.</summary>
    internal AssetId Asset => _piece!.Assets[_at];

    /// <summary>Columns that hold its rows.</summary>
    internal ChunkColumns Columns => _piece!.Columns;

    /// <summary>Its first row there.</summary>
    internal int From { get; private set; }

    /// <summary>How many rows.</summary>
    internal int Count => _piece!.Counts[_at];

    /// <summary>Goes to the next asset.</summary>
    internal async Task NextAsync(CancellationToken ct)
    {
        if (_piece is not null && _at + 1 < _piece.Assets.Length)
        {
            From += Count;
            _at++;
            return;
        }

        PieceRow? row = await db.QuerySingleOrDefaultAsync<PieceRow>(TelemetrySql.NextPiece, new { part, segment, after = _lastFirst }, ct).ConfigureAwait(false);
        if (row is null)
        {
            HasEnded = true;
            return;
        }

        _piece = SegmentPiece.Decode(db.Organization, part, row, null);
        (_lastFirst, _at, From) = (row.FirstAsset, 0, 0);
    }
}
