using Auspex.Core.Predictions;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Trees;

public sealed class LightGbmModelTextTests
{
    // Two trees over two features, as LightGBM lays them out: x0 <= 0.5 ? (x1 <= -2 ? -1 : 3) : 2, and a constant.
    private static readonly string TreeZero = string.Join(
        '\n', "Tree=0", "num_leaves=3", "num_cat=0", "split_feature=0 1", "split_gain=9 1", "threshold=0.5 -2", "decision_type=2 8",
        "left_child=1 -1", "right_child=-2 -3", "leaf_value=-1 2 3", "leaf_weight=1 1 1", "leaf_count=10 20 30", "internal_value=0 0",
            "internal_weight=0 1",
        "internal_count=60 40", "is_linear=0", "shrinkage=1", "", "", "");

    private static readonly string TreeOne = string.Join(
        '\n', "Tree=1", "num_leaves=1", "num_cat=0", "split_feature=", "split_gain=", "threshold=", "decision_type=", "left_child=",
        "right_child=", "leaf_value=0.25", "leaf_weight=0", "leaf_count=0", "internal_value=", "internal_weight=",
        "internal_count=", "is_linear=0", "shrinkage=1", "", "", "");

    private static readonly string Small = Model(TreeZero, TreeOne);

    [Theory]
    [InlineData("binary")]
    [InlineData("life")]
    [InlineData("classes")]
    public void Score_RowsOfLightGbm_AreItsRawScoresToTheBit(string name)
    {
        LightGbmModel model = Fixture.Model(name);
        var scores = new double[model.Ensemble.TargetCount];

        foreach ((double[] row, double[] expected) in Fixture.Rows(name))
        {
            model.Ensemble.Score(row, scores);

            Assert.Equal(expected, scores);
        }
    }

    [Fact]
    public void Score_RandomForest_IsTheMeanOverIterations()
    {
        TreeEnsemble forest = Fixture.Model("forest").Ensemble;
        var score = new double[1];

        foreach ((double[] row, double[] sum) in Fixture.Rows("forest"))
        {
            forest.Score(row, score);

            Assert.Equal(sum[0] / 9, score[0], 1e-14);
        }
    }

    [Fact]
    public void Parse_ModelOfLightGbm_KeepsNamesObjectiveAndCovers()
    {
        LightGbmModel model = Fixture.Model("binary");

        Assert.Equal(["load", "slope", "state", "delta", "drift", "on"], model.FeatureNames);
        Assert.Equal("binary sigmoid:1", model.Objective);
        Assert.Equal(25, model.Ensemble.TreeCount);
        Assert.Equal([0.0], model.Ensemble.BaseScores.ToArray());
        for (int i = 0; i < model.Ensemble.TreeCount; i++)
        {
            Tree tree = model.Ensemble.GetTree(i);
            Assert.Equal(3000, tree.NodeCovers[0]); // rows trained on
            Assert.Equal(3000, tree.LeafCovers.Sum());
        }
    }

    [Fact]
    public void Parse_SmallModel_ReadsEachField()
    {
        LightGbmModel model = LightGbmModelText.Parse(Small);

        Tree tree = model.Ensemble.GetTree(0);
        Assert.Equal([new TreeNode(0.5, 0, 1, ~1, true), new TreeNode(-2, 1, ~0, ~2, false)], tree.Nodes);
        Assert.Equal([60, 40], tree.NodeCovers);
        Assert.Equal([-1, 2, 3], tree.LeafValues);
        Assert.Equal([10, 20, 30], tree.LeafCovers);
        Assert.Equal([0.25], model.Ensemble.GetTree(1).LeafValues);
    }

    [Theory]
    [InlineData(0.5, -2, -0.75)]
    [InlineData(0.5, -1.9, 3.25)]
    [InlineData(0.6, -2, 2.25)]
    [InlineData(double.NaN, -2, -0.75)] // missing type none: NaN is 0, and 0 <= 0.5
    [InlineData(0, double.NaN, 3.25)] // missing type NaN without default left
    public void Score_SmallModel_FollowsTheSplits(double x0, double x1, double expected)
    {
        var score = new double[1];

        LightGbmModelText.Parse(Small).Ensemble.Score([x0, x1], score);

        Assert.Equal(expected, score[0]);
    }

    [Theory]
    [InlineData(double.MaxValue, -1)]
    [InlineData(double.PositiveInfinity, -1)]
    [InlineData(double.NegativeInfinity, -1)]
    [InlineData(double.NaN, 3)] // a split that parts nothing but missing from not missing
    public void Score_InfiniteThreshold_PartsMissingFromAllElse(double x1, double expected)
    {
        string tree = TreeZero.Replace("threshold=0.5 -2", "threshold=0.5 inf", StringComparison.Ordinal);
        TreeEnsemble read = LightGbmModelText.Parse(Model(tree, TreeOne)).Ensemble;
        byte[] file = OnnxModelWriter.Write(new OnnxModel(read, PredictionTask.Failure, "infinite", "v1.0.0"));
        var score = new double[1];

        OnnxModelReader.Read(file).Ensemble.Score([0, x1], score);

        Assert.Equal(expected + 0.25, score[0]);
    }

    [Theory]
    [InlineData("threshold=0.5 -2", "threshold=0.5 -inf", "threshold holds '-inf'")]
    [InlineData("leaf_value=-1 2 3", "leaf_value=-1 2 3\nleaf_value=-1 2 3", "'leaf_value' appears twice")]
    [InlineData("max_feature_idx=1", "max_feature_idx=1\nmax_feature_idx=1", "'max_feature_idx' appears twice")]
    [InlineData("threshold=0.5 -2", "threshold=nan -2", "threshold holds 'nan'")]
    [InlineData("threshold=0.5 -2", "threshold=0.5 1e999", "threshold holds '1e999'")]
    [InlineData("threshold=0.5 -2", "threshold=0,5 -2", "threshold holds '0,5'")]
    [InlineData("threshold=0.5 -2", "threshold=0.5", "threshold has 1 values; 2 are needed")]
    [InlineData("threshold=0.5 -2", "threshold=0.5  -2", "threshold has 3 values; 2 are needed")]
    [InlineData("leaf_value=-1 2 3", "leaf_value=-1 2 inf", "leaf_value holds 'inf'")]
    [InlineData("leaf_value=-1 2 3", "leaf_value=-1 2 3 4", "leaf_value has 4 values; 3 are needed")]
    [InlineData("leaf_value=-1 2 3\n", "", "'leaf_value' is missing")]
    [InlineData("leaf_count=10 20 30", "leaf_count=10 20", "leaf_count has 2 values")]
    [InlineData("internal_count=60 40", "internal_count=60 -40", "internal_count holds '-40'")]
    [InlineData("num_leaves=3", "num_leaves=4", "split_feature has 2 values; 3 are needed")]
    [InlineData("num_leaves=3", "num_leaves=0", "num_leaves holds '0'")]
    [InlineData("num_leaves=3", "num_leaves=2147483647", "over the limit of nodes")]
    [InlineData("decision_type=2 8", "decision_type=3 8", "categorical split")]
    [InlineData("decision_type=2 8", "decision_type=6 8", "takes 0 as missing")]
    [InlineData("decision_type=2 8", "decision_type=14 8", "has no missing type")]
    [InlineData("num_cat=0", "num_cat=1", "categorical splits are not supported")]
    [InlineData("is_linear=0", "is_linear=1", "linear leaves are not supported")]
    [InlineData("split_feature=0 1", "split_feature=0 2", "split_feature holds '2'")]
    [InlineData("split_feature=0 1", "split_feature=0 4294967296", "split_feature holds '4294967296'")]
    [InlineData("left_child=1 -1", "left_child=2 -1", "left_child holds '2'")]
    [InlineData("left_child=1 -1", "left_child=1 -4", "left_child holds '-4'")]
    [InlineData("left_child=1 -1", "left_child=0 -1", "left child 0 is the node itself")]
    [InlineData("left_child=1 -1", "left_child=1 0", "closes a cycle")]
    [InlineData("right_child=-2 -3", "right_child=-1 -3", "already has a parent")]
    [InlineData("Tree=0", "Tree=7", "numbered 7")]
    [InlineData("shrinkage=1", "shrinking=1", "'shrinking' is not known")]
    [InlineData("version=v4", "version=v3", "version is 'v3'")]
    [InlineData("feature_names=a b", "feature_names=a", "feature_names has 1 names")]
    [InlineData("max_feature_idx=1", "max_feature_idx=-1", "max_feature_idx holds '-1'")]
    [InlineData("num_class=1", "num_class=0", "num_class holds '0'")]
    [InlineData("num_tree_per_iteration=1", "num_tree_per_iteration=3", "num_tree_per_iteration is 3")]
    [InlineData("\n", "\r\n", "carriage return")]
    [InlineData("end of trees", "Tree=2", "'end of trees' does not follow")]
    public void Parse_DamagedModel_IsRefusedByName(string good, string bad, string expected)
    {
        Assert.Contains(good, Small, StringComparison.Ordinal);
        string trees = TreeZero.Replace(good, bad, StringComparison.Ordinal);
        string text = Model(trees, TreeOne) is var rebuilt && trees != TreeZero
            ? rebuilt
            : Small.Replace(good, bad, StringComparison.Ordinal);

        Refused(text, expected);
    }

    [Theory]
    [InlineData("tree_sizes=\\d+ \\d+\n", "", "'tree_sizes' is missing")]
    [InlineData("tree_sizes=(\\d+) \\d+", "tree_sizes=$1", "'end of trees' does not follow")]
    [InlineData("tree_sizes=(\\d+) (\\d+)", "tree_sizes=$2 $1", "Tree 0 does not end")]
    [InlineData("tree_sizes=(\\d+) \\d+", "tree_sizes=$1 700", "Tree 1: tree_sizes says 700 characters")]
    [InlineData("tree_sizes=.*", "tree_sizes=", "tree_sizes has 0 trees")]
    public void Parse_WrongTreeSizes_IsRefused(string pattern, string replacement, string expected) =>
        Refused(System.Text.RegularExpressions.Regex.Replace(Small, pattern, replacement), expected);

    [Fact]
    public void Parse_TruncatedAnywhere_IsRefused()
    {
        int end = Small.IndexOf("end of trees\n", StringComparison.Ordinal) + "end of trees\n".Length;
        for (int length = 0; length < end; length++)
        {
            Assert.Throws<ModelFormatException>(() => LightGbmModelText.Parse(Small[..length]));
        }

        LightGbmModelText.Parse(Small[..end]);
    }

    [Fact]
    public void Parse_OverTheLimits_IsRefused()
    {
        Refused(Small, "over the limit of nodes", new ModelLimits { MaxNodes = 4 });
        Refused(Small, "tree_sizes has 2 trees", new ModelLimits { MaxTrees = 1 });
        Refused(Small, "max_feature_idx holds '1'", new ModelLimits { MaxFeatures = 1 });
        Refused(Small, "the limit is 100", new ModelLimits { MaxTextLength = 100 });
        LightGbmModelText.Parse(Small,
            new ModelLimits { MaxNodes = 6, MaxTrees = 2, MaxFeatures = 2, MaxTargets = 1, MaxTextLength = Small.Length });
    }

    [Fact]
    public void Parse_RandomlyMutated_IsReadOrRefusedOnly()
    {
        var random = new Random(50);
        const string alphabet = "0123456789-+.=e \nTreaflin_";
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            char[] text = Small.ToCharArray();
            for (int change = random.Next(3); change >= 0; change--)
            {
                text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            try
            {
                LightGbmModelText.Parse(new string(text));
            }
            catch (ModelFormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 19_999);
    }

    [Theory]
    [InlineData("binary", PredictionTask.Failure, true)]
    [InlineData("binary", PredictionTask.RemainingUsefulLife, false)]
    [InlineData("life", PredictionTask.RemainingUsefulLife, true)]
    [InlineData("classes", PredictionTask.Failure, false)]
    public void RequireObjectiveFor_Task_AcceptsItsOwnLinkOnly(string name, PredictionTask task, bool fits)
    {
        LightGbmModel model = Fixture.Model(name);

        if (fits)
        {
            model.RequireObjectiveFor(task);
        }
        else
        {
            Assert.Contains(model.Objective!, Assert.Throws<ModelFormatException>(() => model.RequireObjectiveFor(task)).Message,
                StringComparison.Ordinal);
        }
    }

    private static string Model(params string[] trees) => string.Join(
        '\n', "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0", "max_feature_idx=1", "objective=regression",
        "feature_names=a b", "feature_infos=[0:1] [-3:0]", "tree_sizes=" + string.Join(' ', trees.Select(tree => tree.Length)), "",
        string.Concat(trees) + "end of trees", "", "feature_importances:", "a=1", "");

    private static void Refused(string text, string expected, ModelLimits? limits = null) =>
        Assert.Contains(expected, Assert.Throws<ModelFormatException>(() => LightGbmModelText.Parse(text, limits)).Message,
            StringComparison.Ordinal);
}
