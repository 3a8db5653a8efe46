using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Flow.Map;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Connect.LineProtocol;

/// <summary>Makes frames of points: points of one asset and instant are one frame, whatever was measured.</summary>
/// <remarks>The asset is the tag <c>asset</c>, or the measurement where a point has none; a signal is a field, or the measurement where the field is called <c>value</c>, as
/// gateways with one value a point do. Text makes no signal.</remarks>
public static class LineFrames
{
    private const string AssetTag = "asset";
    private const string ValueField = "value";

    /// <summary>Milliseconds of one step of a timestamp, as numerator and divisor; null where the precision is none.</summary>
    /// <param name="precision"><c>ns</c> or <c>n</c>, <c>us</c>, <c>u</c> or <c>µ</c>, <c>ms</c>, <c>s</c>, <c>m</c>, <c>h</c>; null or empty is nanoseconds.</param>
    public static (long Times, long By)? PrecisionOf(string? precision) => precision switch
    {
        null or "" or "ns" or "n" => (1, 1_000_000),
        "us" or "u" or "µ" => (1, 1_000),
        "ms" => (1, 1),
        "s" => (1_000, 1),
        "m" => (60_000, 1),
        "h" => (3_600_000, 1),
        _ => null,
    };

    /// <summary>The frames of a body's points; what makes none goes to the rejected, with the line as its index.</summary>
    /// <param name="points">The points.</param>
    /// <param name="faults">Lines that are none.</param>
    /// <param name="precision">Of their timestamps.</param>
    /// <param name="incoming">Receives both.</param>
    public static void Of(IEnumerable<LinePoint> points, IEnumerable<LineFault> faults, (long Times, long By) precision, IncomingFrames incoming)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(faults);
        ArgumentNullException.ThrowIfNull(incoming);
        var order = new List<(AssetId, long)>();
        var frames = new Dictionary<(AssetId Asset, long TimeMs), (int Line, Dictionary<string, double> Values)>();
        foreach (LinePoint point in points)
        {
            if (Fault(point, precision, incoming, out long timeMs) is { } reason)
            {
                incoming.Rejected.Add(new RejectedRow(point.Line, "line", null, reason));
                continue;
            }

            string name = point.Tags.FirstOrDefault(tag => tag.Key == AssetTag).Value ?? point.Measurement;
            (AssetId, long) key = (incoming.Asset(name), timeMs);
            if (!frames.TryGetValue(key, out (int Line, Dictionary<string, double> Values) frame))
            {
                frames.Add(key, frame = (point.Line, new Dictionary<string, double>(StringComparer.Ordinal)));
                order.Add(key);
            }

            foreach (LineField field in point.Fields)
            {
                if (field.Kind != LineFieldKind.Text)
                {
                    frame.Values[incoming.Signal(field.Name == ValueField ? point.Measurement : field.Name)] = field.Value;
                }
            }

            if (frame.Values.Count > IncomingFrames.MostSignals)
            {
                frames.Remove(key);
                order.Remove(key);
                incoming.Rejected.Add(new RejectedRow(point.Line, "line", null, $"A frame has {IncomingFrames.MostSignals} signals at most; lines of one asset and instant are one frame."));
            }
        }

        foreach ((AssetId, long) key in order)
        {
            (int line, Dictionary<string, double> values) = frames[key];
            incoming.Frames.Add((line, new Frame(key.Item1, key.Item2, incoming.NowMs, [.. values.Keys], [.. values.Values])));
        }

        incoming.Rejected.AddRange(faults.Select(fault => new RejectedRow(
            fault.Line, string.Create(CultureInfo.InvariantCulture, $"column {fault.Column}"), null, fault.Reason)));
    }

    private static string? Fault(LinePoint point, (long Times, long By) precision, IncomingFrames incoming, out long timeMs)
    {
        timeMs = incoming.NowMs;
        if (point.Timestamp is { } timestamp)
        {
            var scaled = (Int128)timestamp * precision.Times / precision.By;
            if (scaled < long.MinValue || scaled > long.MaxValue)
            {
                return "The timestamp is none of this precision.";
            }

            timeMs = (long)scaled;
            if (incoming.TimeFault(timeMs) is { } fault)
            {
                return fault;
            }
        }

        return point.Fields.All(field => field.Kind == LineFieldKind.Text) ? "A signal is a number or true or false; text makes none." : null;
    }
}
