using Auspex.Features.Definitions;
using Auspex.Learning.Train;

namespace Auspex.Learning.Leakage;

/// <summary>Looks for features that know the answer, or the asset, rather than its condition. Deterministic; made to be silent on honest features
/// however strong they are: each form has a mark that foreknowledge leaves and physics does not.</summary>
/// <remarks>Looked at are values, states and facts as they are read or derived: lags and windows are made of those by the feature room, which looks back only.</remarks>
public static class LeakageDetector
{
    private const int FewestOnsets = 5;
    private const double SameOnsets = 0.9;
    private const int MostLevels = 20;
    private const int FewestAssets = 5;
    private const int MostCategories = 1_000;
    private const int FewestRowsOfACategory = 10;
    private const double EncodingError = 0.15;
    private const double CopyCorrelation = 0.98;
    private const int FewestChanges = 50;
    private const int MostRowsOfAPair = 20_000;
    private const double SameNumber = 1e-6;

    private static readonly int[] LabelShifts = [0, 1, -1];
    private static readonly int[] Leads = [1, 2, 3, 5];

    /// <summary>The features of a training table that look like leaks, at most one finding each, in the order of the columns.</summary>
    /// <param name="table">Rows of an asset together, in time order.</param>
    /// <param name="target">Which of its labels.</param>
    /// <param name="columns">How each column of the table is made.</param>
    public static IReadOnlyList<LeakageFinding> Find(TrainingTable table, int target, IReadOnlyList<FeatureColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count != table.Columns)
        {
            throw new ArgumentException($"The table has {table.Columns} columns, was told of {columns.Count}.", nameof(columns));
        }

        List<Range> assets = FeatureSeries.AssetRows(table.Assets);
        float[] labels = table.Labels[target];
        bool isCondition = Array.TrueForAll(labels, label => label is 0 or 1);
        int[] looked = [.. Enumerable.Range(0, columns.Count).Where(c =>
            columns[c].Kind is FeatureKind.Value or FeatureKind.State or FeatureKind.Fact or FeatureKind.FactState)];
        FeatureSeries[] series = [.. looked.Select(c => FeatureSeries.Of(table, c, assets))];
        FeatureSeries[] values = [.. series.Where((_, i) => columns[looked[i]].Kind == FeatureKind.Value)];
        var findings = new List<LeakageFinding>();
        foreach (FeatureSeries feature in series)
        {
            LeakageFinding? found = (isCondition ? OfOnsets(feature, labels) : OfLife(feature, labels))
                ?? Identifier(feature) ?? TargetEncoding(feature, labels)
                ?? (values.Contains(feature) ? FutureValue(feature, values) : null);
            if (found is not null)
            {
                findings.Add(found);
            }
        }

        return findings;
    }

    /// <summary>The instant at which a label turns true lies one horizon before a failure that has not happened: what turns with it, time after time,
    /// was told. An honest warning comes earlier or later.</summary>
    private static LeakageFinding? OfOnsets(FeatureSeries feature, float[] labels)
    {
        if (feature.Groups(MostLevels) is not { Count: > 1 } groups)
        {
            return null;
        }

        (double usual, List<int> rows) = groups.MaxBy(group => (group.Value.Count, -group.Key));
        if (2 * rows.Count < labels.Length)
        {
            return null;
        }

        foreach (int shift in LabelShifts)
        {
            (int onsets, int labelOnsets, int same) = (0, 0, 0);
            foreach (Range asset in feature.Assets)
            {
                for (int row = asset.Start.Value + 1; row < asset.End.Value; row++)
                {
                    bool isOnset = feature.Values[row] != usual && feature.Values[row - 1] == usual && !double.IsNaN(feature.Values[row]);
                    bool isLabelOnset = labels[row] == 1 && labels[row - 1] == 0;
                    int moved = row + shift;
                    onsets += isOnset ? 1 : 0;
                    labelOnsets += isLabelOnset ? 1 : 0;
                    same += isOnset && moved > asset.Start.Value && moved < asset.End.Value && labels[moved] == 1 && labels[moved - 1] == 0 ? 1 : 0;
                }
            }

            if (onsets >= FewestOnsets && same >= SameOnsets * onsets)
            {
                string when = shift == 0 ? "in the same row as the label" : shift > 0 ? "one row before the label" : "one row after the label";
                bool isLabel = shift != 0 && same >= SameOnsets * labelOnsets;
                return new LeakageFinding(feature.Name, isLabel ? LeakageForm.ShiftedLabel : LeakageForm.CauseColumn, FormattableString.Invariant(
                    $"It leaves its usual value {usual:0.###} {onsets} times, {same} of them {when}, which turns true {labelOnsets} times."));
            }
        }

        return null;
    }

    private static LeakageFinding? OfLife(FeatureSeries feature, float[] lives)
    {
        double spread = Spread([.. lives.Select(life => (double)life)]);
        foreach (int shift in LabelShifts)
        {
            double squares = 0;
            int rows = 0;
            foreach (Range asset in feature.Assets)
            {
                int from = asset.Start.Value + Math.Max(0, -shift);
                for (int row = from; row < asset.End.Value - Math.Max(0, shift); row++)
                {
                    double difference = feature.Values[row] - lives[row + shift];
                    if (!double.IsNaN(difference))
                    {
                        squares += difference * difference;
                        rows++;
                    }
                }
            }

            double error = Math.Sqrt(squares / rows);
            if (rows >= FewestChanges && 2 * rows >= lives.Length && error <= SameNumber * spread)
            {
                return new LeakageFinding(feature.Name, LeakageForm.ShiftedLabel, FormattableString.Invariant(
                    $"It is the remaining useful life {(shift == 0 ? "itself" : shift > 0 ? "of the next row" : "of the row before")}, to {error:0.#####} in {rows} rows."));
            }
        }

        return null;
    }

    /// <summary>A whole number that is another one for each asset and lies dense, or a count that runs on from one asset to the next.</summary>
    private static LeakageFinding? Identifier(FeatureSeries feature)
    {
        (double Low, double High)[] ranges = [.. feature.Assets.Select(asset => feature.Values[asset]).Where(v => !double.IsNaN(v[0])).Select(v => (v.Min(), v.Max())).OrderBy(r => r.Item1)];
        bool isWhole = feature.Values.All(v => double.IsNaN(v) || v == Math.Round(v));
        if (ranges.Length < FewestAssets || ranges.Length < feature.Assets.Count || !isWhole || ranges.Any(r => double.IsNaN(r.Low))
            || ranges.Zip(ranges.Skip(1)).Any(pair => pair.Second.Low <= pair.First.High))
        {
            return null;
        }

        double span = ranges[^1].High - ranges[0].Low + 1;
        if (ranges.All(r => r.Low == r.High))
        {
            return span <= 3 * ranges.Length
                ? new LeakageFinding(feature.Name, LeakageForm.Identifier, FormattableString.Invariant(
                    $"It is one whole number for each of {ranges.Length} assets, all different, from {ranges[0].Low} to {ranges[^1].High}."))
                : null;
        }

        long steps = 0;
        long ones = 0;
        foreach (Range asset in feature.Assets)
        {
            for (int row = asset.Start.Value + 1; row < asset.End.Value; row++)
            {
                steps++;
                ones += feature.Values[row] - feature.Values[row - 1] == 1 ? 1 : 0;
            }
        }

        return ones >= SameOnsets * steps
            ? new LeakageFinding(feature.Name, LeakageForm.Identifier, FormattableString.Invariant(
                $"It counts rows: it grows by 1 in {ones} of {steps} rows and no two of {ranges.Length} assets share a value."))
            : null;
    }

    /// <summary>Values that equal the mean label of their rows: no measured quantity is in the label's own scale, group by group.</summary>
    private static LeakageFinding? TargetEncoding(FeatureSeries feature, float[] labels)
    {
        if (feature.Groups(MostCategories) is not { Count: > 2 } groups)
        {
            return null;
        }

        int rows = groups.Values.Sum(group => group.Count);
        if (rows < FewestRowsOfACategory * groups.Count)
        {
            return null;
        }

        double mean = groups.Sum(group => group.Key * group.Value.Count) / rows;
        double spread = Math.Sqrt(groups.Sum(group => (group.Key - mean) * (group.Key - mean) * group.Value.Count) / rows);
        double error = Math.Sqrt(groups.Sum(group =>
        {
            double difference = group.Key - group.Value.Average(row => labels[row]);
            return difference * difference * group.Value.Count;
        }) / rows);
        return spread > 0 && error <= EncodingError * spread
            ? new LeakageFinding(feature.Name, LeakageForm.TargetEncoding, FormattableString.Invariant(
                $"Its {groups.Count} values are the mean labels of the {rows} rows that have them, to {error:0.#####} where they differ by {spread:0.#####}."))
            : null;
    }

    /// <summary>Its changes are those of another signal that come later. Causes lead their effects too, but not at 0.98 row by row.</summary>
    private static LeakageFinding? FutureValue(FeatureSeries feature, FeatureSeries[] others)
    {
        foreach (FeatureSeries other in others.Where(o => o != feature))
        {
            double now = Changes(feature, other, 0);
            foreach (int lead in Leads)
            {
                double ahead = Changes(feature, other, lead);
                if (ahead >= CopyCorrelation && !(now >= CopyCorrelation))
                {
                    return new LeakageFinding(feature.Name, LeakageForm.FutureValue, FormattableString.Invariant(
                        $"Its changes are those of {other.Name} {lead} rows later: correlation {ahead:0.###}, in the same row {now:0.###}. ")
                        + $"Unless {other.Name} is an older copy, it is from the future.");
                }
            }
        }

        return null;
    }

    /// <summary>Correlation of the row-to-row changes of one signal with those of another some rows later; NaN when either hardly changes.</summary>
    private static double Changes(FeatureSeries feature, FeatureSeries later, int lead)
    {
        (double sx, double sy, double sxx, double syy, double sxy) = (0, 0, 0, 0, 0);
        (int rows, int changes) = (0, 0);
        foreach (Range asset in feature.Assets)
        {
            for (int row = asset.Start.Value + 1; row < asset.End.Value - lead && rows < MostRowsOfAPair; row++)
            {
                double x = feature.Values[row] - feature.Values[row - 1];
                double y = later.Values[row + lead] - later.Values[row + lead - 1];
                if (double.IsNaN(x) || double.IsNaN(y))
                {
                    continue;
                }

                rows++;
                changes += x != 0 ? 1 : 0;
                (sx, sy, sxx, syy, sxy) = (sx + x, sy + y, sxx + (x * x), syy + (y * y), sxy + (x * y));
            }
        }

        double varianceX = sxx - (sx * sx / rows);
        double varianceY = syy - (sy * sy / rows);
        // A ramp has changes and no variance in them: rounding must not pass for a correlation.
        bool varies = changes >= FewestChanges && varianceX > SameNumber * sxx && varianceY > SameNumber * syy;
        return varies ? (sxy - (sx * sy / rows)) / Math.Sqrt(varianceX * varianceY) : double.NaN;
    }

    private static double Spread(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / values.Length);
    }
}
