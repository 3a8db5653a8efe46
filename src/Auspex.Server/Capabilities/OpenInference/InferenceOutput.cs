using Auspex.Core.Predictions;
using Auspex.Flow.Predict;

namespace Auspex.Server.Capabilities.OpenInference;

/// <summary>One output tensor of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Columns">Values a row; null for a tensor of one dimension.</param>
/// <param name="First">Place of its first value among what a model says of a row; -1 for the raw scores, -2 where it comes of an explanation.</param>
internal sealed record InferenceOutput(string Name, int? Columns, int First)
{
    private const int Scores = -1;
    private const int OfExplanation = -2;

    /// <summary>Shape for a number of rows.</summary>
    public IReadOnlyList<long> Shape(long rows) => Columns is { } columns ? [rows, columns] : [rows];

    /// <summary>The outputs of a model.</summary>
    public static IReadOnlyList<InferenceOutput> Of(LiveModel model)
    {
        var outputs = new List<InferenceOutput>
        {
            new("score", model.TargetCount, Scores),
            new("probability", null, PredictionColumns.Probability),
            new("confidence", null, PredictionColumns.Confidence),
            new(model.Version.Task == PredictionTask.RemainingUsefulLife ? "remainingUsefulLife" : "timeToFailure", 3, PredictionColumns.Time),
        };
        if (model.Columns.Components.Count > 0)
        {
            outputs.Add(new InferenceOutput("componentProbabilities", model.Columns.Components.Count, PredictionColumns.FirstComponent));
        }

        return outputs;
    }

    /// <summary>The outputs of an explanation.</summary>
    public static IReadOnlyList<InferenceOutput> Explained(LiveModel model) =>
    [
        new("score", null, OfExplanation), new("base", null, OfExplanation), new("contributions", model.Plan.Definition.Columns.Count, OfExplanation),
    ];

    /// <summary>Scores rows.</summary>
    /// <returns>Values of each output of <see cref="Of"/>, row-major.</returns>
    public static IReadOnlyList<double[]> Infer(ModelUse use, InferenceRows rows, CancellationToken ct)
    {
        LiveModel model = use.Model;
        IReadOnlyList<InferenceOutput> outputs = Of(model);
        double[][] values = [.. outputs.Select(output => new double[rows.Count * (output.Columns ?? 1)])];
        int features = model.Plan.Definition.Columns.Count;
        var scores = new double[model.TargetCount];
        var said = new double[model.Columns.Signals.Length];
        for (int row = 0; row < rows.Count; row++)
        {
            ct.ThrowIfCancellationRequested();
            model.Score(rows.Values.AsSpan(row * features, features), scores, said, degraded: false);
            for (int output = 0; output < values.Length; output++)
            {
                (int columns, int first) = (outputs[output].Columns ?? 1, outputs[output].First);
                Span<double> into = values[output].AsSpan(row * columns, columns);
                if (first == Scores)
                {
                    scores.CopyTo(into);
                }
                else if (first == PredictionColumns.Time)
                {
                    // Lower, median, upper, as the packages' own graphs give them.
                    (into[0], into[1], into[2]) = (said[PredictionColumns.Lower], said[PredictionColumns.Time], said[PredictionColumns.Upper]);
                }
                else
                {
                    said.AsSpan(first, columns).CopyTo(into);
                }
            }
        }

        return values;
    }

    /// <summary>Says what each feature adds to the score of the likeliest component of each row, or to the life.</summary>
    /// <returns>Values of each output of <see cref="Explained"/>, row-major.</returns>
    public static IReadOnlyList<double[]> Explain(ModelUse use, ModelExplanation explanation, InferenceRows rows, CancellationToken ct)
    {
        LiveModel model = use.Model;
        int features = model.Plan.Definition.Columns.Count;
        double[][] values = [new double[rows.Count], new double[rows.Count], new double[rows.Values.Length]];
        var scores = new double[model.TargetCount];
        var said = new double[model.Columns.Signals.Length];
        for (int row = 0; row < rows.Count; row++)
        {
            ct.ThrowIfCancellationRequested();
            ReadOnlySpan<double> of = rows.Values.AsSpan(row * features, features);
            model.Score(of, scores, said, degraded: false);
            int target = model.Columns.Likeliest(said);
            values[0][row] = scores[target];
            values[1][row] = explanation.Contributions(of, target, values[2].AsSpan(row * features, features));
        }

        return values;
    }
}
