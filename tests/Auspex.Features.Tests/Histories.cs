using Auspex.Core.Assets;
using Auspex.Core.Signals;
using FsCheck;
using FsCheck.Fluent;

namespace Auspex.Features.Tests;

/// <summary>Generated histories of every awkward form: uneven steps, gaps, missing and infinite values, large offsets, events anywhere.</summary>
internal static class Histories
{
    public static readonly AssetSchema Schema = new(
        [
            new SignalDefinition("temperature", SignalKind.Continuous, "degC", SignalRole.Reading, []),
            new SignalDefinition("door", SignalKind.Boolean, null, SignalRole.Reading, []),
            new SignalDefinition("pieces", SignalKind.Counter, null, SignalRole.Reading, []),
            new SignalDefinition("mode", SignalKind.State, null, SignalRole.OperatingSetting, ["idle", "heating up", "holding"]),
        ],
        [
            new SignalDefinition("age_years", SignalKind.Continuous, "a", SignalRole.Fact, []),
            new SignalDefinition("model", SignalKind.State, null, SignalRole.Fact, ["m1", "m2"]),
        ],
        ["fan", "heater"],
        ["E1", "E2"]);

    private static readonly Gen<double> Reading = Gen.Frequency(
        (12, Gen.Choose(-1000, 1000).Select(n => n / 7.0)),
        (4, Gen.Choose(-1000, 1000).Select(n => 1e6 + (n / 1000.0))),
        (1, Gen.Constant(double.NaN)),
        (1, Gen.Elements(double.PositiveInfinity, double.NegativeInfinity)));

    /// <summary>Steps in milliseconds: mostly short, sometimes exactly a window, sometimes a gap longer than any.</summary>
    private static readonly Gen<int> Step = Gen.Frequency(
        (10, Gen.Choose(1, 40_000)), (3, Gen.Constant(10_000)), (2, Gen.Constant(60_000)), (1, Gen.Choose(60_000, 400_000)));

    private static readonly Gen<(int Step, double[] Values)> NextFrame =
        from step in Step
        from temperature in Reading
        from door in Gen.Elements(0.0, 1.0, double.NaN)
        from pieces in Gen.Choose(0, 1000)
        from mode in Gen.Elements(0.0, 1.0, 2.0, double.NaN)
        select (step, new[] { temperature, door, pieces, mode });

    private static readonly Gen<AssetEvent> Event =
        from time in Gen.Choose(0, 2_000_000)
        from kind in Gen.Elements(AssetEventKind.Error, AssetEventKind.Maintenance, AssetEventKind.Failure)
        from name in Gen.Elements("E1", "E2", "fan", "heater", "unheard of")
        select new AssetEvent(new AssetId("a"), Start + time, kind, name);

    /// <summary>An instant that is aligned to no window.</summary>
    public const long Start = 1_700_000_012_345;

    public static Arbitrary<AssetHistory> Any() => (
        from frames in NextFrame.ListOf()
        from events in Event.ListOf()
        select Of(frames, events)).ToArbitrary();

    /// <summary>The first <paramref name="count"/> frames of a history, with all its events.</summary>
    public static AssetHistory Head(AssetHistory history, int count) => new(
        history.Asset, history.TimesUnixMs[..count], [.. history.Values.Select(v => v[..count])], history.Facts, history.Events);

    /// <summary>Some frames of a history, with all its events.</summary>
    public static AssetHistory Rows(AssetHistory history, int[] rows) => new(
        history.Asset, [.. rows.Select(i => history.TimesUnixMs[i])], [.. history.Values.Select(v => rows.Select(i => v[i]).ToArray())], history.Facts, history.Events);

    /// <summary>The values of one frame.</summary>
    public static double[] Frame(AssetHistory history, int row) => [.. history.Values.Select(v => v[row])];

    private static AssetHistory Of(List<(int Step, double[] Values)> frames, List<AssetEvent> events)
    {
        var times = new long[frames.Count];
        long time = Start;
        for (int i = 0; i < times.Length; i++)
        {
            time += frames[i].Step;
            times[i] = time;
        }

        double[][] values = [.. Enumerable.Range(0, Schema.Signals.Count).Select(s => frames.Select(f => f.Values[s]).ToArray())];
        return new AssetHistory(new AssetId("a"), times, values, [7, 1], [.. events.OrderBy(e => e.TimeUnixMs)]);
    }
}
