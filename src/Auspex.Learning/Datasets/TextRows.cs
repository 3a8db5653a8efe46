using System.Text;

namespace Auspex.Learning.Datasets;

/// <summary>The rows of one text file, one at a time: cells are UTF-8 without the blanks around them, valid until the next row.</summary>
internal abstract class TextRows : IDisposable
{
    /// <summary>Longest accepted line, in bytes.</summary>
    internal const int MaxLineLength = 1 << 20;

    /// <summary>Longest accepted text of a file, unpacked, in bytes.</summary>
    internal const long MaxTextLength = 16L << 30;

    private readonly FileStream _stored;
    private readonly string _separator;
    private IReadOnlyList<string> _columns = [];

    /// <param name="stored">The file as stored; tells how far the reading is.</param>
    protected TextRows(string name, string separator, FileStream stored)
    {
        Name = name;
        _separator = separator;
        _stored = stored;
    }

    /// <summary>Path below the root.</summary>
    internal string Name { get; }

    /// <summary>Names of the columns.</summary>
    internal IReadOnlyList<string> Columns => _columns;

    /// <summary>Line of the present row, the first of the file being 1.</summary>
    internal abstract long Line { get; }

    /// <summary>Number of cells of the present row.</summary>
    internal abstract int Count { get; }

    /// <summary>False when a quote of the present row is not closed in its line.</summary>
    internal virtual bool IsWellFormed => true;

    /// <summary>Bytes of the stored file read so far.</summary>
    internal long BytesRead => _stored.Position;

    /// <summary>Bytes of the stored file.</summary>
    internal long Bytes => _stored.Length;

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="DatasetException">The file cannot be read, or is empty where a header is due.</exception>
    internal static TextRows Open(DatasetFolder folder, TextFile file, string name)
    {
        Stream stream = folder.Open(name, out FileStream stored);
        TextRows rows = file.Separator == " " ? new BlankRows(name, stream, stored) : new CsvRows(name, file.Separator, stream, stored);
        try
        {
            if (file.Columns is { } columns)
            {
                rows._columns = columns;
            }
            else if (rows.Read())
            {
                if (!rows.IsWellFormed)
                {
                    throw new DatasetException($"{name}, line {rows.Line}: a quote in the header is not closed.");
                }

                rows._columns = [.. Enumerable.Range(0, rows.Count).Select(i => Encoding.UTF8.GetString(rows.Cell(i)))];
            }
            else
            {
                throw new DatasetException($"{name}: is empty; a header line with the names of the columns is expected, or columns in the description.");
            }

            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next row; lines without any text are passed over.</summary>
    /// <exception cref="DatasetException">A line or the whole text is too long, or the file is damaged.</exception>
    internal bool Read()
    {
        try
        {
            return ReadRow();
        }
        catch (InvalidDataException e)
        {
            throw new DatasetException($"{Name}: is damaged after line {Line}: {e.Message} Copy or compress the file again.", e);
        }
        catch (IOException e)
        {
            throw new DatasetException($"{Name}: cannot be read after line {Line}: {e.Message}", e);
        }
    }

    /// <summary>A cell of the present row.</summary>
    internal abstract ReadOnlySpan<byte> Cell(int column);

    /// <summary>The index of a column; -1 when the file does not have it.</summary>
    /// <exception cref="DatasetException">The header has it twice.</exception>
    internal int Find(string column)
    {
        int found = -1;
        for (int i = 0; i < _columns.Count; i++)
        {
            if (_columns[i] == column)
            {
                found = found < 0
                    ? i
                    : throw new DatasetException($"{Name}, line 1: the header has column {CellText.Shown(column)} twice; rename one of them.");
            }
        }

        return found;
    }

    /// <summary>The index of a column that must be there.</summary>
    /// <exception cref="DatasetException">The file does not have it.</exception>
    internal int Require(string column)
    {
        int found = Find(column);
        if (found >= 0)
        {
            return found;
        }

        string hint = _columns is [var only] ? $" It has one column only: is {Quoted(_separator)} the separator?" : "";
        throw new DatasetException(
            $"{Name}, line 1: there is no column {CellText.Shown(column)}; the columns are {CellText.List([.. _columns], 60)}.{hint}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract bool ReadRow();

    protected abstract void Dispose(bool disposing);

    protected DatasetException TooLong(long line) =>
        new($"{Name}, line {line}: the line is longer than {MaxLineLength} bytes; is it a text file with one row a line?");

    protected DatasetException TooMuch() => new($"{Name}: the text is longer than {MaxTextLength >> 30} GiB; split the file.");

    private static string Quoted(string separator) => separator == "\t" ? "\"\\t\"" : $"\"{separator}\"";
}
