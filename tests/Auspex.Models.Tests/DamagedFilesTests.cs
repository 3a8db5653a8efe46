using System.Diagnostics;
using Auspex.Core.Predictions;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests;

/// <summary>A sample of what ./dev bench fuzz does ten million times.</summary>
public sealed class DamagedFilesTests
{
    private const int Files = 10_000;

    [Fact]
    public void OnnxModelReader_DamagedFiles_GivesAModelOrRefuses()
    {
        var random = new Random(21);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, features: 4, targets: 2, trees: 4, maxLeaves: 6);
        byte[] file = OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.Failure, "fuzz", "v1.0.0"));

        Run(() =>
        {
            byte[] damaged = Mutations.Bytes(random, file);
            return () => OnnxModelReader.Read(damaged);
        });
    }

    [Fact]
    public void LightGbmModelText_DamagedTexts_GivesAModelOrRefuses()
    {
        var random = new Random(22);
        string text = Fixture.Text("forest.txt");

        Run(() =>
        {
            string damaged = Mutations.Text(random, text);
            return () => LightGbmModelText.Parse(damaged);
        });
    }

    // Time is judged by the median only: a test machine may stop for longer than any one file takes. The benchmark judges the slowest.
    private static void Run(Func<Action> next)
    {
        var milliseconds = new double[Files];
        int refused = 0;
        for (int i = 0; i < Files; i++)
        {
            Action read = next();
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            try
            {
                read();
            }
            catch (ModelFormatException)
            {
                refused++;
            }

            milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - bytes, 0, 64L << 20);
        }

        Array.Sort(milliseconds);
        Assert.InRange(milliseconds[Files / 2], 0, 100);
        Assert.InRange(refused, Files / 2, Files); // the damage reaches the reader
    }
}
