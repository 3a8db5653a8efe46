namespace Auspex.Models;

/// <summary>A continuous function through knots, straight between them and constant outside: y₀ + Σ slopeₖ · clip(x − xₖ, 0, widthₖ), term by
/// term as our ONNX graphs compute it.</summary>
internal sealed class PiecewiseLinear
{
    /// <param name="x">At least two, strictly ascending.</param>
    /// <param name="y">As many.</param>
    public PiecewiseLinear(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        First = y[0];
        Starts = [.. x.Take(x.Count - 1)];
        Widths = [.. Starts.Select((start, k) => x[k + 1] - start)];
        Slopes = [.. Widths.Select((width, k) => (y[k + 1] - y[k]) / width)];
    }

    /// <summary>Value up to the first knot.</summary>
    public double First { get; }

    /// <summary>Where each straight piece begins.</summary>
    public double[] Starts { get; }

    /// <summary>How long each piece is.</summary>
    public double[] Widths { get; }

    /// <summary>How steep each piece is.</summary>
    public double[] Slopes { get; }

    public double At(double x)
    {
        double y = 0;
        for (int k = 0; k < Starts.Length; k++)
        {
            y += Math.Min(Math.Max(x - Starts[k], 0), Widths[k]) * Slopes[k];
        }

        return y + First;
    }
}
