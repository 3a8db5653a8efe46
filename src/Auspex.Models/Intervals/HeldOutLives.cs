namespace Auspex.Models.Intervals;

/// <summary>Predictions for rows that the model making them had not seen, with the true lives.</summary>
public sealed class HeldOutLives
{
    /// <param name="predicted">Predicted life of each row, finite; clipped to 0 and the cap as it is shown.</param>
    /// <param name="actual">True life of each row, finite and not negative; capped where the model is.</param>
    /// <param name="groups">Group of each row, such as its asset: rows of one are never on both sides.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a number is out of its range.</exception>
    public HeldOutLives(double[] predicted, double[] actual, int[] groups)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(groups);
        if (actual.Length != predicted.Length || groups.Length != predicted.Length)
        {
            throw new ArgumentException(
                $"There are {predicted.Length} predictions, {actual.Length} true lives and {groups.Length} groups; needed are as many of each.", nameof(predicted));
        }

        for (int row = 0; row < predicted.Length; row++)
        {
            if (!double.IsFinite(predicted[row]) || !double.IsFinite(actual[row]) || actual[row] < 0)
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"Row {row} is predicted {predicted[row]} and truly {actual[row]}; needed are finite numbers, the true one not negative."), nameof(predicted));
            }
        }

        (Predicted, Actual, Groups) = (predicted, actual, groups);
    }

    /// <summary>Predicted life of each row.</summary>
    public double[] Predicted { get; }

    /// <summary>True life of each row.</summary>
    public double[] Actual { get; }

    /// <summary>Group of each row.</summary>
    public int[] Groups { get; }

    /// <summary>Number of rows.</summary>
    public int Count => Predicted.Length;

    internal HeldOutLives Take(int[] rows) => new(
        Array.ConvertAll(rows, row => Predicted[row]), Array.ConvertAll(rows, row => Actual[row]), Array.ConvertAll(rows, row => Groups[row]));
}
