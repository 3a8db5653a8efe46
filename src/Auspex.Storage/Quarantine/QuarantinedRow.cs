namespace Auspex.Storage.Quarantine;

/// <summary>A row that is to be kept because it was refused.</summary>
/// <param name="Form">How it is written: <c>json</c>, a row of <c>POST /api/v1/frames</c>; <c>line</c>, a line of line protocol.</param>
/// <param name="LinePrecision">Precision of a line's timestamp; null for other forms.</param>
/// <param name="Asset">Name of the asset; null where the row says none that can be read.</param>
/// <param name="Field">What was wrong.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">As it was sent.</param>
/// <param name="IsTimed">Whether it says when it was measured, or cannot be read: sent again it is the same row. One without a time is another reading each time it comes.</param>
public sealed record RefusedRow(string Form, string? LinePrecision, string? Asset, string Field, string Reason, string Text, bool IsTimed);

/// <summary>A row in quarantine.</summary>
/// <param name="Id">Stable; rises with the time the row first came.</param>
/// <param name="Door">How it came: <c>http</c>, <c>line</c> or the protocol of a source.</param>
/// <param name="Form">How it is written: <c>json</c> or <c>line</c>.</param>
/// <param name="LinePrecision">Precision of a line's timestamp.</param>
/// <param name="Sender">Who sent it last, as audit lines name them.</param>
/// <param name="SenderName">Name of the key it came with; null for one that came with none.</param>
/// <param name="Asset">Name of the asset; null where none could be read.</param>
/// <param name="Field">What was wrong when it last came.</param>
/// <param name="Reason">Why.</param>
/// <param name="Body">The row as it was sent.</param>
/// <param name="Whole">1 where <paramref name="Body"/> is all of it; 0 where it was too long, and only its beginning is kept.</param>
/// <param name="FirstAt">When it first came.</param>
/// <param name="LastAt">When it last came.</param>
/// <param name="Times">How often.</param>
public sealed record QuarantinedRow(
    string Id, string Door, string Form, string? LinePrecision, string Sender, string? SenderName, string? Asset, string Field, string Reason, string Body, long Whole,
    DateTimeOffset FirstAt, DateTimeOffset LastAt, long Times)
{
    // By properties: SQLite says no type of a column that holds nothing.
    private QuarantinedRow()
        : this("", "", "", null, "", null, null, "", "", "", 0, default, default, 0)
    {
    }
}

/// <summary>Which rows of a quarantine are meant; what is empty leaves none out.</summary>
/// <param name="Field">The field, exactly.</param>
/// <param name="Reason">A part of the reason, whatever its case.</param>
/// <param name="Asset">Name of the asset as it was sent.</param>
/// <param name="Door">How it came.</param>
/// <param name="FromMs">Came last at this instant or later, milliseconds since 1970.</param>
/// <param name="ToMs">Came last before this instant.</param>
public sealed record QuarantineFilter(string Field, string Reason, string Asset, string Door, long FromMs, long ToMs)
{
    /// <summary>All rows.</summary>
    public static readonly QuarantineFilter All = new("", "", "", "", long.MinValue, long.MaxValue);
}

/// <summary>How full a quarantine is.</summary>
/// <param name="Kept">Rows.</param>
/// <param name="Bytes">What they take up.</param>
/// <param name="Dropped">Rows that had to go for newer ones, since ever.</param>
public sealed record QuarantineTotal(long Kept, long Bytes, long Dropped);
