using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Models;
using Auspex.Models.Onnx;
using Auspex.Models.Tests;
using Auspex.Models.Trees;

namespace Auspex.Bench;

/// <summary>Both model parsers over damaged files: a parser gives a model or a <see cref="ModelFormatException"/>, within 100 ms and 64 MiB.</summary>
internal static class FuzzBench
{
    private const double MaxMilliseconds = 100;
    private const long MaxBytes = 64L << 20;

    /// <param name="args">How many damaged files, half of them ONNX; then the seed.</param>
    internal static void Run(string[] args)
    {
        int count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000_000;
        var random = new Random(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, features: 4, targets: 2, trees: 4, maxLeaves: 6);
        byte[] onnx = OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.Failure, "fuzz", "v1.0.0"));
        string text = File.ReadAllText(args.Length > 2 ? args[2] : throw new ArgumentException("Usage: fuzz COUNT SEED MODEL_TEXT"));
        (int read, int refused, double slowest, long most) = (0, 0, 0, 0);
        for (int i = 0; i < count; i++)
        {
            byte[]? file = i % 2 == 0 ? Mutations.Bytes(random, onnx) : null;
            string damaged = file is null ? Mutations.Text(random, text) : "";
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            (bool isRead, double took) = Parse(file, damaged);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            // A file that is slow is slow again; a machine that was busy, or a collection, is not.
            for (int again = 0; again < 3 && took > MaxMilliseconds / 10; again++)
            {
                took = Math.Min(took, Parse(file, damaged).Milliseconds);
            }

            (read, refused) = isRead ? (read + 1, refused) : (read, refused + 1);
            if (i >= 1000) // the first calls compile
            {
                slowest = Math.Max(slowest, took);
                most = Math.Max(most, bytes);
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count} damaged files: {read} read, {refused} refused, no crash; slowest {slowest:F1} ms, most allocated {most / 1048576.0:F2} MiB"));
        if (slowest >= MaxMilliseconds || most >= MaxBytes)
        {
            throw new InvalidOperationException($"A file took {MaxMilliseconds} ms or {MaxBytes} bytes, or more.");
        }
    }

    private static (bool IsRead, double Milliseconds) Parse(byte[]? onnx, string text)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime; // of the processor: on a busy machine a file waits longer than it takes
        bool isRead;
        try
        {
            _ = onnx is null ? LightGbmModelText.Parse(text).Ensemble : OnnxModelReader.Read(onnx).Ensemble;
            isRead = true;
        }
        catch (ModelFormatException)
        {
            isRead = false;
        }

        return (isRead, (Environment.CpuUsage.TotalTime - start).TotalMilliseconds);
    }
}
