using System.Globalization;
using System.Text;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>A series drawn on few columns so that no spike is lost: each column keeps the lowest and the highest value that fall into it.</summary>
internal static class Envelope
{
    /// <summary>Lowest and highest value of each column that has a row.</summary>
    /// <param name="times">Increasing.</param>
    /// <param name="values">As long as <paramref name="times"/>; NaN is passed over.</param>
    /// <param name="from">Left edge of column 0.</param>
    /// <param name="to">Right edge of the last column, later than <paramref name="from"/>.</param>
    /// <param name="columns">Number of columns.</param>
    internal static List<(int Column, double Low, double High)> Of(
        ReadOnlySpan<long> times, ReadOnlySpan<double> values, long from, long to, int columns)
    {
        List<(int Column, double Low, double High)> kept = [];
        for (int i = 0; i < times.Length; i++)
        {
            if (double.IsNaN(values[i]) || times[i] < from || times[i] > to)
            {
                continue;
            }

            int column = Math.Min(columns - 1, (int)((double)(times[i] - from) / (to - from) * columns));
            if (kept.Count > 0 && kept[^1].Column == column)
            {
                kept[^1] = (column, Math.Min(kept[^1].Low, values[i]), Math.Max(kept[^1].High, values[i]));
            }
            else
            {
                kept.Add((column, values[i], values[i]));
            }
        }

        return kept;
    }

    /// <summary>The envelope as one SVG path: along the highest values and back along the lowest, in one closed shape for each run of rows
    /// without a gap.</summary>
    /// <param name="columns">What <see cref="Of"/> kept.</param>
    /// <param name="widestStep">More columns than this between two rows is a gap, which is left blank.</param>
    /// <param name="height">Height of the value 1; 0 lies at this y.</param>
    internal static string Path(List<(int Column, double Low, double High)> columns, int widestStep, int height) =>
        Runs(columns, widestStep, height, (path, first, last) =>
        {
            for (int i = last; i >= first; i--)
            {
                Point(path, columns[i].Column, columns[i].Low, height);
            }
        });

    /// <summary>The same down to 0 instead of the lowest values, to be filled faintly.</summary>
    internal static string Area(List<(int Column, double Low, double High)> columns, int widestStep, int height) =>
        Runs(columns, widestStep, height, (path, first, last) =>
        {
            Point(path, columns[last].Column, 0, height);
            Point(path, columns[first].Column, 0, height);
        });

    private static string Runs(
        List<(int Column, double Low, double High)> columns, int widestStep, int height, Action<StringBuilder, int, int> wayBack)
    {
        var path = new StringBuilder();
        for (int first = 0; first < columns.Count;)
        {
            int last = first;
            path.Append('M');
            Point(path, columns[first].Column, columns[first].High, height);
            while (last + 1 < columns.Count && columns[last + 1].Column - columns[last].Column <= widestStep)
            {
                last++;
                Point(path, columns[last].Column, columns[last].High, height);
            }

            wayBack(path, first, last);
            path.Append('Z');
            first = last + 1;
        }

        return path.ToString();
    }

    // After M further pairs of numbers are lines to.
    private static void Point(StringBuilder path, int column, double value, int height) =>
        path.Append(CultureInfo.InvariantCulture, $"{column} {Math.Round((1 - value) * height, 1)} ");
}
