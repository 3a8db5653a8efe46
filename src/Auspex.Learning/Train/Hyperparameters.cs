using System.Globalization;
using System.Text;
using Auspex.Core.Predictions;
using Auspex.Native.LightGbm;

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

    /// <summary>Boosted trees, or a random forest (<c>rf</c>), whose trees stand side by side. Default boosted (<c>gbdt</c>).</summary>
    public LightGbmBoosting Boosting { get; init; }

    /// <summary>Weighs positive rows up, or down below 1; of failures only. Calibration takes it out of the probabilities again. Default 1.</summary>
    public double ScalePosWeight { get; init; } = 1;

    /// <summary>Weighs the rarer label up until both weigh the same, instead of <see cref="ScalePosWeight"/>; of failures only. Default false.</summary>
    public bool IsUnbalance { get; init; }

    /// <summary>Whether components exclude each other: one multi-class booster, a softmax over no failure and the components, instead of one booster a
    /// component. Default false.</summary>
    public bool ExclusiveComponents { get; init; }

    /// <summary>The defaults for what is taught. Where each row is labelled by its own condition there are as many cases as rows, so leaves may be smaller
    /// and columns are drawn more freely than before failures, of which there are few.</summary>
    public static Hyperparameters For(LabelDefinition label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return label.Task == PredictionTask.Failure && label.Horizon == TimeSpan.Zero
            ? new Hyperparameters { MinDataInLeaf = 10, FeatureFraction = 0.8, LambdaL2 = 1 }
            : new Hyperparameters();
    }

    /// <summary>Name and value of each, in the order above.</summary>
    public IReadOnlyList<(string Name, string Value)> Named() =>
    [
        ("numLeaves", Text(NumLeaves)), ("maxDepth", Text(MaxDepth)), ("learningRate", Text(LearningRate)),
        ("featureFraction", Text(FeatureFraction)), ("baggingFraction", Text(BaggingFraction)), ("baggingFreq", Text(BaggingFreq)),
        ("minDataInLeaf", Text(MinDataInLeaf)), ("lambdaL2", Text(LambdaL2)), ("windowScale", Text(WindowScale)),
        ("boosting", Boosting == LightGbmBoosting.RandomForest ? "rf" : "gbdt"), ("scalePosWeight", Text(ScalePosWeight)),
        ("isUnbalance", IsUnbalance ? "true" : "false"), ("components", ExclusiveComponents ? "exclusive" : "independent"),
    ];

    /// <summary>The same by the names that LightGBM and records of trainings use, such as <c>num_leaves</c>.</summary>
    public IEnumerable<(string Name, string Value)> Recorded() => Named().Select(one => (Snake(one.Name), one.Value));

    /// <summary>The same with one of them set.</summary>
    /// <param name="name">As <see cref="Named"/> gives it.</param>
    /// <param name="value">A number in the invariant culture, or one of the words that it takes.</param>
    /// <exception cref="ArgumentException">The name is not known, or the value is out of its range; the message names both.</exception>
    public Hyperparameters With(string name, string value)
    {
        switch (name, value)
        {
            case ("boosting", "gbdt"):
                return this with { Boosting = LightGbmBoosting.Gradient };
            case ("boosting", "rf"):
                return this with { Boosting = LightGbmBoosting.RandomForest };
            case ("boosting", _):
                throw new ArgumentException($"boosting must be gbdt or rf, was '{value}'.", nameof(value));
            case ("components", "independent" or "exclusive"):
                return this with { ExclusiveComponents = value == "exclusive" };
            case ("components", _):
                throw new ArgumentException($"components must be independent or exclusive, was '{value}'.", nameof(value));
            case ("isUnbalance", "true" or "false"):
                return this with { IsUnbalance = value == "true" };
            case ("isUnbalance", _):
                throw new ArgumentException($"isUnbalance must be true or false, was '{value}'.", nameof(value));
        }

        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number))
        {
            throw new ArgumentException($"{name} must be a number, was '{value}'.", nameof(value));
        }

        int Whole(int least, int most) => number == Math.Floor(number) && number >= least && number <= most
            ? (int)number
            : throw new ArgumentException($"{name} must be a whole number from {least} to {most}, was '{value}'.", nameof(value));
        double Within(double above, double most) => number > above && number <= most
            ? number
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} must be above {above} and at most {most}, was '{value}'."), nameof(value));
        return name switch
        {
            "numLeaves" => this with { NumLeaves = Whole(2, 4_096) },
            "maxDepth" => this with { MaxDepth = Whole(1, 64) },
            "learningRate" => this with { LearningRate = Within(0, 1) },
            "featureFraction" => this with { FeatureFraction = Within(0, 1) },
            "baggingFraction" => this with { BaggingFraction = Within(0, 1) },
            "baggingFreq" => this with { BaggingFreq = Whole(0, 1_000) },
            "minDataInLeaf" => this with { MinDataInLeaf = Whole(1, 1_000_000) },
            "lambdaL2" => this with { LambdaL2 = number == 0 ? 0 : Within(0, 1e6) },
            "scalePosWeight" => this with { ScalePosWeight = Within(0, 1e6) },
            "windowScale" => this with { WindowScale = Within(0.01, 100) },
            _ => throw new ArgumentException($"'{name}' is no hyperparameter; they are {string.Join(", ", Named().Select(one => one.Name))}.", nameof(name)),
        };
    }

    private static string Snake(string name)
    {
        var snake = new StringBuilder();
        foreach (char letter in name)
        {
            snake.Append(char.IsUpper(letter) ? "_" : "").Append(char.ToLowerInvariant(letter));
        }

        return snake.ToString();
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
