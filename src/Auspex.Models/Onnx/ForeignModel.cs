using Auspex.Models.Trees;

namespace Auspex.Models.Onnx;

/// <summary>What a foreign graph does to its raw scores.</summary>
public enum ScoreTransform
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The logistic function of each score.</summary>
    Logistic,

    /// <summary>Softmax over the scores.</summary>
    Softmax,

    /// <summary>Softmax over the scores that are not 0.</summary>
    SoftmaxZero,

    /// <summary>The inverse of the normal distribution function of each score.</summary>
    Probit,
}

/// <summary>Trees that another tool wrote as ONNX.</summary>
/// <param name="Ensemble">The trees; their raw scores are those of the operator before its transform. A tree whose leaves add to several scores is
/// there once for each.</param>
/// <param name="Transform">What the operator does to the scores; the scores here are before it.</param>
/// <param name="RowsAreFloat">Whether rows come to the trees in single precision, or have been in it on their way.</param>
/// <param name="IsOneScoreOfTwoClasses">Whether a classifier of two classes has one score, that of its second class.</param>
public sealed record ForeignModel(TreeEnsemble Ensemble, ScoreTransform Transform, bool RowsAreFloat, bool IsOneScoreOfTwoClasses)
{
    /// <summary>Name of the input.</summary>
    public string Input { get; init; } = "";

    /// <summary>Names of the outputs, in the order of the file.</summary>
    public IReadOnlyList<string> Outputs { get; init; } = [];

    /// <summary>The operators of the graph, in its order.</summary>
    public IReadOnlyList<string> Operators { get; init; } = [];

    /// <summary>A file of the same trees that gives their raw scores alone, rows x targets (two columns where one score tells two classes, the last being
    /// the score): without transform, labels and ZipMap. For comparing scorers.</summary>
    public ReadOnlyMemory<byte> ScoresOnly { get; init; }

    /// <summary>Raw scores of one row. Where the graph takes single precision the row is rounded to it first, so that every split decides as ONNX Runtime
    /// decides; the leaves are added in double, ONNX Runtime's in single precision.</summary>
    /// <param name="row">One value a feature; NaN for missing.</param>
    /// <param name="scores">Receives one raw score a target.</param>
    /// <exception cref="ArgumentException">A span has another length.</exception>
    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        if (!RowsAreFloat)
        {
            Ensemble.Score(row, scores);
            return;
        }

        var rounded = new double[row.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = (float)row[i];
        }

        Ensemble.Score(rounded, scores);
    }
}
