using Auspex.Core.Signals;

namespace Auspex.Flow.Connect.LineProtocol;

/// <summary>What points say of which asset.</summary>
/// <remarks>The asset is the tag <c>asset</c>, or the measurement where a point has none; a signal is a field, or the measurement where the field is called <c>value</c>, as
/// gateways with one value a point do. Text makes no signal.</remarks>
public static class LineReadings
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

    /// <summary>Name of the asset that a point is of.</summary>
    public static string AssetOf(LinePoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        string? asset = null;
        foreach ((string key, string value) in point.Tags)
        {
            asset = key == AssetTag ? value : asset;
        }

        return asset ?? point.Measurement;
    }

    /// <summary>The readings of a body's points, in their order.</summary>
    /// <param name="points">The points.</param>
    /// <param name="precision">Of their timestamps.</param>
    /// <param name="faults">Receives points that make none.</param>
    public static IEnumerable<RawReading> Of(IEnumerable<LinePoint> points, (long Times, long By) precision, ICollection<LineFault> faults)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(faults);
        foreach (LinePoint point in points)
        {
            // Rounded down to a millisecond, and out of the range of any time where it is none of this precision.
            Int128? scaled = point.Timestamp is { } timestamp ? (Int128)timestamp * precision.Times / precision.By : null;
            long? timeMs = scaled is { } known ? (long)Int128.Clamp(known, long.MinValue, long.MaxValue) : null;
            string asset = AssetOf(point);
            bool any = false;
            foreach (LineField field in point.Fields)
            {
                if (field.Kind != LineFieldKind.Text)
                {
                    any = true;
                    yield return new RawReading(point.Line, asset, timeMs, field.Name == ValueField ? point.Measurement : field.Name, field.Value);
                }
            }

            if (!any)
            {
                faults.Add(new LineFault(point.Line, 1, "A signal is a number or true or false; text makes none."));
            }
        }
    }
}
