using System.Globalization;

namespace Auspex.Models.Trees;

/// <summary>Reads the model text that LightGBM 4.1 writes (LGBM_BoosterSaveModelToString). A text has one meaning or is refused: no key twice,
/// no key unknown, each tree exactly where <c>tree_sizes</c> says.</summary>
public static class LightGbmModelText
{
    private const string EndOfTrees = "end of trees\n";

    // decision_type: bit 0 categorical, bit 1 default left, bits 2 and 3 the missing type.
    private const int Categorical = 1;
    private const int DefaultLeft = 2;
    private const int MissingNone = 0;
    private const int MissingZero = 1;
    private const int MissingNaN = 2;

    // LightGBM's kZeroThreshold, a float. Its predictors take every |x| <= this as 0 before they compare.
    private const double ZeroThreshold = 1e-35f;

    private static readonly string[] HeaderKeys =
    [
        "version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx", "objective", "average_output", "feature_names",
        "monotone_constraints", "feature_infos", "tree_sizes",
    ];

    private static readonly string[] TreeKeys =
    [
        "Tree", "num_leaves", "num_cat", "split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child", "leaf_value",
        "leaf_weight", "leaf_count", "internal_value", "internal_weight", "internal_count", "cat_boundaries", "cat_threshold", "is_linear",
        "leaf_const", "num_features", "leaf_features", "leaf_coeff", "shrinkage",
    ];

    /// <summary>Reads a model.</summary>
    /// <param name="text">The whole text, lines ended by a line feed alone.</param>
    /// <param name="limits">How much it may ask for; null for the default.</param>
    /// <exception cref="ModelFormatException">The text is damaged, ambiguous, over a limit, or holds what is not supported: categorical splits,
    /// linear leaves, zero as missing.</exception>
    public static LightGbmModel Parse(string text, ModelLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        limits ??= ModelLimits.Default;
        if (text.Length > limits.MaxTextLength)
        {
            throw Refused($"The text has {text.Length} characters; the limit is {limits.MaxTextLength}.");
        }

        int carriageReturn = text.IndexOf('\r', StringComparison.Ordinal);
        if (carriageReturn >= 0)
        {
            throw Refused(
                $"Character {carriageReturn} is a carriage return: LightGBM ends lines with a line feed alone, and tree_sizes counts on it.");
        }

        const string firstLine = "tree\n";
        int headerEnd = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (!text.StartsWith(firstLine, StringComparison.Ordinal) || headerEnd < 0)
        {
            throw Refused($"The text does not begin with 'tree' and a header that an empty line ends.");
        }

        LightGbmBlock header = LightGbmBlock.Read(text.AsMemory(firstLine.Length, headerEnd + 1 - firstLine.Length), "Header", HeaderKeys);
        if (header.Text("version") is not "v4")
        {
            throw Refused($"Header: version is '{header.Text("version")}'; only v4, which LightGBM 4 writes, is known.");
        }

        int classes = header.Integer("num_class", 1, limits.MaxTargets);
        int targets = header.Integer("num_tree_per_iteration", 1, limits.MaxTargets);
        int features = header.Integer("max_feature_idx", 0, limits.MaxFeatures - 1) + 1;
        string[] names = header.Text("feature_names").Split(' ');
        if (names.Length != features)
        {
            throw Refused($"Header: feature_names has {names.Length} names; max_feature_idx says {features}.");
        }

        int[] sizes = header.Integers("tree_sizes", header.Count("tree_sizes"), 1, text.Length);
        if (classes != targets)
        {
            throw Refused($"Header: num_tree_per_iteration is {targets} but num_class {classes}.");
        }

        if (sizes.Length == 0 || sizes.Length > limits.MaxTrees || sizes.Length % targets != 0)
        {
            throw Refused(
                $"Header: tree_sizes has {sizes.Length} trees; needed are 1 to {limits.MaxTrees}, a multiple of num_tree_per_iteration {targets}.");
        }

        // A random forest ("average_output") gives the mean over its iterations.
        double divisor = header.Flag("average_output") ? sizes.Length / targets : 1;
        var trees = new Tree[sizes.Length];
        int at = headerEnd + 2;
        int room = limits.MaxNodes;
        for (int tree = 0; tree < sizes.Length; tree++)
        {
            if (sizes[tree] > text.Length - at)
            {
                throw Refused($"Tree {tree}: tree_sizes says {sizes[tree]} characters, the text has {text.Length - at} left.");
            }

            trees[tree] = ReadTree(text.AsMemory(at, sizes[tree]), tree, tree % targets, features, divisor, ref room);
            at += sizes[tree];
        }

        // What follows (importances, parameters) tells of the training and does not enter a score.
        if (!text.AsSpan(at).StartsWith(EndOfTrees, StringComparison.Ordinal))
        {
            throw Refused($"'end of trees' does not follow the last tree at character {at}: tree_sizes and the trees disagree.");
        }

        // LightGBM has no base score: it adds its start (boost_from_average) to the leaves of the first trees.
        return new LightGbmModel(
            new TreeEnsemble(features, new double[targets], trees), names, header.Has("objective") ? header.Text("objective") : null);
    }

    private static Tree ReadTree(ReadOnlyMemory<char> text, int index, int target, int features, double divisor, ref int room)
    {
        string place = string.Create(CultureInfo.InvariantCulture, $"Tree {index}");
        if (!text.Span.EndsWith("\n\n\n", StringComparison.Ordinal))
        {
            throw Refused($"{place} does not end with two empty lines where tree_sizes says it ends.");
        }

        LightGbmBlock block = LightGbmBlock.Read(text[..^2], place, TreeKeys);
        if (block.Integer("Tree", 0, int.MaxValue) != index)
        {
            throw Refused($"{place}: it is numbered {block.Text("Tree")}.");
        }

        if (block.Integer("num_cat", 0, int.MaxValue) != 0 || block.Has("cat_threshold") || block.Has("cat_boundaries"))
        {
            throw Refused(
                $"{place}: num_cat is {block.Text("num_cat")}; categorical splits are not supported: train without categorical_feature.");
        }

        if (block.Text("is_linear") is not "0" || block.Has("leaf_coeff") || block.Has("leaf_const"))
        {
            throw Refused($"{place}: is_linear is {block.Text("is_linear")}; linear leaves are not supported: train with linear_tree=false.");
        }

        int leaves = block.Integer("num_leaves", 1, int.MaxValue);
        int count = leaves - 1;
        if ((long)leaves + count > room)
        {
            throw Refused($"{place}: num_leaves is {leaves}, which takes the model over the limit of nodes: {room} are left.");
        }

        room -= leaves + count;
        int[] feature = block.Integers("split_feature", count, 0, features - 1);
        double[] threshold = block.Numbers("threshold", count, infinite: true);
        int[] decision = block.Integers("decision_type", count, 0, 15);
        int[] left = block.Integers("left_child", count, -leaves, count - 1);
        int[] right = block.Integers("right_child", count, -leaves, count - 1);
        var nodes = new TreeNode[count];
        for (int node = 0; node < count; node++)
        {
            nodes[node] = new TreeNode(
                EffectiveThreshold(threshold[node]),
                feature[node],
                left[node],
                right[node],
                MissingGoesLeft(decision[node], threshold[node], place, node));
        }

        // leaf_value already holds the shrinkage; the mean of a forest is the sum of leaves divided beforehand.
        double[] values = block.Numbers("leaf_value", leaves);
        for (int leaf = 0; leaf < leaves; leaf++)
        {
            values[leaf] /= divisor;
        }

        return new Tree(
            target,
            nodes,
            Array.ConvertAll(block.Integers("internal_count", count, 0, int.MaxValue), rows => (double)rows),
            values,
            Array.ConvertAll(block.Integers("leaf_count", leaves, 0, int.MaxValue), rows => (double)rows));
    }

    private static bool MissingGoesLeft(int decision, double threshold, string place, int node)
    {
        if ((decision & Categorical) != 0)
        {
            throw Refused($"{place}, node {node}: decision_type {decision} is a categorical split, which is not supported.");
        }

        return (decision >> 2) switch
        {
            MissingNone => 0 <= threshold, // LightGBM takes NaN as 0 where training saw none
            MissingNaN => (decision & DefaultLeft) != 0,
            MissingZero => throw Refused(
                $"{place}, node {node}: decision_type {decision} takes 0 as missing, which is not supported: train with zero_as_missing=false."),
            _ => throw Refused($"{place}, node {node}: decision_type {decision} has no missing type."),
        };
    }

    // LightGBM sets |x| <= kZeroThreshold to 0 when it predicts, we do not; this makes the threshold say the same of every x. LightGBM's
    // own bins end at -kZeroThreshold and kZeroThreshold and never between, so of what it trains only x = -kZeroThreshold itself would be
    // decided otherwise: it lies at or below the threshold -kZeroThreshold, but the 0 it is taken for does not. One step down mends that
    // and moves no other x.
    private static double EffectiveThreshold(double threshold) => threshold switch
    {
        >= -ZeroThreshold and < 0 => Math.BitDecrement(-ZeroThreshold),
        >= 0 and < ZeroThreshold => ZeroThreshold,
        _ => threshold,
    };

    internal static ModelFormatException Refused(FormattableString message) =>
        new("LightGBM model text: " + FormattableString.Invariant(message));
}
