namespace Auspex.Learning.Datasets;

/// <summary>Why a row was set aside.</summary>
public enum BadRowReason
{
    /// <summary>A cell that should be a number, or the 0, 1, false or true of a boolean, holds other text.</summary>
    NotANumber,

    /// <summary>A cell holds NaN.</summary>
    NaN,

    /// <summary>A cell holds an infinite number, or one too large for a double.</summary>
    Infinite,

    /// <summary>A time cell is not a time of the stated form, did not happen in its zone, or lies outside 1971 to 2200 (a counter: 1970 to 2200).</summary>
    BadTime,

    /// <summary>The asset already has a row at this time; in a file of facts, a row at all.</summary>
    DuplicateTime,

    /// <summary>The time lies before the asset's previous row.</summary>
    TimeGoesBack,

    /// <summary>The line has more or fewer columns than the header, or a quote in it is not closed.</summary>
    WrongColumnCount,

    /// <summary>The asset is in no frame file, or its name is empty, too long or holds control characters.</summary>
    UnknownAsset,

    /// <summary>A weight that is not from 0.000001 to 1,000,000: 0 and negative ones too.</summary>
    BadWeight,

    /// <summary>A state that the list of states does not have; a state, component or error code that is too long or holds control characters.</summary>
    UnknownState,
}

/// <summary>One row that was set aside.</summary>
/// <param name="File">File as described.</param>
/// <param name="Line">Line of the file, the first being 1.</param>
/// <param name="Field">Column; <c>(line)</c> when the line as a whole is wrong.</param>
/// <param name="Value">Text of the cell, at most 80 characters of it.</param>
/// <param name="Reason">Why.</param>
public sealed record BadRow(string File, long Line, string Field, string Value, BadRowReason Reason);

/// <summary>What was read of one file.</summary>
/// <param name="File">File as described; of a name with a star, the file that matched.</param>
/// <param name="Rows">Rows read, good and bad, without header and empty lines.</param>
/// <param name="Good">Rows kept.</param>
/// <param name="Skipped">Rows of assets outside the data set.</param>
/// <param name="Bad">Bad rows by reason; reasons without a row are left out.</param>
/// <param name="Examples">In order of the reasons, the first bad rows of each reason, at most three of each.</param>
public sealed record FileReadReport(
    string File, long Rows, long Good, long Skipped, IReadOnlyDictionary<BadRowReason, long> Bad, IReadOnlyList<BadRow> Examples);

/// <summary>What was read, file by file, and what the run should know about it.</summary>
/// <param name="Files">One entry a file, in the order of the description.</param>
/// <param name="Notes">Sentences for the user: signals missing from a file, states the model does not know.</param>
public sealed record DatasetReadReport(IReadOnlyList<FileReadReport> Files, IReadOnlyList<string> Notes);
