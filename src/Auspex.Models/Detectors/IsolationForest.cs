using Auspex.Models.Trees;

namespace Auspex.Models.Detectors;

/// <summary>Isolation forest of F. T. Liu, K. M. Ting and Z.-H. Zhou, "Isolation Forest", ICDM 2008: score 2^(−E[h(x)] / c(n)), h being the path length of a
/// row in a tree of random cuts and c(n) that of an average row among n.</summary>
/// <remarks>A leaf of the ensemble holds the path length it stands for, so all that serves tree models serves it. A missing value goes the way that more of
/// the rows took which the tree was made from: it sets no row apart.</remarks>
public sealed class IsolationForest : AnomalyDetector
{
    /// <summary>Trees of a forest that is fitted, as in the paper.</summary>
    internal const int Trees = 100;

    /// <summary>Rows that each tree is made from at most, as in the paper.</summary>
    internal const int Subsample = 256;

    private const double EulerMascheroni = 0.5772156649015329;

    private readonly Lazy<TreeShap> _shap;

    /// <param name="centre">Middle of each feature.</param>
    /// <param name="limit">Score from which a row is an anomaly, above 0 and at most 1.</param>
    /// <param name="ensemble">One target: the sum of the path lengths.</param>
    /// <param name="rowsPerTree">Rows each tree was made from, at least 2.</param>
    /// <exception cref="ModelFormatException">A rule is broken.</exception>
    internal IsolationForest(double[] centre, double limit, TreeEnsemble ensemble, int rowsPerTree)
        : base(centre, limit)
    {
        if (ensemble.FeatureCount != centre.Length || ensemble.TargetCount != 1 || rowsPerTree < 2 || !(limit is > 0 and <= 1)
            || centre.Any(value => !double.IsFinite(value)))
        {
            throw new ModelFormatException(FormattableString.Invariant(
                $"An isolation forest of {ensemble.FeatureCount} features with {centre.Length} middles, {ensemble.TargetCount} targets, {rowsPerTree} rows a tree and limit {limit} is none."));
        }

        Ensemble = ensemble;
        _shap = new Lazy<TreeShap>(() => new TreeShap(ensemble));
        RowsPerTree = rowsPerTree;
        Exponent = -Math.Log(2) / (ensemble.TreeCount * AveragePath(rowsPerTree));
    }

    /// <inheritdoc/>
    public override DetectorKind Kind => DetectorKind.IsolationForest;

    /// <summary>The trees; their sum is the path length of a row over all of them.</summary>
    public TreeEnsemble Ensemble { get; }

    /// <summary>Rows each tree was made from.</summary>
    public int RowsPerTree { get; }

    /// <summary>The score is exp(Exponent × sum of path lengths).</summary>
    internal double Exponent { get; }

    /// <summary>c(n): average path length of an unsuccessful search in a binary search tree of n nodes, 2 H(n − 1) − 2 (n − 1) / n with H(i) ≈ ln i + γ.</summary>
    internal static double AveragePath(int rows) =>
        rows <= 1 ? 0 : rows == 2 ? 1 : (2 * (Math.Log(rows - 1) + EulerMascheroni)) - (2.0 * (rows - 1) / rows);

    /// <summary>Fits a forest to normal rows.</summary>
    /// <param name="rows">Normal rows; NaN for missing.</param>
    /// <param name="used">Features that cuts are drawn from.</param>
    /// <param name="settings">False-alarm rate and seed.</param>
    internal static IsolationForest Fit(IReadOnlyList<double[]> rows, ReadOnlySpan<bool> used, DetectorSettings settings)
    {
        int features = used.Length;
        var centre = new double[features];
        for (int feature = 0; feature < features; feature++)
        {
            centre[feature] = rows.Select(row => row[feature]).Where(value => !double.IsNaN(value)).DefaultIfEmpty(0).Average();
        }

        int[] candidates = [.. Enumerable.Range(0, features).Where(used.ToArray().ElementAt)];
        int rowsPerTree = Math.Min(Subsample, rows.Count);
        var draw = new Draws((ulong)(uint)settings.Seed);
        var trees = new Tree[Trees];
        for (int tree = 0; tree < trees.Length; tree++)
        {
            trees[tree] = new IsolationTree(rows, candidates, draw).Grow(rowsPerTree);
        }

        var ensemble = new TreeEnsemble(features, [0.0], trees);
        if (ensemble.LeafCount == ensemble.TreeCount)
        {
            throw new DetectorException("No feature varies over the normal rows, so nothing tells what is not normal. Give other signals, or more normal rows.");
        }

        var open = new IsolationForest(centre, limit: 1, ensemble, rowsPerTree);
        return new IsolationForest(centre, LimitOf([.. rows.Select(row => open.Score(row)).Order()], settings.FalseAlarmRate), ensemble, rowsPerTree);
    }

    /// <inheritdoc/>
    public override double Explained(double score) => Math.Log(score);

    // Exact TreeSHAP of the path length: the shorter a feature makes it, the stranger the row.
    private protected override double ExplainRow(ReadOnlySpan<double> row, Span<double> contributions)
    {
        _shap.Value.Explain(row, contributions);
        for (int i = 0; i < contributions.Length; i++)
        {
            contributions[i] *= Exponent;
        }

        return Exponent * _shap.Value.BaseValues[0];
    }

    private protected override double ScoreRow(ReadOnlySpan<double> row)
    {
        Span<double> path = stackalloc double[1];
        Ensemble.Score(row, path);
        return Math.Exp(Exponent * path[0]);
    }

    // Halfway between two scores that normal rows have, so that no rounding of another runtime decides about a row.
    private static double LimitOf(double[] ascending, double falseAlarmRate)
    {
        int below = Math.Min(ascending.Length - 1, (int)Math.Ceiling((1 - falseAlarmRate) * ascending.Length) - 1);
        double last = ascending[below];
        double next = ascending.FirstOrDefault(score => score > last * (1 + 1e-9), 1);
        return last + ((Math.Min(1, next) - last) / 2);
    }
}
