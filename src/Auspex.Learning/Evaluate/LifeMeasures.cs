using Auspex.Core.Predictions;

namespace Auspex.Learning.Evaluate;

/// <summary>Errors d = predicted − true of remaining useful life; late (d &gt; 0) is the dangerous side.</summary>
/// <param name="Count">Predictions judged.</param>
/// <param name="Rmse">Root of the mean of d².</param>
/// <param name="Nasa">Sum of the asymmetric score of A. Saxena et al., "Damage Propagation Modeling for Aircraft Engine Run-to-Failure
/// Simulation", PHM08: exp(−d/13) − 1 for d &lt; 0, else exp(d/10) − 1; lower is better; +∞ where it leaves the range of a double.</param>
/// <param name="MeanAbsoluteError">Mean of |d|.</param>
/// <param name="Bias">Mean of d; above 0 the model promises more life than there is.</param>
public sealed record LifeErrors(int Count, double Rmse, double Nasa, double MeanAbsoluteError, double Bias)
{
    /// <summary>Score of one error, in the unit in which PHM08 defines it: cycles.</summary>
    public static double NasaScore(double error) => error < 0 ? Math.Exp(-error / 13) - 1 : Math.Exp(error / 10) - 1;

    /// <summary>Sums up errors.</summary>
    /// <param name="errors">Predicted − true, none of them NaN; all figures of an empty sequence but the count are NaN.</param>
    public static LifeErrors Of(IReadOnlyCollection<double> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        int n = errors.Count;
        // Scaled by the largest, so that squares of very wrong predictions stay inside a double.
        double largest = errors.Select(Math.Abs).DefaultIfEmpty(0).Max();
        double scale = largest is > 0 and < double.PositiveInfinity ? largest : 1;
        double meanSquare = errors.Sum(d => d / scale * (d / scale)) / n;
        return new LifeErrors(
            n,
            scale * Math.Sqrt(meanSquare),
            n == 0 ? double.NaN : errors.Sum(NasaScore),
            errors.Sum(Math.Abs) / n,
            errors.Sum() / n);
    }
}

/// <summary>The last prediction of one asset.</summary>
/// <param name="Asset">The asset.</param>
/// <param name="At">Time of its last row.</param>
/// <param name="Predicted">Predicted life; NaN when the model gave none.</param>
/// <param name="True">True life, uncapped; NaN when not known.</param>
public sealed record LastLifePrediction(string Asset, DateTimeOffset At, double Predicted, double True);

/// <summary>How well remaining useful life was told, in the label's life unit. Capped errors compare with min(true, cap), the target that
/// was taught; raw errors with the true life. The prediction itself is never capped here.</summary>
/// <param name="Unit">Unit of all lengths of life.</param>
/// <param name="Cap">The cap; null for none, and capped figures equal raw ones.</param>
/// <param name="Assets">Assets given.</param>
/// <param name="AssetsNotJudged">Assets whose last row has no prediction or no known life, or which have no row.</param>
/// <param name="RowsNotJudged">Rows without prediction or known life.</param>
/// <param name="LastRowsCapped">Capped errors at the last row of each asset: the protocol of the C-MAPSS benchmark.</param>
/// <param name="LastRowsRaw">Raw errors at the last row of each asset.</param>
/// <param name="AllRowsCapped">Capped errors over all rows, each counting alike.</param>
/// <param name="AllRowsRaw">Raw errors over all rows.</param>
/// <param name="LastRows">The last row of each asset, in ordinal order of the assets.</param>
/// <param name="Stages">Errors by what life was left, over all rows: five bands up to the cap (or up to the longest life), and what lies
/// beyond.</param>
/// <param name="AlphaLambda">Lives told within 20 % of the truth at a quarter, half and three quarters of the watched life.</param>
/// <param name="Shape">Whether the predicted life behaves as a remaining life does.</param>
/// <param name="Intervals">How the 90 % intervals held; null when the model gives none.</param>
/// <param name="RunToFailure">Every judged asset is at its failure in its last row.</param>
/// <param name="Notes">What a reader must know about these figures, in sentences.</param>
public sealed record LifeMeasures(
    string Unit,
    double? Cap,
    int Assets,
    int AssetsNotJudged,
    long RowsNotJudged,
    LifeErrors LastRowsCapped,
    LifeErrors LastRowsRaw,
    LifeErrors AllRowsCapped,
    LifeErrors AllRowsRaw,
    IReadOnlyList<LastLifePrediction> LastRows,
    IReadOnlyList<LifeStage> Stages,
    IReadOnlyList<AlphaLambda> AlphaLambda,
    LifeShape Shape,
    LifeIntervals? Intervals,
    bool RunToFailure,
    IReadOnlyList<string> Notes)
{
    private const int StageCount = 5;
    private const double Alpha = 0.2;

    /// <summary>Compares predicted with true life.</summary>
    /// <param name="predictions">One entry an asset.</param>
    /// <param name="label">Life unit and cap.</param>
    /// <exception cref="ArgumentException">An asset is given twice, its arrays differ in length, or its intervals have one end only.</exception>
    public static LifeMeasures Of(IReadOnlyList<AssetLifePredictions> predictions, LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(label);
        AssetLifePredictions[] assets = [.. predictions.OrderBy(p => p.Asset)];
        List<JudgedLife> last = [];
        List<JudgedLife> all = [];
        List<LastLifePrediction> lastRows = [];
        long rowsNotJudged = 0;
        for (int i = 0; i < assets.Length; i++)
        {
            AssetLifePredictions asset = assets[i];
            int rows = asset.TimesUnixMs.Length;
            if (asset.Predicted.Length != rows || asset.True.Length != rows
                || (asset.Lower?.Length ?? rows) != rows || (asset.Upper?.Length ?? rows) != rows || (asset.Lower is null) != (asset.Upper is null)
                || (i > 0 && assets[i - 1].Asset == asset.Asset))
            {
                throw new ArgumentException(
                    $"Asset '{asset.Asset}' is given twice, its arrays differ in length, or an interval has one end only.", nameof(predictions));
            }

            for (int row = 0; row < rows; row++)
            {
                (double predicted, double real) = (asset.Predicted[row], asset.True[row]);
                bool judged = !double.IsNaN(predicted) && double.IsFinite(real);
                rowsNotJudged += judged ? 0 : 1;
                if (judged)
                {
                    all.Add(new JudgedLife(predicted, real, asset.Lower?[row] ?? double.NaN, asset.Upper?[row] ?? double.NaN));
                }

                if (row == rows - 1)
                {
                    lastRows.Add(new LastLifePrediction(
                        asset.Asset.Value, DateTimeOffset.FromUnixTimeMilliseconds(asset.TimesUnixMs[row]), predicted, real));
                    if (judged)
                    {
                        last.Add(all[^1]);
                    }
                }
            }
        }

        double cap = label.LifeCap ?? double.PositiveInfinity;
        LifeErrors Errors(IEnumerable<JudgedLife> rows, double at) =>
            LifeErrors.Of([.. rows.Select(r => r.Predicted - Math.Min(r.True, at))]);
        LifeErrors lastRaw = Errors(last, double.PositiveInfinity);
        LifeErrors allRaw = Errors(all, double.PositiveInfinity);
        List<string> notes = [];
        bool runToFailure = last.Count > 0 && last.TrueForAll(r => r.True <= 0);
        if (runToFailure)
        {
            notes.Add("Every asset is at its failure in its last row, so last-row figures judge only the last moment: read the all-rows figures.");
        }

        if (double.IsInfinity(lastRaw.Nasa) || double.IsInfinity(allRaw.Nasa))
        {
            notes.Add("A NASA score is too large for a double and is given as null: a prediction is off by thousands.");
        }

        return new LifeMeasures(
            label.LifeUnit ?? "", label.LifeCap, assets.Length, assets.Length - last.Count, rowsNotJudged,
            Errors(last, cap), lastRaw, Errors(all, cap), allRaw, lastRows,
            StagesOf(all, label.LifeCap, rows => Errors(rows, cap)),
            [Within(assets, 0.25), Within(assets, 0.5), Within(assets, 0.75)],
            LifeShape.Of(assets),
            assets.Any(asset => asset.Lower is not null) ? IntervalsOf(last, all, cap) : null,
            runToFailure, notes);
    }

    private static LifeStage[] StagesOf(List<JudgedLife> all, double? cap, Func<IEnumerable<JudgedLife>, LifeErrors> errors)
    {
        double end = cap ?? all.Select(r => r.True).DefaultIfEmpty(0).Max();
        if (!(end > 0))
        {
            return [];
        }

        double width = end / StageCount;
        ILookup<int, JudgedLife> banded = all.ToLookup(r => (int)Math.Clamp(r.True / width, 0, StageCount));
        return
        [
            .. Enumerable.Range(0, StageCount + 1).Select(band => new LifeStage(
                band * width, band < StageCount ? (band + 1) * width : null, errors(banded[band]))),
        ];
    }

    private static AlphaLambda Within(AssetLifePredictions[] assets, double lambda)
    {
        int judged = 0;
        int within = 0;
        foreach (AssetLifePredictions asset in assets)
        {
            // The first row from which that share of the life watched has passed; an asset whose rows end before is not judged.
            int first = Array.FindIndex(asset.True, double.IsFinite);
            int at = first < 0 ? -1 : Array.FindIndex(asset.True, first, life => life <= (1 - lambda) * asset.True[first]);
            if (at < 0 || double.IsNaN(asset.Predicted[at]))
            {
                continue;
            }

            judged++;
            within += Math.Abs(asset.Predicted[at] - asset.True[at]) <= Alpha * asset.True[at] ? 1 : 0;
        }

        return new AlphaLambda(Alpha, lambda, judged, Estimate.Share(within, judged));
    }

    private static LifeIntervals IntervalsOf(List<JudgedLife> last, List<JudgedLife> all, double cap)
    {
        IntervalGroup Group(IEnumerable<JudgedLife> rows)
        {
            JudgedLife[] told = [.. rows.Where(r => !double.IsNaN(r.Lower) && !double.IsNaN(r.Upper))];
            int covered = told.Count(r => Math.Min(r.True, cap) >= r.Lower && Math.Min(r.True, cap) <= r.Upper);
            return new IntervalGroup(told.Length, Estimate.Share(covered, told.Length),
                told.Length == 0 ? double.NaN : told.Average(r => r.Upper - r.Lower));
        }

        JudgedLife[] ascending = [.. all.OrderBy(r => r.Predicted)];
        return new LifeIntervals(Group(last), Group(all),
            [.. Enumerable.Range(0, 3).Select(third => Group(ascending[(third * ascending.Length / 3)..((third + 1) * ascending.Length / 3)]))]);
    }

    private readonly record struct JudgedLife(double Predicted, double True, double Lower, double Upper);
}
