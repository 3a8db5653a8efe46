using CsvHelper;

namespace Auspex.Learning.Datasets;

/// <summary>Rows with one character between cells and quotes around cells that hold it. A row is a line: a quote that is not closed in its line
/// makes that row bad instead of swallowing the ones after it.</summary>
internal sealed class CsvRows : TextRows
{
    private readonly CsvReader _reader;
    private bool _malformed;

    internal CsvRows(string name, string separator, Stream stream, FileStream stored)
        : base(name, separator, stored) =>
        _reader = CsvReader.Create(
            stream,
            new CsvReaderOptions
            {
                Separator = separator[0],
                HasHeader = false,
                AllowLineBreaksInQuotes = false,
                TrimWhitespace = true,
                TrimInsideQuotes = true,
                TrackLineNumbers = true,
                DetectSeparatorHint = false,
                MaxRecordSize = MaxLineLength,
                FieldCountMismatch = CsvFieldCountHandling.Allow,
                OnMalformedRecord = record =>
                    _malformed |= record.Reason is CsvMalformedReason.LineBreakInQuotes or CsvMalformedReason.UnterminatedQuote,
            },
            leaveOpen: false);

    internal override long Line => _reader.LineNumber;

    internal override int Count => _reader.FieldCount;

    internal override bool IsWellFormed => !_malformed;

    internal override ReadOnlySpan<byte> Cell(int column) => _reader.GetSpan(column);

    protected override bool ReadRow()
    {
        _malformed = false;
        try
        {
            if (!_reader.Read())
            {
                return false;
            }
        }
        catch (CsvFormatException e)
        {
            throw TooLong(Math.Max(e.LineNumber, _reader.LineNumber + 1));
        }

        if (_reader.RawRecord.Length > MaxLineLength)
        {
            throw TooLong(_reader.LineNumber);
        }

        return _reader.ByteOffset <= MaxTextLength ? true : throw TooMuch();
    }

    protected override void Dispose(bool disposing) => _reader.Dispose();
}
