using Auspex.Core.Predictions;

namespace Auspex.Models.Trees;

/// <summary>A LightGBM model as read from its text.</summary>
/// <param name="Ensemble">Its trees; the raw scores are those of LightGBM's raw prediction. For a random forest, whose raw prediction is the sum
/// over the iterations, they are the mean, which is what its own link is applied to.</param>
/// <param name="FeatureNames">One name a feature, in column order.</param>
/// <param name="Objective">LightGBM's objective with its parameters, such as <c>binary sigmoid:1</c>; null when the model names none.</param>
public sealed record LightGbmModel(TreeEnsemble Ensemble, IReadOnlyList<string> FeatureNames, string? Objective)
{
    /// <summary>Makes sure that the raw score means what our outputs of a task take it for: log odds, or remaining useful life itself.</summary>
    /// <param name="task">What the model is to be packaged for.</param>
    /// <exception cref="ModelFormatException">The objective has another link.</exception>
    public void RequireObjectiveFor(PredictionTask task)
    {
        bool fits = task switch
        {
            PredictionTask.Failure => Objective is "binary sigmoid:1" or "cross_entropy",
            _ => Objective is "regression" or "regression_l1" or "huber" or "fair" or "quantile" or "mape",
        };
        if (!fits)
        {
            string needed = task == PredictionTask.Failure ? "log odds (binary with sigmoid 1)" : "the life itself (regression, huber, quantile)";
            throw new ModelFormatException($"Objective '{Objective}' does not fit a {task} model: the raw score must be {needed}.");
        }
    }
}
