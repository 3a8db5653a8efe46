using System.Runtime.Intrinsics;

namespace Auspex.Models.Trees;

/// <summary>Exact path-dependent TreeSHAP (Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for
/// trees"): what each feature adds to a raw score. Contributions plus <see cref="BaseValues"/> are the raw score.
/// <para>A leaf counts by the features on its path only. With zⱼ the share of training rows that feature j's splits let through and oⱼ 1
/// when the row passes them, else 0, the Shapley value of feature i is v·(oᵢ − zᵢ)·∫₀¹ Πⱼ≠ᵢ (t·oⱼ + (1 − t)·zⱼ) dt. The integrand is a
/// polynomial with no negative term, so Gauss-Legendre points give it exactly and nothing cancels, however deep the path.</para>
/// A branch weighs its share of the covers of the two children; when both covers are 0, one half.</summary>
public sealed class TreeShap
{
    // A default model has some 100,000 parts; the worst tree within the limits of a file would have half a billion.
    private const int MaxParts = 4_000_000;

    private readonly Part[] _parts;
    private readonly Leaf[] _leaves;
    private readonly double[] _baseValues;
    private readonly int _featureCount;

    // Points and weights by path length: _points[k] is exact up to 8·(k + 1) features.
    private readonly Vector256<double>[][] _points;
    private readonly Vector256<double>[][] _weights;

    /// <summary>Lays out the paths of an ensemble, once for all rows.</summary>
    /// <exception cref="ModelFormatException">The paths of all leaves together have more than four million features.</exception>
    public TreeShap(TreeEnsemble ensemble)
    {
        ArgumentNullException.ThrowIfNull(ensemble);
        _featureCount = ensemble.FeatureCount;
        _baseValues = ensemble.BaseScores.ToArray();
        var parts = new List<Part>();
        var leaves = new List<Leaf>();
        var path = new List<Part>();
        var places = new int[_featureCount]; // of each feature in the path
        Array.Fill(places, -1);
        for (int index = 0; index < ensemble.TreeCount; index++)
        {
            Tree tree = ensemble.GetTree(index);
            Walk(tree, tree.Nodes.Length == 0 ? ~0 : 0, 1, path, places, parts, leaves);
        }

        _parts = [.. parts];
        _leaves = [.. leaves];
        int longest = Math.Max(1, _leaves.Length == 0 ? 1 : _leaves.Max(leaf => leaf.Count));
        _points = new Vector256<double>[((longest - 1) / 8) + 1][];
        _weights = new Vector256<double>[_points.Length][];
        for (int k = 0; k < _points.Length; k++)
        {
            (_points[k], _weights[k]) = GaussLegendre(4 * (k + 1));
        }
    }

    /// <summary>Of each target: the raw score that is expected when nothing of the row is known, the base score plus the mean of the leaves
    /// by cover.</summary>
    public ReadOnlySpan<double> BaseValues => _baseValues;

    /// <summary>Splits the raw scores of a row into what its features add. Allocates nothing.</summary>
    /// <param name="row">One value a feature; NaN for missing, which follows the splits as in <see cref="TreeEnsemble.Score"/>.</param>
    /// <param name="contributions">Receives targets × features values, row-major, in the unit of the raw score.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Explain(ReadOnlySpan<double> row, Span<double> contributions)
    {
        if (row.Length != _featureCount)
        {
            throw new ArgumentException($"The row has {row.Length} values, the model {_featureCount} features.", nameof(row));
        }

        if (contributions.Length != (long)_featureCount * _baseValues.Length)
        {
            throw new ArgumentException(
                $"There is room for {contributions.Length} contributions, needed is {_baseValues.Length} targets x {_featureCount} features.",
                nameof(contributions));
        }

        contributions.Clear();
        Span<bool> passes = stackalloc bool[TreeEnsemble.MaxDepth];
        foreach (ref readonly Leaf leaf in _leaves.AsSpan())
        {
            ReadOnlySpan<Part> path = _parts.AsSpan(leaf.First, leaf.Count);
            for (int i = 0; i < path.Length; i++)
            {
                passes[i] = path[i].Passes(row[path[i].Feature]);
            }

            Add(leaf.Value, path, passes, contributions.Slice(leaf.Target * _featureCount, _featureCount));
        }
    }

    private void Add(double value, ReadOnlySpan<Part> path, ReadOnlySpan<bool> passes, Span<double> contributions)
    {
        int size = (path.Length - 1) / 8;
        ReadOnlySpan<Vector256<double>> points = _points[size];
        ReadOnlySpan<Vector256<double>> weights = _weights[size];
        for (int k = 0; k < points.Length; k++)
        {
            Vector256<double> t = points[k];
            Vector256<double> rest = Vector256<double>.One - t;
            Vector256<double> product = weights[k] * value;
            for (int i = 0; i < path.Length; i++)
            {
                Vector256<double> share = rest * path[i].Weight;
                product *= passes[i] ? t + share : share;
            }

            // For a feature that does not pass, (0 − z) / ((1 − t)·z) is −1 / (1 − t) whatever its z, which may be 0.
            double failing = -Vector256.Sum(product / rest);
            for (int i = 0; i < path.Length; i++)
            {
                ref readonly Part part = ref path[i];
                contributions[part.Feature] += passes[i]
                    ? (1 - part.Weight) * Vector256.Sum(product / (t + (rest * part.Weight)))
                    : failing;
            }
        }
    }

    // Goes no deeper than TreeEnsemble.MaxDepth.
    private void Walk(Tree tree, int at, double weight, List<Part> path, int[] places, List<Part> parts, List<Leaf> leaves)
    {
        if (at < 0)
        {
            double value = tree.LeafValues[~at];
            _baseValues[tree.Target] += value * weight;
            if (path.Count > 0)
            {
                leaves.Add(new Leaf(value, tree.Target, parts.Count, path.Count));
                parts.AddRange(path);
            }

            if (parts.Count > MaxParts)
            {
                throw new ModelFormatException(
                    $"The paths of the trees have more than {MaxParts} features together, too many to explain: train with fewer or flatter trees.");
            }

            return;
        }

        TreeNode node = tree.Nodes[at];
        double left = Cover(tree, node.Left);
        double both = left + Cover(tree, node.Right);
        double leftShare = both > 0 ? left / both : 0.5;
        bool isNew = places[node.Feature] < 0;
        if (isNew)
        {
            places[node.Feature] = path.Count;
            path.Add(Part.Any(node.Feature));
        }

        int place = places[node.Feature];
        Part before = path[place];

        path[place] = before.Left(node, leftShare);
        Walk(tree, node.Left, weight * leftShare, path, places, parts, leaves);
        path[place] = before.Right(node, 1 - leftShare);
        Walk(tree, node.Right, weight * (1 - leftShare), path, places, parts, leaves);
        path[place] = before;
        if (isNew)
        {
            path.RemoveAt(place);
            places[node.Feature] = -1;
        }
    }

    private static double Cover(Tree tree, int child) => child < 0 ? tree.LeafCovers[~child] : tree.NodeCovers[child];

    // Roots of the Legendre polynomial by Newton's method from Tricomi's approximation, moved from [-1, 1] to [0, 1].
    private static (Vector256<double>[] Points, Vector256<double>[] Weights) GaussLegendre(int count)
    {
        var points = new double[count];
        var weights = new double[count];
        for (int i = 0; i < count; i++)
        {
            double x = Math.Cos(Math.PI * (i + 0.75) / (count + 0.5));
            double slope = 0;
            for (int step = 0; step < 10; step++)
            {
                double previous = 1;
                double present = x;
                for (int degree = 2; degree <= count; degree++)
                {
                    (previous, present) = (present, ((((2 * degree) - 1) * x * present) - ((degree - 1) * previous)) / degree);
                }

                slope = count * ((x * present) - previous) / ((x * x) - 1);
                x -= present / slope;
            }

            points[i] = (1 + x) / 2;
            weights[i] = 1 / ((1 - (x * x)) * slope * slope);
        }

        return (Vectors(points), Vectors(weights));

        static Vector256<double>[] Vectors(double[] values) =>
            [.. Enumerable.Range(0, values.Length / 4).Select(i => Vector256.Create(values, i * 4))];
    }

    private readonly record struct Leaf(double Value, int Target, int First, int Count);

    /// <summary>All splits of one path on one feature.</summary>
    /// <param name="Above">Values at or below this do not pass; NaN when every value is above.</param>
    /// <param name="UpTo">Largest value that passes.</param>
    /// <param name="Weight">Product of the branches' shares of training rows.</param>
    /// <param name="Feature">Column of the row.</param>
    /// <param name="Missing">Whether NaN passes.</param>
    private readonly record struct Part(double Above, double UpTo, double Weight, int Feature, bool Missing)
    {
        public static Part Any(int feature) => new(double.NaN, double.PositiveInfinity, 1, feature, true);

        public bool Passes(double value) => double.IsNaN(value) ? Missing : value <= UpTo && !(value <= Above);

        public Part Left(TreeNode node, double share) => this with
        {
            UpTo = Math.Min(UpTo, node.Threshold),
            Weight = Weight * share,
            Missing = Missing && node.MissingLeft,
        };

        public Part Right(TreeNode node, double share) => this with
        {
            Above = double.MaxNumber(Above, node.Threshold),
            Weight = Weight * share,
            Missing = Missing && !node.MissingLeft,
        };
    }
}
