using Auspex.Models.Detectors;

namespace Auspex.Models.Tests.Detectors;

/// <summary>Normal rows made by formula, so that another program can make them too, and settings to fit on them.</summary>
internal static class NormalOperation
{
    public const int Count = 200;

    /// <summary>Three signals: two move together, one alone.</summary>
    public static double[][] Three =>
    [
        .. Enumerable.Range(0, Count).Select(i => new[]
        {
            10 + (2 * Math.Sin(i * 0.7)) + (0.3 * Math.Cos(i * 1.3)),
            -5 + (4 * Math.Sin(i * 0.7)) + (0.5 * Math.Cos(i * 2.1)),
            100 + Math.Cos(i * 0.37),
        }),
    ];

    /// <summary>A cloud in two dimensions around the origin.</summary>
    public static double[][] Cloud =>
    [
        .. Enumerable.Range(0, Count).Select(i => new[] { Math.Sin(i * 1.7) + Math.Sin(i * 0.31), Math.Cos(i * 2.3) + Math.Sin(i * 0.17) }),
    ];

    public static DetectorSettings Settings(DetectorKind kind = DetectorKind.Pca) => new()
    {
        Kind = kind,
        PerAsset = false,
        First = 0,
        Smoothing = TimeSpan.Zero,
        Level = TimeSpan.Zero,
        FalseAlarmRate = 0.05,
        Margin = 1,
        ExplainedVariance = 0.9,
        Seed = 1,
    };

    public static AnomalyDetector Fitted(DetectorKind kind) => DetectorFit.Of(Three, [true, true, true], Settings(kind));
}
