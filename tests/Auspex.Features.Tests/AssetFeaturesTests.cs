using Auspex.Core.Assets;
using Auspex.Features.Definitions;
using FsCheck;
using FsCheck.Fluent;

namespace Auspex.Features.Tests;

public class AssetFeaturesTests
{
    private static readonly FeatureDefinition Definition = FeatureDefinition.Build(Histories.Schema, new FeatureOptions(
        [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)],
        [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(300)],
        RunningAge: true)
    {
        ChosenWindows =
        [
            new FeatureWindow(TimeSpan.FromSeconds(30), WindowStatistics.Mean),
            new FeatureWindow(TimeSpan.FromSeconds(120), WindowStatistics.Mean | WindowStatistics.Slope | WindowStatistics.FromStart),
            new FeatureWindow(TimeSpan.FromSeconds(90), WindowStatistics.Max),
        ],
        Ewma = [TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(100)],
        Calendar = true,
    });

    private static readonly FeaturePlan Plan = FeaturePlan.Of(Definition);

    [Fact]
    public void Next_AnyHistory_EqualsBruteForce() => Check(history =>
    {
        FeatureMatrix streamed = FeatureMatrix.Of(Plan, history);
        for (int row = 0; row < streamed.Rows; row++)
        {
            for (int c = 0; c < streamed.Columns; c++)
            {
                FeatureColumn column = Definition.Columns[c];
                double expected = BruteForce.Feature(Definition, history, row, column);
                AssertClose(expected, streamed.Row(row)[c], Scale(history, column), $"{column.Name} in row {row}");
            }
        }
    });

    [Fact]
    public void Of_ManyHistoriesInParallel_EqualsInterleavedStreamingBitForBit() => Check(history =>
    {
        AssetHistory[] histories = [history, Histories.Head(history, history.Count / 2), history];
        FeatureMatrix[] batch = [.. histories.AsParallel().AsOrdered().Select(one => FeatureMatrix.Of(Plan, one))];

        var live = histories.Select(h => new AssetFeatures(Plan, h.Facts)).ToArray();
        var waiting = histories.Select(h => new Queue<AssetEvent>(h.Events)).ToArray();
        var row = new double[Definition.Columns.Count];
        for (int i = 0; i < history.Count; i++)
        {
            for (int asset = 0; asset < histories.Length && i < history.Count; asset++)
            {
                if (i >= histories[asset].Count)
                {
                    continue;
                }

                // Live hears of an event when it happens, not at the start as the batch does.
                long now = histories[asset].TimesUnixMs[i];
                while (waiting[asset].TryPeek(out AssetEvent? next) && next.TimeUnixMs <= now)
                {
                    live[asset].Add(waiting[asset].Dequeue());
                }

                live[asset].Next(now, [.. histories[asset].Values.Select(v => v[i])], row);
                AssertSameBits(batch[asset].Row(i), row);
            }
        }
    });

    [Fact]
    public void InBlocks_SomeRows_AreThoseOfTheWholeBitForBit() => Check(history =>
    {
        FeatureMatrix whole = FeatureMatrix.Of(Plan, history);
        int[] rows = [.. Enumerable.Range(0, history.Count).Where(row => row % 3 != 1)];
        for (int most = 1; most <= rows.Length + 1; most += 1 + (rows.Length / 3))
        {
            int next = 0;
            foreach (FeatureMatrix block in FeatureMatrix.InBlocks(Plan, history, rows, most))
            {
                Assert.Equal((history.Asset, Math.Min(most, rows.Length - next)), (block.Asset, block.Rows));
                for (int i = 0; i < block.Rows; i++, next++)
                {
                    Assert.Equal(history.TimesUnixMs[rows[next]], block.TimesUnixMs[i]);
                    AssertSameBits(whole.Row(rows[next]), block.Row(i));
                }
            }

            Assert.Equal(rows.Length, next);
        }
    });

    [Theory]
    [InlineData(new[] { 0, 2, 2 }, "from 0 to 3; entry 2 is 2 after 2")]
    [InlineData(new[] { 1, 4 }, "entry 1 is 4 after 1")]
    [InlineData(new[] { -1 }, "entry 0 is -1.")]
    public void InBlocks_RowsNotThereOrNotAscending_NamesTheEntry(int[] rows, string expected)
    {
        var history = new AssetHistory(new AssetId("a"), [1, 2, 3, 4], [.. Histories.Schema.Signals.Select(_ => new double[4])],
            new double[Histories.Schema.Facts.Count], []);

        var error = Assert.Throws<ArgumentException>(() => FeatureMatrix.InBlocks(Plan, history, rows, 1).Count());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Empty(FeatureMatrix.InBlocks(Plan, history, [], 1));
    }

    [Fact]
    public void Next_RowsAppendedLater_ChangesNothingBefore() => Check(history =>
    {
        FeatureMatrix whole = FeatureMatrix.Of(Plan, history);
        int head = history.Count * 2 / 3;
        FeatureMatrix first = FeatureMatrix.Of(Plan, Histories.Head(history, head));

        AssertSameBits(whole.Values.AsSpan(0, first.Values.Length), first.Values);
    });

    [Fact]
    public void Next_StartedLate_GivesTheSameWindowsAndLags() => Check(history =>
    {
        // 300 s is the longest window: whoever has seen two panes of it has seen all that counts.
        FeatureMatrix whole = FeatureMatrix.Of(Plan, history);
        for (int from = 1; from < history.Count; from += 1 + (history.Count / 4))
        {
            var late = new AssetFeatures(Plan, history.Facts);
            var row = new double[Definition.Columns.Count];
            for (int i = from; i < history.Count; i++)
            {
                late.Next(history.TimesUnixMs[i], [.. history.Values.Select(v => v[i])], row);
                if (history.TimesUnixMs[i] < history.TimesUnixMs[from] + 600_000)
                {
                    continue;
                }

                for (int c = 0; c < row.Length; c++)
                {
                    if (Definition.Columns[c].Kind is not (FeatureKind.RunningAge or FeatureKind.ErrorCount or FeatureKind.SinceMaintenance
                        or FeatureKind.Ewma or FeatureKind.RollingFromStart))
                    {
                        Assert.Equal(BitConverter.DoubleToInt64Bits(whole.Row(i)[c]), BitConverter.DoubleToInt64Bits(row[c]));
                    }
                }
            }
        }
    });

    [Fact]
    public void Add_LateFrames_GiveRowsAsIfTheyHadComeInTheirPlace() => Check(history =>
    {
        var random = new Random(history.Count);
        var live = new AssetFeatures(Plan, history.Facts);
        history.Events.ToList().ForEach(live.Add);
        var row = new double[Definition.Columns.Count];
        var late = new List<int>();
        var arrived = new SortedSet<int>();
        for (int i = 0; i < history.Count; i++)
        {
            foreach (int waiting in late.Where(_ => random.Next(2) == 0).ToList())
            {
                Assert.Equal(
                    history.TimesUnixMs[waiting] > history.TimesUnixMs[arrived.Max] - Plan.ReachMs,
                    live.Add(history.TimesUnixMs[waiting], Histories.Frame(history, waiting)) && arrived.Add(waiting));
                late.Remove(waiting);
            }

            if (arrived.Count > 0 && random.Next(4) == 0)
            {
                late.Add(i);
                continue;
            }

            arrived.Add(i);
            live.Next(history.TimesUnixMs[i], Histories.Frame(history, i), row);
            AssetHistory sorted = Histories.Rows(history, [.. arrived]);
            AssertSameBits(FeatureMatrix.Of(Plan, sorted).Row(arrived.Count - 1), row);
        }
    });

    [Fact]
    public void Restore_AtAnyCut_GoesOnBitForBit() => Check(history =>
    {
        var random = new Random(history.Count);
        FeatureMatrix whole = FeatureMatrix.Of(Plan, history);
        int cut = random.Next(history.Count + 1);
        var first = new AssetFeatures(Plan, history.Facts);
        var row = new double[Definition.Columns.Count];
        history.Events.ToList().ForEach(first.Add);
        for (int i = 0; i < cut; i++)
        {
            first.Next(history.TimesUnixMs[i], Histories.Frame(history, i), row);
        }

        long settled = first.SettledUntilUnixMs;
        var restored = AssetFeatures.Restore(Plan, history.Facts, first.Checkpoint());
        Assert.Equal(settled, restored.SettledUntilUnixMs);
        history.Events.Where(happened => happened.TimeUnixMs > settled).ToList().ForEach(restored.Add);
        // Any order will do: here those of even rows first, and then the others late.
        int[] again = [.. Enumerable.Range(0, cut).Where(i => history.TimesUnixMs[i] > settled)];
        foreach (int i in again.Where(i => i % 2 == 0).Concat(again.Where(i => i % 2 == 1)))
        {
            Assert.True(restored.Add(history.TimesUnixMs[i], Histories.Frame(history, i)));
        }

        for (int i = cut; i < history.Count; i++)
        {
            restored.Next(history.TimesUnixMs[i], Histories.Frame(history, i), row);
            AssertSameBits(whole.Row(i), row);
        }
    });

    [Fact]
    public void Checkpoint_OfALongLife_StaysSmall()
    {
        var features = new AssetFeatures(Plan, [7, 1]);
        var row = new double[Definition.Columns.Count];
        int before = features.Checkpoint().Length;
        for (int i = 1; i < 5000; i++)
        {
            features.Next(Histories.Start + (i * 1000L), [i, 0, i, 0], row);
        }

        Assert.Equal(before, features.Checkpoint().Length);
        Assert.InRange(before, 41, 500);
        Assert.Equal(Histories.Start + 4_999_000 - Plan.ReachMs, features.SettledUntilUnixMs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Restore_OtherLength_IsRefused(int length)
    {
        var error = Assert.Throws<FormatException>(() => AssetFeatures.Restore(Plan, [7, 1], new byte[length]));
        Assert.Contains($"was {length} of form", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_OfOtherFeaturesOrForm_IsRefused()
    {
        byte[] bytes = new AssetFeatures(Plan, [7, 1]).Checkpoint();
        bytes[5] ^= 1;
        Assert.Contains(Definition.Hash, Assert.Throws<FormatException>(() => AssetFeatures.Restore(Plan, [7, 1], bytes)).Message, StringComparison.Ordinal);
        bytes[0] = 9;
        Assert.Contains("of form 9", Assert.Throws<FormatException>(() => AssetFeatures.Restore(Plan, [7, 1], bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_SameFramesAgain_ChangesNothing() => Check(history =>
    {
        FeatureMatrix once = FeatureMatrix.Of(Plan, history);
        var twice = new AssetFeatures(Plan, history.Facts);
        history.Events.ToList().ForEach(twice.Add);
        var row = new double[Definition.Columns.Count];
        for (int i = 0; i < history.Count; i++)
        {
            twice.Next(history.TimesUnixMs[i], Histories.Frame(history, i), row);
            AssertSameBits(once.Row(i), row);
            for (int again = 0; again <= i; again++)
            {
                Assert.False(twice.Add(history.TimesUnixMs[again], Histories.Frame(history, again)));
            }
        }
    });

    [Fact]
    public void Next_LargeValuesWithSmallNoise_KeepsNineDigitsOverAMillionSamples()
    {
        var random = new Random(11);
        var definition = FeatureDefinition.Build(
            Histories.Schema with { Signals = [Histories.Schema.Signals[0]], Facts = [], Components = [], ErrorCodes = [] },
            new FeatureOptions([], [TimeSpan.FromSeconds(300)], RunningAge: false));
        var features = new AssetFeatures(FeaturePlan.Of(definition), []);
        var row = new double[definition.Columns.Count];
        var times = new long[1_000_000];
        var values = new double[times.Length];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = Histories.Start + (i * 1000L);
            values[i] = 1e6 + random.NextDouble();
            features.Next(times[i], [values[i]], row);
            if (i % 49_999 != 400)
            {
                continue;
            }

            var history = new AssetHistory(new AssetId("a"), times[(i - 399)..(i + 1)], [values[(i - 399)..(i + 1)]], [], []);
            for (int c = 0; c < row.Length; c++)
            {
                AssertClose(BruteForce.Feature(definition, history, 399, definition.Columns[c]), row[c], 1e6, definition.Columns[c].Name);
            }
        }
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(253_402_300_800_000)] // the year 10000
    public void Next_TimeOutsideTheCalendar_IsRefused(long time)
    {
        var features = new AssetFeatures(Plan, [7, 1]);

        Assert.Contains("years 1 to 9999", Assert.Throws<ArgumentException>(
            () => features.Next(time, [1, 0, 0, 0], new double[Definition.Columns.Count])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => features.Add(time, [1, 0, 0, 0]));
    }

    [Fact]
    public void Next_TimeNotIncreasing_IsRefused()
    {
        var features = new AssetFeatures(Plan, [7, 1]);
        var row = new double[Definition.Columns.Count];
        features.Next(1000, [1, 0, 0, 0], row);

        var error = Assert.Throws<ArgumentException>(() => features.Next(1000, [1, 0, 0, 0], row));
        Assert.Contains("1000 ms came after 1000 ms", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_WrongNumberOfSignals_IsRefused()
    {
        var features = new AssetFeatures(Plan, [7, 1]);

        var error = Assert.Throws<ArgumentException>(() => features.Next(1000, [1, 0], new double[Definition.Columns.Count]));
        Assert.Contains("has 4 signals, was 2", error.Message, StringComparison.Ordinal);
    }

    private static void Check(Action<AssetHistory> property) =>
        Prop.ForAll(Histories.Any(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static double Scale(AssetHistory history, FeatureColumn column)
    {
        double largest = history.Values[0].Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        // A slope is a quotient: over the shortest span of the generated steps its scale is the value's over a millisecond.
        return column.Kind == FeatureKind.RollingSlope ? Math.Max(1, largest) * 3_600_000 : Math.Max(1, largest);
    }

    private static void AssertClose(double expected, double actual, double scale, string what)
    {
        bool equal = double.IsNaN(expected) ? double.IsNaN(actual) : Math.Abs(expected - actual) <= 1e-9 * scale;
        Assert.True(equal, $"{what}: expected {expected:R}, was {actual:R}");
    }

    private static void AssertSameBits(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected[i]), BitConverter.DoubleToInt64Bits(actual[i]));
        }
    }
}
