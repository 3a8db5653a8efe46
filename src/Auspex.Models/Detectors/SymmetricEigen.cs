namespace Auspex.Models.Detectors;

/// <summary>Eigenvalues and eigenvectors of a real symmetric matrix by the cyclic Jacobi method (G. H. Golub, C. F. Van Loan, "Matrix Computations", 4th ed.,
/// section 8.5): slower than others, but each vector is orthogonal to the others to the last digits, and it is short.</summary>
internal static class SymmetricEigen
{
    private const int MaxSweeps = 60;

    /// <param name="matrix">n × n values, row-major, finite; only read.</param>
    /// <param name="n">Rows.</param>
    /// <returns>Eigenvalues from the largest down, and as many vectors, [vector][entry], of length 1, the largest entry of each positive.</returns>
    public static (double[] Values, double[][] Vectors) Of(ReadOnlySpan<double> matrix, int n)
    {
        double[] a = matrix.ToArray();
        double[][] rows = [.. Enumerable.Range(0, n).Select(i => Enumerable.Range(0, n).Select(j => i == j ? 1.0 : 0.0).ToArray())];
        double whole = SquaredSum(a);
        for (int sweep = 0; sweep < MaxSweeps && OffDiagonal(a, n) > whole * 1e-30; sweep++)
        {
            for (int p = 0; p < n - 1; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    Rotate(a, rows, n, p, q);
                }
            }
        }

        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => a[(i * n) + i])];
        return ([.. order.Select(i => a[(i * n) + i])], [.. order.Select(i => Positive(rows[i]))]);
    }

    private static void Rotate(double[] a, double[][] rows, int n, int p, int q)
    {
        double apq = a[(p * n) + q];
        if (apq == 0)
        {
            return;
        }

        // The smaller of the two angles that make a[p, q] vanish.
        double theta = (a[(q * n) + q] - a[(p * n) + p]) / (2 * apq);
        double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double c = 1 / Math.Sqrt((t * t) + 1);
        double s = t * c;
        for (int k = 0; k < n; k++)
        {
            (double kp, double kq) = (a[(k * n) + p], a[(k * n) + q]);
            a[(k * n) + p] = (c * kp) - (s * kq);
            a[(k * n) + q] = (s * kp) + (c * kq);
        }

        for (int k = 0; k < n; k++)
        {
            (double pk, double qk) = (a[(p * n) + k], a[(q * n) + k]);
            a[(p * n) + k] = (c * pk) - (s * qk);
            a[(q * n) + k] = (s * pk) + (c * qk);
            (double vp, double vq) = (rows[p][k], rows[q][k]);
            rows[p][k] = (c * vp) - (s * vq);
            rows[q][k] = (s * vp) + (c * vq);
        }

        a[(p * n) + q] = 0;
        a[(q * n) + p] = 0;
    }

    private static double OffDiagonal(double[] a, int n)
    {
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                sum += i == j ? 0 : a[(i * n) + j] * a[(i * n) + j];
            }
        }

        return sum;
    }

    private static double SquaredSum(double[] a) => a.Sum(value => value * value);

    // A vector and its negative say the same; one of them is chosen, so that the same rows give the same file.
    private static double[] Positive(double[] vector) =>
        vector.MaxBy(Math.Abs) < 0 ? [.. vector.Select(value => -value)] : vector;
}
