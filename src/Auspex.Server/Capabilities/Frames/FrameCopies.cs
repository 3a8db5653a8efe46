using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>Frames of one asset written as another's.</summary>
internal static class FrameCopies
{
    /// <summary>Each frame with the signals it has, and its own times.</summary>
    internal static IReadOnlyList<Frame> Of(FrameColumns columns, AssetId asset)
    {
        // Frames of one shape share their signals.
        var shapes = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var names = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var frames = new Frame[columns.Times.Length];
        char[] has = new char[columns.Signals.Length];
        for (int i = 0; i < frames.Length; i++)
        {
            for (int signal = 0; signal < has.Length; signal++)
            {
                has[signal] = columns.Qualities[signal]?[i] == Quality.Absent ? '0' : '1';
            }

            string shape = new(has);
            if (!shapes.TryGetValue(shape, out int[]? present))
            {
                shapes.Add(shape, present = [.. Enumerable.Range(0, has.Length).Where(signal => shape[signal] == '1')]);
                names.Add(shape, [.. present.Select(signal => columns.Signals[signal])]);
            }

            Quality[] qualities = [.. present.Select(signal => columns.Qualities[signal]?[i] ?? Quality.Good)];
            frames[i] = new Frame(
                asset, columns.Times[i], columns.Arrived[i], names[shape], [.. present.Select(signal => columns.Values[signal][i])],
                qualities.AsSpan().ContainsAnyExcept(Quality.Good) ? qualities : null);
        }

        return frames;
    }
}
