using System.Globalization;
using System.Text;

namespace Auspex.Learning.Datasets;

/// <summary>Counts the rows of one file and keeps the first bad ones of each reason.</summary>
internal sealed class FileTally(string file)
{
    private const int ExamplesOfAReason = 3;

    private static readonly int ReasonCount = Enum.GetValues<BadRowReason>().Length;

    private readonly long[] _bad = new long[ReasonCount];
    private readonly List<BadRow>[] _examples = [.. Enumerable.Range(0, ReasonCount).Select(_ => new List<BadRow>())];

    internal string File => file;

    internal long Rows { get; set; }

    internal long Good { get; set; }

    internal long Skipped { get; set; }

    internal void Bad(BadRowReason reason, long line, string field, string value)
    {
        _bad[(int)reason]++;
        if (_examples[(int)reason].Count < ExamplesOfAReason)
        {
            _examples[(int)reason].Add(new BadRow(file, line, field, value, reason));
        }
    }

    internal void Bad(BadRowReason reason, long line, string field, ReadOnlySpan<byte> value)
    {
        if (_examples[(int)reason].Count < ExamplesOfAReason)
        {
            Bad(reason, line, field, CellText.Shown(value));
        }
        else
        {
            _bad[(int)reason]++;
        }
    }

    /// <exception cref="DatasetException">More rows are bad than allowed.</exception>
    internal FileReadReport Report(double badRowShare)
    {
        var bad = new Dictionary<BadRowReason, long>();
        for (int reason = 0; reason < ReasonCount; reason++)
        {
            if (_bad[reason] > 0)
            {
                bad[(BadRowReason)reason] = _bad[reason];
            }
        }

        BadRow[] examples = [.. _examples.SelectMany(e => e)];
        long all = bad.Values.Sum();
        if (all <= badRowShare * Rows)
        {
            return new FileReadReport(file, Rows, Good, Skipped, bad, examples);
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{file}: {all} of {Rows} rows are bad ({100.0 * all / Rows:0.##} %), more than badRowShare {badRowShare} allows: ");
        text.AppendJoin(", ", bad.Select(b => $"{b.Key} {b.Value}"));
        text.Append(". Correct the file or the description, or raise badRowShare.");
        foreach (BadRow row in examples)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{file}, line {row.Line}: {row.Field} \"{row.Value}\": {row.Reason}");
        }

        throw new DatasetException(text.ToString());
    }
}
