using Auspex.Core.Assets;
using Auspex.Learning.Train;

namespace Auspex.Learning.Leakage;

/// <summary>One column of a training table, row by row, with where its assets begin.</summary>
internal sealed class FeatureSeries
{
    private FeatureSeries(string name, double[] values, IReadOnlyList<Range> assets)
    {
        Name = name;
        Values = values;
        Assets = assets;
    }

    internal string Name { get; }

    internal double[] Values { get; }

    /// <summary>Rows of each asset.</summary>
    internal IReadOnlyList<Range> Assets { get; }

    internal static FeatureSeries Of(TrainingTable table, int column, IReadOnlyList<Range> assets)
    {
        var values = new double[table.Rows];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = table.Values[((long)row * table.Columns) + column];
        }

        return new FeatureSeries(table.FeatureNames[column], values, assets);
    }

    internal static List<Range> AssetRows(AssetId[] assets)
    {
        var ranges = new List<Range>();
        int first = 0;
        for (int row = 1; row <= assets.Length; row++)
        {
            if (row == assets.Length || assets[row] != assets[first])
            {
                ranges.Add(first..row);
                first = row;
            }
        }

        return ranges;
    }

    /// <summary>Rows of each value, missing ones left out; null when there are more than <paramref name="most"/> values.</summary>
    internal Dictionary<double, List<int>>? Groups(int most)
    {
        var groups = new Dictionary<double, List<int>>();
        for (int row = 0; row < Values.Length; row++)
        {
            if (double.IsNaN(Values[row]))
            {
                continue;
            }

            if (!groups.TryGetValue(Values[row], out List<int>? rows))
            {
                if (groups.Count == most)
                {
                    return null;
                }

                groups[Values[row]] = rows = [];
            }

            rows.Add(row);
        }

        return groups;
    }
}
