using Auspex.Models.Detectors;

namespace Auspex.Models.Tests.Detectors;

public sealed class AssetDetectionTests
{
    private static readonly bool[] Used = [true, true, true];

    [Fact]
    public void Smoothed_RowsAtUnevenTimes_IsTheExponentialMeanOverTime()
    {
        IReadOnlyList<double[]> smoothed = AssetDetection.Smoothed([0, 1_000, 4_000, 5_000], [[10], [20], [double.NaN], [40]], TimeSpan.FromSeconds(2));

        double second = 10 + ((1 - Math.Exp(-0.5)) * 10);
        Assert.Equal(10, smoothed[0][0]);
        Assert.Equal(second, smoothed[1][0], 1e-12);
        Assert.True(double.IsNaN(smoothed[2][0])); // missing stays missing, and is bridged:
        Assert.Equal(second + ((1 - Math.Exp(-2)) * (40 - second)), smoothed[3][0], 1e-12);
    }

    [Fact]
    public void Next_WithoutSmoothingAndLevel_IsTheDetectorItself()
    {
        AnomalyDetector detector = NormalOperation.Fitted(DetectorKind.Pca);
        var detection = new AssetDetection(detector, Used, NormalOperation.Settings());
        int time = 0;
        foreach (double[] row in NormalOperation.Three.Append([12, -9, 100]))
        {
            AnomalyJudgement judged = detection.Next(time++, row);

            Assert.Equal(detector.Score(row), judged.Score);
            Assert.Equal(detector.IsAnomaly(detector.Score(row)), judged.IsAnomaly);
        }
    }

    [Fact]
    public void Explain_LastRow_AddsUpToItsScoreWhateverDriftWasFollowed()
    {
        DetectorSettings settings = NormalOperation.Settings() with { Smoothing = TimeSpan.FromSeconds(2), Level = TimeSpan.FromSeconds(20) };
        AnomalyDetector detector = DetectorFit.Of(NormalOperation.Three, Used, settings);
        var detection = new AssetDetection(detector, Used, settings);
        var parts = new double[3];
        Assert.Throws<InvalidOperationException>(() => detection.Explain(parts));
        double last = double.NaN;
        for (int i = 0; i < 50; i++)
        {
            last = detection.Next(i * 1_000L, NormalOperation.Three[i]).Score;
            (double score, double start) = detection.Explain(parts);
            Assert.Equal(last * last, score, 1e-12);
            Assert.Equal(score, start + parts.Sum(), 1e-9);
        }

        Assert.InRange(detection.Told[2], 98, 102); // as recorded, smoothed
        detection.Next(51_000, [double.NaN, double.NaN, double.NaN]);
        Assert.Throws<InvalidOperationException>(() => detection.Explain(parts));
    }

    [Fact]
    public void Next_SlowDrift_IsFollowedAndAStepIsNot()
    {
        DetectorSettings settings = NormalOperation.Settings() with { Margin = 2, Level = TimeSpan.FromSeconds(20) };
        AnomalyDetector detector = DetectorFit.Of(NormalOperation.Three, Used, settings);
        var following = new AssetDetection(detector, Used, settings);
        var fixedLevel = new AssetDetection(detector, Used, settings with { Level = TimeSpan.Zero });
        AnomalyJudgement last = default;
        int fixedAlarms = 0;
        long time = 0;
        for (int i = 0; i < 2_000; i++, time += 1_000)
        {
            double[] row = NormalOperation.Three[i % NormalOperation.Count];
            row[2] += i * 0.01; // 20 in all, where normal varies by ±1
            last = following.Next(time, row);
            Assert.False(last.IsAnomaly, $"row {i} scored {last.Score}");
            fixedAlarms += fixedLevel.Next(time, row).IsAnomaly ? 1 : 0;
        }

        Assert.True(fixedAlarms > 1_000);
        for (int i = 0; i < 500; i++, time += 1_000)
        {
            double[] row = NormalOperation.Three[i % NormalOperation.Count];
            row[2] += 20 + 10;
            Assert.True(following.Next(time, row).IsAnomaly); // an anomaly does not become normal by lasting
        }
    }

    [Fact]
    public void Next_OwnDetector_JudgesFromTheRowAfterItsFirst()
    {
        DetectorSettings settings = NormalOperation.Settings() with { PerAsset = true, First = 100, Smoothing = TimeSpan.FromMilliseconds(3) };
        var detection = new AssetDetection(null, Used, settings);
        long[] times = [.. Enumerable.Range(0, NormalOperation.Count).Select(i => (long)i)];
        AnomalyDetector expected = DetectorFit.Of([.. AssetDetection.Smoothed(times, NormalOperation.Three, settings.Smoothing).Take(100)], Used, settings);
        IReadOnlyList<double[]> smoothed = AssetDetection.Smoothed(times, NormalOperation.Three, settings.Smoothing);
        for (int i = 0; i < times.Length; i++)
        {
            AnomalyJudgement judged = detection.Next(times[i], NormalOperation.Three[i]);

            Assert.Equal(i < 100 ? double.NaN : expected.Score(smoothed[i]), judged.Score);
        }
    }

    [Fact]
    public void Next_FirstRowsThatNothingCanBeFittedOn_JudgeNoRowAndSayWhy()
    {
        var detection = new AssetDetection(null, Used, NormalOperation.Settings() with { PerAsset = true, First = 20 });
        for (int i = 0; i < 100; i++)
        {
            Assert.Null(i < 20 ? detection.Refusal : null);
            Assert.True(double.IsNaN(detection.Next(i, i < 20 ? [1, 2, 3] : [i, i, i]).Score));
        }

        Assert.Null(detection.Detector);
        Assert.StartsWith("No feature varies over the normal rows", detection.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_NothingKnown_IsNotJudgedAndChangesNothing()
    {
        AnomalyDetector detector = NormalOperation.Fitted(DetectorKind.Pca);
        var detection = new AssetDetection(detector, [true, true, false], NormalOperation.Settings() with { Level = TimeSpan.FromSeconds(5) });

        AnomalyJudgement judged = detection.Next(0, [double.NaN, double.NegativeInfinity, 5]);

        Assert.True(double.IsNaN(judged.Score));
        Assert.False(judged.IsAnomaly);
        Assert.Equal(detector.Score([10, -5, 100]), detection.Next(1, [10, -5, 100]).Score);
    }

    [Fact]
    public void Next_BadRows_AreRefused()
    {
        var detection = new AssetDetection(NormalOperation.Fitted(DetectorKind.Pca), Used, NormalOperation.Settings());
        detection.Next(5, [1, 2, 3]);

        Assert.Throws<ArgumentException>(() => detection.Next(5, [1, 2, 3]));
        Assert.Throws<ArgumentException>(() => detection.Next(6, [1, 2]));
    }
}
