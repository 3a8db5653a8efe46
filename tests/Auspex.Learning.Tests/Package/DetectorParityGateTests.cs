using Auspex.Learning.Package;
using Auspex.Models;
using Auspex.Models.Detectors;
using Auspex.Models.Onnx;

namespace Auspex.Learning.Tests.Package;

public sealed class DetectorParityGateTests
{
    private static readonly double[][] Rows =
    [
        .. Enumerable.Range(0, 300).Select(i => new[] { 50 + Math.Sin(i * 0.7) + (0.2 * Math.Cos(i * 1.9)), 1e4 + (300 * Math.Sin(i * 0.7)), Math.Cos(i * 0.37), i % 5 == 0 ? double.NaN : i % 7 }),
    ];

    [Theory]
    [InlineData(DetectorKind.Pca, 0.9)]
    [InlineData(DetectorKind.Pca, 1)]
    [InlineData(DetectorKind.IsolationForest, 0.9)]
    public void Check_FittedDetector_AgreesWithOnnxRuntimeOnHostileRows(DetectorKind kind, double explainedVariance)
    {
        AnomalyDetector detector = Fit(kind, explainedVariance, seed: 1);

        ParityResult parity = DetectorParityGate.Check(detector, OnnxDetectorWriter.Write(new OnnxDetector(detector, "m", "v1.0.0")), Rows);

        Assert.InRange(parity.MaxDifference, 0, 1e-12);
        Assert.True(parity.HostileRows >= 40, $"{parity.HostileRows} hostile rows");
        Assert.Equal(300 + parity.HostileRows, parity.Rows);
    }

    [Fact]
    public void Check_FileOfAnotherDetector_IsRefused()
    {
        AnomalyDetector detector = Fit(DetectorKind.Pca, 0.9, 1);
        byte[] other = OnnxDetectorWriter.Write(new OnnxDetector(Fit(DetectorKind.IsolationForest, 0.9, 1), "m", "v1.0.0"));

        Assert.Contains("Parity: ONNX Runtime gives", Assert.Throws<ModelFormatException>(() => DetectorParityGate.Check(detector, other, Rows)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ForestOfAnotherSeed_IsRefused()
    {
        byte[] other = OnnxDetectorWriter.Write(new OnnxDetector(Fit(DetectorKind.IsolationForest, 0.9, 2), "m", "v1.0.0"));

        Assert.Throws<ModelFormatException>(() => DetectorParityGate.Check(Fit(DetectorKind.IsolationForest, 0.9, 1), other, Rows));
    }

    private static AnomalyDetector Fit(DetectorKind kind, double explainedVariance, int seed) => DetectorFit.Of(Rows, [true, true, true, true], new DetectorSettings
    {
        Kind = kind,
        PerAsset = false,
        First = 0,
        Smoothing = TimeSpan.Zero,
        Level = TimeSpan.Zero,
        FalseAlarmRate = 0.01,
        Margin = 1,
        ExplainedVariance = explainedVariance,
        Seed = seed,
    });
}
