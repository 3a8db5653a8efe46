namespace Auspex.Models.Trees;

/// <summary>What raw scores mean: the same formulas, term by term, as the nodes that end our ONNX graphs.</summary>
public static class ModelOutputs
{
    /// <summary>Probability of a failure from its raw score (log odds): the logistic function.</summary>
    /// <returns>0 to 1, accurate to a few units in the last place over the whole range, unlike 1 − 1/(1 + eˣ), which loses small
    /// probabilities.</returns>
    public static double Probability(double score) => 1 / (1 + Math.Exp(-score));

    /// <summary>Probability that at least one component fails, components being independent given the row.</summary>
    /// <param name="scores">Raw score of each component; at least one.</param>
    /// <returns>The one probability, or 1 − exp(Σ log(1 − pₖ)); 0 to 1, off by less than 1e-15 absolutely.</returns>
    public static double AnyProbability(ReadOnlySpan<double> scores)
    {
        if (scores.Length == 1)
        {
            return Probability(scores[0]);
        }

        double logNone = 0;
        foreach (double score in scores)
        {
            logNone += Math.Log(Probability(-score)); // 1 − p(s) is p(−s), without the subtraction's loss
        }

        return 1 - Math.Exp(logNone);
    }

    /// <summary>Remaining useful life from the raw score, in the label's life unit: never below 0.</summary>
    public static double RemainingUsefulLife(double score) => Math.Max(score, 0);
}
