using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Learning;

/// <summary>Finds the signals and facts that tell a model nothing: those with one value, or none, in all that training knows.</summary>
internal static class UninformativeSignals
{
    /// <summary>Why each such signal or fact tells nothing, by its name, in the order of the schema.</summary>
    /// <param name="schema">The schema of the histories.</param>
    /// <param name="training">Histories of the training assets.</param>
    /// <param name="knownUntilUnixMs">Frames after this instant are not looked at.</param>
    public static IReadOnlyList<(string Name, string Reason)> Of(AssetSchema schema, IReadOnlyList<AssetHistory> training, long knownUntilUnixMs)
    {
        var found = new List<(string, string)>();
        int[] rows = KnownRows(training, knownUntilUnixMs);
        for (int s = 0; s < schema.Signals.Count; s++)
        {
            var range = new Range();
            for (int asset = 0; asset < training.Count; asset++)
            {
                foreach (double value in training[asset].Values[s].AsSpan(0, rows[asset]))
                {
                    range.Add(value);
                }
            }

            if (range.Reason(schema.Signals[s], "training row") is { } reason)
            {
                found.Add((schema.Signals[s].Name, reason));
            }
        }

        for (int f = 0; f < schema.Facts.Count; f++)
        {
            var range = new Range();
            foreach (AssetHistory asset in training)
            {
                range.Add(asset.Facts[f]);
            }

            if (range.Reason(schema.Facts[f], "training asset") is { } reason)
            {
                found.Add((schema.Facts[f].Name, reason));
            }
        }

        return found;
    }

    /// <summary>How many frames of each history lie at or before an instant.</summary>
    public static int[] KnownRows(IReadOnlyList<AssetHistory> histories, long knownUntilUnixMs) =>
    [
        .. histories.Select(history => Array.BinarySearch(history.TimesUnixMs, knownUntilUnixMs) is var found && found >= 0 ? found + 1 : ~found),
    ];

    private struct Range()
    {
        private double _min = double.PositiveInfinity;
        private double _max = double.NegativeInfinity;

        public void Add(double value)
        {
            if (double.IsFinite(value))
            {
                _min = Math.Min(_min, value);
                _max = Math.Max(_max, value);
            }
        }

        public readonly string? Reason(SignalDefinition signal, string of)
        {
            if (_min > _max)
            {
                return $"no {of} has a value of it";
            }

            string value = signal.Kind == SignalKind.State ? $"'{signal.States[(int)_min]}'" : _min.ToString("R", CultureInfo.InvariantCulture);
            return _min == _max ? $"every {of} that has it says {value}" : null;
        }
    }
}
