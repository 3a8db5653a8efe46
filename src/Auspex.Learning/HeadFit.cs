using Auspex.Core.Predictions;
using Auspex.Learning.Train;
using Auspex.Models;
using Auspex.Models.Calibration;
using Auspex.Models.Intervals;
using Auspex.Models.Package;

namespace Auspex.Learning;

/// <summary>What held-out scores teach about how far a model can be believed.</summary>
/// <param name="Head">How raw scores become probabilities, or lives with intervals: fitted on all held-out rows.</param>
/// <param name="Calibration">The same for the manifest, with the tables of confidence; null for remaining useful life.</param>
/// <param name="OfFold">For each fold, the head fitted on the held-out rows of all other folds: held-out rows are judged by the head of their own
/// fold, so that no figure is told by what made it.</param>
/// <param name="ConfidenceOfFold">[fold][component] tables of confidence, fitted likewise; empty for remaining useful life.</param>
internal sealed record FittedHead(
    ModelHead Head, IReadOnlyList<ManifestCalibration>? Calibration, IReadOnlyList<ModelHead> OfFold, IReadOnlyList<IReadOnlyList<VennAbers>> ConfidenceOfFold);

/// <summary>Fits heads on held-out scores.</summary>
internal static class HeadFit
{
    /// <summary>Share of true lives that intervals are made to hold.</summary>
    private const double Coverage = 0.9;

    /// <summary>Calibrations of a failure model, one a component.</summary>
    /// <param name="table">The rows and their labels.</param>
    /// <param name="heldOut">[component][row] raw scores by members that had not seen the row.</param>
    /// <param name="folds">Which rows were held out together.</param>
    /// <param name="timeToFailure">Intervals of the time to failure; null where it is not told.</param>
    public static FittedHead OfFailure(TrainingTable table, IReadOnlyList<double[]> heldOut, Folds folds, LifeIntervals? timeToFailure)
    {
        int[] groups = GroupsOf(table);
        int[] foldOf = FoldsOf(table, folds);
        var calibrations = new ManifestCalibration[heldOut.Count];
        var ofFold = new ScoreCalibration[folds.Count][];
        var confidence = new VennAbers[folds.Count][];
        for (int fold = 0; fold < folds.Count; fold++)
        {
            ofFold[fold] = new ScoreCalibration[heldOut.Count];
            confidence[fold] = new VennAbers[heldOut.Count];
        }

        for (int component = 0; component < heldOut.Count; component++)
        {
            float[] labels = table.Labels[component];
            HeldOutScores Rows(int[] rows) => new(
                [.. rows.Select(row => heldOut[component][row])], [.. rows.Select(row => labels[row] > 0)], [.. rows.Select(row => (double)table.Weight(row))]);
            int[] all = [.. Enumerable.Range(0, table.Rows)];
            HeldOutScores every = Rows(all);
            ScoreCalibration chosen = CalibrationChoice.Of(every, groups).Calibration;
            calibrations[component] = new ManifestCalibration(chosen, VennAbers.Fit(every));
            for (int fold = 0; fold < folds.Count; fold++)
            {
                int[] others = [.. all.Where(row => foldOf[row] != fold)];
                HeldOutScores rest = Rows(others);
                ofFold[fold][component] = Both(labels, others) ? Again(chosen, rest) : chosen;
                confidence[fold][component] = VennAbers.Fit(rest);
            }
        }

        return new FittedHead(
            new FailureHead([.. calibrations.Select(calibration => calibration.Probability)], timeToFailure), calibrations,
            [.. ofFold.Select(fold => new FailureHead(fold, null))], confidence);
    }

    /// <summary>Calibrations of components that exclude each other: of each a sigmoid over the rows that fail by it or not at all, which together fit the
    /// multinomial logit (C. B. Begg, R. Gray, "Calculation of polychotomous logistic regression parameters using individualized regressions",
    /// Biometrika 71, 1984).</summary>
    /// <param name="table">The rows and their classes.</param>
    /// <param name="heldOut">[component][row] log odds against no failure by members that had not seen the row.</param>
    /// <param name="folds">Which rows were held out together.</param>
    /// <param name="timeToFailure">Intervals of the time to failure; null where it is not told.</param>
    public static FittedHead OfExclusive(TrainingTable table, IReadOnlyList<double[]> heldOut, Folds folds, LifeIntervals? timeToFailure)
    {
        int[] foldOf = FoldsOf(table, folds);
        HeldOutScores[] Rows(Func<int, bool> isTaken) =>
        [
            .. heldOut.Select((scores, component) =>
            {
                int[] every = [.. Enumerable.Range(0, table.Rows).Where(row => table.Classes[row] == 0 || table.Classes[row] == component + 1)];
                int[] taken = [.. every.Where(isTaken)];
                int[] rows = taken.Length > 0 ? taken : every;
                return new HeldOutScores(
                    [.. rows.Select(row => scores[row])], [.. rows.Select(row => table.Classes[row] > 0)], [.. rows.Select(row => (double)table.Weight(row))]);
            }),
        ];
        static ScoreCalibration Sigmoid(HeldOutScores rows) =>
            rows.Positive.Contains(true) && rows.Positive.Contains(false) ? SigmoidFit.Fit(rows) : new NoCalibration();
        HeldOutScores[] all = Rows(_ => true);
        HeldOutScores[][] others = [.. Enumerable.Range(0, folds.Count).Select(fold => Rows(row => foldOf[row] != fold))];
        ManifestCalibration[] calibrations = [.. all.Select(rows => new ManifestCalibration(Sigmoid(rows), VennAbers.Fit(rows)))];
        return new FittedHead(
            new FailureHead([.. calibrations.Select(calibration => calibration.Probability)], timeToFailure, exclusive: true), calibrations,
            [.. others.Select(rest => new FailureHead([.. rest.Select(Sigmoid)], null, exclusive: true))],
            [.. others.Select(rest => (IReadOnlyList<VennAbers>)[.. rest.Select(VennAbers.Fit)])]);
    }

    /// <summary>Cap and intervals of a life model.</summary>
    /// <param name="table">The rows; labels are capped.</param>
    /// <param name="heldOut">[row] raw scores by members that had not seen the row.</param>
    /// <param name="folds">Which rows were held out together.</param>
    /// <param name="label">Names the cap.</param>
    /// <param name="notes">Told when there are no intervals, and why.</param>
    public static FittedHead OfLife(TrainingTable table, double[] heldOut, Folds folds, LabelDefinition label, ICollection<string> notes)
    {
        var plain = new LifeHead(label.LifeCap, null);
        int[] groups = GroupsOf(table);
        int[] foldOf = FoldsOf(table, folds);
        HeldOutLives Rows(IEnumerable<int> rows) => new(
            [.. rows.Select(row => plain.RemainingUsefulLife(heldOut[row]))], [.. rows.Select(row => (double)table.Labels[0][row])], [.. rows.Select(row => groups[row])]);
        HeldOutLives[] parts =
        [
            Rows(Enumerable.Range(0, table.Rows)),
            .. Enumerable.Range(0, folds.Count).Select(fold => Rows(Enumerable.Range(0, table.Rows).Where(row => foldOf[row] != fold))),
        ];
        if (Array.Exists(parts, part => part.Count < LifeIntervalsFit.FewestRows || part.Groups.Distinct().Count() < 2))
        {
            notes.Add($"No intervals: {table.Rows} rows of {groups.Max() + 1} assets are too few to learn from how far predictions are off; "
                + $"without any one fold at least {LifeIntervalsFit.FewestRows} rows of 2 assets are needed.");
            return new FittedHead(plain, null, [.. Enumerable.Repeat<ModelHead>(plain, folds.Count)], []);
        }

        ModelHead[] heads = [.. parts.Select(part => new LifeHead(label.LifeCap, LifeIntervals.Fit(part, Coverage, label.LifeCap)))];
        return new FittedHead(heads[0], null, heads[1..], []);
    }

    /// <summary>Fold that held out each row.</summary>
    public static int[] FoldsOf(TrainingTable table, Folds folds)
    {
        var foldOf = new int[table.Rows];
        for (int fold = 0; fold < folds.Count; fold++)
        {
            foreach (int row in folds.HeldOutRows(fold))
            {
                foldOf[row] = fold;
            }
        }

        return foldOf;
    }

    // Rows of one asset resemble each other: they stand on one side together.
    internal static int[] GroupsOf(TrainingTable table)
    {
        var groups = new Dictionary<Core.Assets.AssetId, int>();
        return [.. table.Assets.Select(asset => groups.TryAdd(asset, groups.Count) ? groups.Count - 1 : groups[asset])];
    }

    private static bool Both(float[] labels, int[] rows) => Array.Exists(rows, row => labels[row] > 0) && Array.Exists(rows, row => !(labels[row] > 0));

    private static ScoreCalibration Again(ScoreCalibration kind, HeldOutScores rows) => kind switch
    {
        SigmoidCalibration => SigmoidFit.Fit(rows),
        IsotonicCalibration => IsotonicFit.Fit(rows),
        _ => kind,
    };
}
