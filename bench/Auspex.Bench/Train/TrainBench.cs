using System.Diagnostics;
using System.Globalization;
using Auspex.Native.LightGbm;

namespace Auspex.Bench.Train;

/// <summary>LightGBM as Auspex drives it, on the rows that bench/train.py gives to its peers.</summary>
internal static class TrainBench
{
    /// <summary>FOLDER ROWS COLUMNS: writes training rows and a fifth as many to test on.</summary>
    internal static void Write(string[] arguments)
    {
        (string folder, int rows, int columns) = Of(arguments);
        Side(folder, "train").Write(rows, columns, seed: 1);
        Side(folder, "test").Write(rows / 5, columns, seed: 2);
    }

    /// <summary>FOLDER ROWS COLUMNS TREES THREADS: bins, trains and judges; one line of key=value.</summary>
    internal static void Run(string[] arguments)
    {
        (string folder, int rows, int columns) = Of(arguments);
        int trees = int.Parse(arguments[3], CultureInfo.InvariantCulture);
        var parameters = new LightGbmParameters
        {
            NumLeaves = 31,
            MaxDepth = -1,
            LearningRate = 0.1,
            FeatureFraction = 1,
            BaggingFreq = 0,
            BaggingFraction = 1,
            Seed = 1,
            Threads = int.Parse(arguments[4], CultureInfo.InvariantCulture),
        };
        TrainRows train = Side(folder, "train");
        float[] labels = train.Labels();

        var watch = Stopwatch.StartNew();
        using var builder = new LightGbmDatasetBuilder(rows, [.. Enumerable.Range(0, columns).Select(i => $"f{i}")], parameters);
        builder.AddSample(train.Take(builder.SampleRows, columns));
        train.ForEachBlock(columns, (block, count) => builder.Push(block.AsSpan(0, count * columns)));
        using LightGbmDataset binned = builder.Finish(labels, []);
        double bin = watch.Elapsed.TotalSeconds;

        watch.Restart();
        using LightGbmBooster booster = LightGbmBooster.Create(binned, parameters);
        for (int i = 0; i < trees; i++)
        {
            if (booster.Update())
            {
                break;
            }
        }

        double grow = watch.Elapsed.TotalSeconds;
        double peak = PeakMemory.MiB();
        TrainRows test = Side(folder, "test");
        var scores = new List<double>();
        test.ForEachBlock(columns, (block, count) => scores.AddRange(booster.PredictRaw(block.AsSpan(0, count * columns), count, columns)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"trainer=auspex bin_seconds={bin:0.00} train_seconds={grow:0.00} peak_mib={peak:0} auc={AreaUnderRoc([.. scores], test.Labels()):0.0000}"));
    }

    // The share of pairs of a positive and a negative row in which the positive one has the higher score; ties count half (Mann and Whitney).
    private static double AreaUnderRoc(double[] scores, float[] labels)
    {
        Array.Sort(scores, labels);
        double positives = labels.Count(label => label > 0);
        double negatives = labels.Length - positives;
        double below = 0;
        double wins = 0;
        for (int first = 0, end = 0; first < scores.Length; first = end)
        {
            double positive = 0;
            double negative = 0;
            for (; end < scores.Length && scores[end] == scores[first]; end++)
            {
                (positive, negative) = labels[end] > 0 ? (positive + 1, negative) : (positive, negative + 1);
            }

            wins += positive * (below + (negative / 2));
            below += negative;
        }

        return wins / (positives * negatives);
    }

    private static (string Folder, int Rows, int Columns) Of(string[] arguments) =>
        (arguments[0], int.Parse(arguments[1], CultureInfo.InvariantCulture), int.Parse(arguments[2], CultureInfo.InvariantCulture));

    private static TrainRows Side(string folder, string side) =>
        new(Path.Combine(folder, $"{side}-values.npy"), Path.Combine(folder, $"{side}-labels.npy"));
}
