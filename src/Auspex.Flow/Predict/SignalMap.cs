using Auspex.Core.Signals;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Predict;

/// <summary>Puts the values of frames, which name their signals, into the order of a schema. Not for use from several threads.</summary>
/// <param name="schema">The order.</param>
internal sealed class SignalMap(AssetSchema schema)
{
    // Frames of one sender share a shape; beyond so many all are forgotten.
    private const int MostShapes = 256;

    private readonly Dictionary<string[], int[]> _places = new(ReferenceEqualityComparer.Instance);
    private string[]? _lastShape;
    private int[] _last = [];

    /// <summary>Values of a frame, one a signal of the schema: NaN where the frame has none, or one that must not be used.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="values">Receives them.</param>
    /// <returns>Whether every signal of the schema had a value.</returns>
    internal bool Read(FrameView frame, Span<double> values)
    {
        if (!ReferenceEquals(frame.Signals, _lastShape))
        {
            _last = PlacesOf(frame.Signals);
            _lastShape = frame.Signals;
        }

        bool whole = true;
        for (int i = 0; i < values.Length; i++)
        {
            int place = _last[i];
            values[i] = place < 0 || (!frame.Qualities.IsEmpty && frame.Qualities[place] >= Quality.Bad) ? double.NaN : frame.Values[place];
            whole &= !double.IsNaN(values[i]);
        }

        return whole;
    }

    private int[] PlacesOf(string[] shape)
    {
        if (!_places.TryGetValue(shape, out int[]? places))
        {
            if (_places.Count >= MostShapes)
            {
                _places.Clear();
            }

            places = [.. schema.Signals.Select(signal => Array.IndexOf(shape, signal.Name))];
            _places.Add(shape, places);
        }

        return places;
    }
}
