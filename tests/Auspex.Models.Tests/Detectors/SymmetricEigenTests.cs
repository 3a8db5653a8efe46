using Auspex.Models.Detectors;

namespace Auspex.Models.Tests.Detectors;

public sealed class SymmetricEigenTests
{
    [Fact]
    public void Of_KnownMatrix_GivesItsEigenvalues()
    {
        (double[] values, _) = SymmetricEigen.Of([4, 1, -2, 2, 1, 2, 0, 1, -2, 0, 3, -2, 2, 1, -2, -1], 4);

        // numpy.linalg.eigvalsh
        double[] expected = [6.844621107234965, 2.2685314064312423, 1.0843644637732166, -2.1975169774394243];
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Of_RandomMatrices_VectorsAreOrthonormalAndGiveTheMatrixBack()
    {
        var random = new Random(3);
        for (int n = 1; n <= 40; n += 3)
        {
            double[] matrix = Symmetric(random, n);

            (double[] values, double[][] vectors) = SymmetricEigen.Of(matrix, n);

            Assert.Equal(values.OrderDescending(), values);
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j < n; j++)
                {
                    Assert.Equal(i == j ? 1 : 0, vectors[i].Zip(vectors[j], (a, b) => a * b).Sum(), 1e-12);
                    Assert.Equal(matrix[(i * n) + j], Enumerable.Range(0, n).Sum(k => values[k] * vectors[k][i] * vectors[k][j]), 1e-11);
                }

                Assert.True(vectors[i].MaxBy(Math.Abs) > 0);
            }
        }
    }

    [Fact]
    public void Of_EqualAndZeroEigenvalues_Ends()
    {
        (double[] same, _) = SymmetricEigen.Of([1, 0, 0, 0, 1, 0, 0, 0, 1], 3);
        (double[] rankOne, _) = SymmetricEigen.Of([1, 1, 1, 1, 1, 1, 1, 1, 1], 3);

        Assert.Equal([1.0, 1.0, 1.0], same);
        Assert.Equal(3, rankOne[0], 1e-14);
        Assert.All(rankOne[1..], value => Assert.Equal(0, value, 1e-14));
    }

    private static double[] Symmetric(Random random, int n)
    {
        var matrix = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                matrix[(i * n) + j] = matrix[(j * n) + i] = (2 * random.NextDouble()) - 1;
            }
        }

        return matrix;
    }
}
