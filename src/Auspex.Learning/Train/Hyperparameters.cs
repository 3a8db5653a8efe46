using System.Globalization;

namespace Auspex.Learning.Train;

/// <summary>What decides how trees grow, by the names of the training request. The defaults were chosen on held-out rows of training sides
/// only (<c>docs/decisions/0008-trainer-defaults.md</c>).</summary>
public sealed record Hyperparameters
{
    /// <summary>Most leaves of a tree. Default 31.</summary>
    public int NumLeaves { get; init; } = 31;

    /// <summary>Most splits on the way to a leaf. Default 6.</summary>
    public int MaxDepth { get; init; } = 6;

    /// <summary>Step of each tree, where the live budget does not ask for longer ones. Default 0.04.</summary>
    public double LearningRate { get; init; } = 0.04;

    /// <summary>Share of the columns drawn for each tree. Default 0.4.</summary>
    public double FeatureFraction { get; init; } = 0.4;

    /// <summary>Share of the rows drawn at each bagging. Default 0.7.</summary>
    public double BaggingFraction { get; init; } = 0.7;

    /// <summary>Rows are drawn again every so many trees. Default 1.</summary>
    public int BaggingFreq { get; init; } = 1;

    /// <summary>Fewest rows of a leaf. Default 30.</summary>
    public int MinDataInLeaf { get; init; } = 30;

    /// <summary>L2 penalty on leaf values. Default 5.</summary>
    public double LambdaL2 { get; init; } = 5;

    /// <summary>What the lengths of all windows and lags are multiplied with. Default 1.</summary>
    public double WindowScale { get; init; } = 1;

    /// <summary>Name and value of each, in the order above.</summary>
    public IReadOnlyList<(string Name, string Value)> Named() =>
    [
        ("numLeaves", Text(NumLeaves)), ("maxDepth", Text(MaxDepth)), ("learningRate", Text(LearningRate)),
        ("featureFraction", Text(FeatureFraction)), ("baggingFraction", Text(BaggingFraction)), ("baggingFreq", Text(BaggingFreq)),
        ("minDataInLeaf", Text(MinDataInLeaf)), ("lambdaL2", Text(LambdaL2)), ("windowScale", Text(WindowScale)),
    ];

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
