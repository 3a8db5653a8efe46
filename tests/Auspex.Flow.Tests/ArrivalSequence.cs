using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Tests;

/// <summary>Frames of one asset as a gateway sends them: mostly in order, some late, some much too late, some sent twice, some corrected, with gaps and missing readings.</summary>
internal static class ArrivalSequence
{
    private static readonly string[] All = ["heat", "load", "door"];
    private static readonly string[] NoDoor = ["load", "heat"];

    public static List<Frame> Of(AssetId asset, int count, int seed)
    {
        var random = new Random(seed);
        var sent = new List<Frame>();
        long time = 1_767_225_600_000;
        for (int i = 0; i < count; i++)
        {
            time += random.Next(40) == 0 ? 30_000 * random.Next(2, 60) : 30_000;
            long at = random.Next(100) switch
            {
                < 6 => time - (30_000 * random.Next(1, 15)) + 7, // late, in between others
                < 8 => time - (30_000 * random.Next(40, 90)) + 11, // too late
                _ => time,
            };
            bool whole = random.Next(15) > 0;
            double heat = random.Next(25) == 0 ? double.NaN : 60 + (30 * random.NextDouble()) + (Math.Sin(i / 40.0) * 20);
            double load = 40 * random.NextDouble();
            var frame = new Frame(
                asset, at, at + 500, whole ? All : NoDoor, whole ? [heat, load, random.Next(2)] : [load, heat],
                random.Next(20) == 0 ? [Quality.Good, Quality.Bad, .. whole ? new[] { Quality.Uncertain } : []] : null);
            sent.Add(frame);
            if (random.Next(30) == 0)
            {
                sent.Add(frame); // sent twice
            }

            if (random.Next(25) == 0 && sent.Count > 8)
            {
                Frame before = sent[^random.Next(1, 8)];
                sent.Add(before with { Values = [.. before.Values.Select(value => value + 1)] });
            }
        }

        return sent;
    }
}
