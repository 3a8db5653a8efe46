using System.Diagnostics;
using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Tests;
using Auspex.Models.Trees;
using Auspex.Native.OnnxRuntime;

namespace Auspex.Bench;

/// <summary>Our scorer, reasons, and ONNX Runtime over the same rows of the same model; medians of repetitions taken in turn.</summary>
internal static class ScoreBench
{
    private const int Repetitions = 15;
    private const int ManyRows = 100_000;

    /// <param name="folders">Model packages to score beside a random model of 100 trees x 31 leaves x 50 features.</param>
    internal static void Run(string[] folders)
    {
        var random = new Random(1);
        var ensemble = new TreeEnsemble(50, [0], [.. Enumerable.Range(0, 100).Select(_ => RandomTrees.Tree(random, 0, 50, 31))]);
        Measure("random", ensemble, OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.RemainingUsefulLife, "random", "v1.0.0")), random);
        foreach (string folder in folders)
        {
            ModelPackage package = ModelPackage.Load(folder);
            Measure(folder, package.Ensemble, package.Model.ToArray(), random);
        }
    }

    private static void Measure(string name, TreeEnsemble ensemble, byte[] file, Random random)
    {
        int features = ensemble.FeatureCount;
        int targets = ensemble.TargetCount;
        double[] rows = RandomRows(ensemble, random);
        var ours = new double[ManyRows * targets];
        var contributions = new double[targets * features];
        var shap = new TreeShap(ensemble);
        using var session = new OnnxSession(file);
        double[] theirs = [];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"== {name}: {ensemble.TreeCount} trees, {ensemble.LeafCount} leaves, {features} features, {targets} targets"));

        int at = 0;
        ReadOnlySpan<double> Next() => rows.AsSpan((at = (at + 1) % 1000) * features, features);
        Compare(
            "one row",
            () => ensemble.Score(Next(), ours.AsSpan(0, targets)),
            () => session.Run(Next(), 1, features),
            times: 500,
            rowsEach: 1);
        Compare(
            "100,000 rows",
            () => ensemble.ScoreRows(rows, ours),
            () => theirs = session.Run(rows, ManyRows, features)["score"].Values,
            times: 1,
            rowsEach: ManyRows);
        void Explain() => shap.Explain(Next(), contributions);
        WarmUp(Explain);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"reasons of one row: {Nanoseconds(Explain, 100) / 1000:F1} us"));
        // The graph's score has no column for the time to failure, which comes last.
        int columns = theirs.Length / ManyRows;
        double difference = Enumerable.Range(0, theirs.Length).Max(i => Math.Abs(theirs[i] - ours[(i / columns * targets) + (i % columns)]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"largest difference of scores: {difference:G3}"));
    }

    private static void Compare(string what, Action ours, Action theirs, int times, int rowsEach)
    {
        var mine = new double[Repetitions];
        var peer = new double[Repetitions];
        WarmUp(ours);
        WarmUp(theirs);
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        ours();
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        for (int i = 0; i < Repetitions; i++)
        {
            mine[i] = Nanoseconds(ours, times);
            peer[i] = Nanoseconds(theirs, times);
        }

        Array.Sort(mine);
        Array.Sort(peer);
        (double us, double them) = (mine[Repetitions / 2], peer[Repetitions / 2]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {us / rowsEach:F0} ns a row, {bytes} bytes allocated; ONNX Runtime {them / rowsEach:F0} ns; ratio {them / us:F2}"));
    }

    // Long enough for the run-time to have compiled its best code.
    private static void WarmUp(Action run)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < 1)
        {
            run();
        }
    }

    private static double Nanoseconds(Action run, int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            run();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Math.Max(1, times);
    }

    // Values about the thresholds of each feature, so that rows part as those of a plant do; a twentieth is missing.
    private static double[] RandomRows(TreeEnsemble ensemble, Random random)
    {
        var thresholds = new List<double>[ensemble.FeatureCount];
        for (int feature = 0; feature < thresholds.Length; feature++)
        {
            thresholds[feature] = [];
        }

        foreach (TreeNode node in Enumerable.Range(0, ensemble.TreeCount).SelectMany(tree => ensemble.GetTree(tree).Nodes))
        {
            if (double.IsFinite(node.Threshold))
            {
                thresholds[node.Feature].Add(node.Threshold);
            }
        }

        var rows = new double[ManyRows * ensemble.FeatureCount];
        for (int i = 0; i < rows.Length; i++)
        {
            List<double> near = thresholds[i % ensemble.FeatureCount];
            rows[i] = random.Next(20) == 0 ? double.NaN : near.Count == 0 ? 0 : near[random.Next(near.Count)] + (random.NextDouble() - 0.5);
        }

        return rows;
    }
}
