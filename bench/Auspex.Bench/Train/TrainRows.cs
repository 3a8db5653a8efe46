using System.Runtime.InteropServices;
using Auspex.Learning.Train;

namespace Auspex.Bench.Train;

/// <summary>Rows to train on, in files that every trainer of the benchmark reads.</summary>
/// <param name="values">A file of rows x columns.</param>
/// <param name="labels">A file of one 0 or 1 a row.</param>
internal sealed class TrainRows(string values, string labels)
{
    private const int Block = 50_000;

    /// <summary>Writes rows as a physics set of that size has them: some columns that tell by themselves, some only together, the rest noise; about half of
    /// the rows positive, and no model above an AUC of about 0.9.</summary>
    internal void Write(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        var block = new double[Block * columns];
        var answers = new float[rows];
        using var writer = new NpyWriter<double>(values, columns);
        for (int first = 0; first < rows; first += Block)
        {
            int count = Math.Min(Block, rows - first);
            for (int row = 0; row < count; row++)
            {
                Span<double> x = block.AsSpan(row * columns, columns);
                for (int column = 0; column < columns; column++)
                {
                    x[column] = Normal(random);
                }

                double truth = x[0] + (0.5 * x[1]) - (x[2] * x[3]) + (x[4] > 1 ? 1.5 : 0) + Math.Sin(2 * x[5]) - (Math.Abs(x[6]) * (x[7] > 0 ? 1 : -0.5));
                answers[first + row] = truth + Normal(random) > 0 ? 1 : 0;
            }

            writer.Append(block.AsSpan(0, count * columns));
        }

        writer.Complete();
        NpyFile.Write<float>(labels, answers, rows);
    }

    /// <summary>Reads the labels.</summary>
    internal float[] Labels() => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(labels).AsSpan(128)).ToArray();

    /// <summary>Reads some rows, ascending, as one array.</summary>
    internal double[] Take(ReadOnlySpan<int> rows, int columns)
    {
        using FileStream file = File.OpenRead(values);
        var taken = new double[rows.Length * columns];
        for (int i = 0; i < rows.Length; i++)
        {
            file.Position = 128 + ((long)rows[i] * columns * sizeof(double));
            file.ReadExactly(MemoryMarshal.AsBytes(taken.AsSpan(i * columns, columns)));
        }

        return taken;
    }

    /// <summary>Reads all rows in blocks.</summary>
    internal void ForEachBlock(int columns, Action<double[], int> take)
    {
        using FileStream file = File.OpenRead(values);
        file.Position = 128;
        var block = new double[Block * columns];
        int read;
        while ((read = file.ReadAtLeast(MemoryMarshal.AsBytes(block.AsSpan()), block.Length * sizeof(double), throwOnEndOfStream: false)) > 0)
        {
            take(block, read / sizeof(double) / columns);
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
