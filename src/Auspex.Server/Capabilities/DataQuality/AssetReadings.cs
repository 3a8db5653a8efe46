using Auspex.Core.Assets;
using Auspex.Core.DataQuality;
using Auspex.Core.Signals;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Capabilities.DataQuality;

/// <summary>The quality of an asset's stored frames.</summary>
internal static class AssetReadings
{
    internal const long HourMs = 3_600_000;

    private const int FramesARead = 20_000;

    /// <summary>The hours of a range, whole ones of UTC, each as it would be in any longer range; those that have not begun are left out.</summary>
    internal static async Task<IReadOnlyList<HourQuality>> HoursAsync(
        OrganizationDb db, TelemetryStore telemetry, AssetId key, IReadOnlyList<QualityRule> rules, long fromMs, long toMs, long nowMs, CancellationToken ct)
    {
        var quality = new AssetQuality(rules, fromMs, toMs, nowMs);
        long at = fromMs - (long)quality.LookBack.TotalMilliseconds;
        FrameColumns read;
        do
        {
            read = await telemetry.ReadAsync(db.Organization, key, at, Math.Min(toMs, nowMs), null, FramesARead, ct).ConfigureAwait(false);
            Add(quality, read);
            at = read.Times.Length > 0 ? read.Times[^1] + 1 : at;
        }
        while (read.More);
        return quality.Hours();
    }

    private static void Add(AssetQuality quality, FrameColumns read)
    {
        var values = new double[read.Signals.Length];
        var qualities = new Quality[read.Signals.Length];
        for (int row = 0; row < read.Times.Length; row++)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = read.Values[i][row];
                qualities[i] = read.Qualities[i]?[row] ?? Quality.Good;
            }

            quality.Add(read.Times[row], read.Arrived[row], read.Signals, values, qualities);
        }
    }
}
