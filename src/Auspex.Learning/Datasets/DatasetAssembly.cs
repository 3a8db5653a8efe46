using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Learning.Datasets;

/// <summary>Makes the data set of what was read: states take the order of the schema, events the order of time.</summary>
/// <param name="notes">Receives what the model does not know.</param>
internal sealed class DatasetAssembly(
    DatasetDescription description, AssetSchema? model, SchemaPlan plan, IReadOnlyList<string> labelComponents, List<string> notes)
{
    /// <param name="frames">What was read, in the order of the assets.</param>
    internal Dataset Assemble(IReadOnlyList<AssetFrames> frames, IReadOnlyList<FileReadReport> files)
    {
        var assets = new List<DatasetAsset>(frames.Count);
        var components = new HashSet<string>(labelComponents, StringComparer.Ordinal);
        var errorCodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (AssetFrames asset in frames)
        {
            KeepStates(asset);
        }

        double[]?[] signalPlaces = StatePlaces(plan.Signals);
        double[]?[] factPlaces = StatePlaces(plan.Facts);
        DerivedSignals derived = Derived();
        var unknownStates = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var diffs = new List<long>();
        foreach (AssetFrames asset in frames)
        {
            long[] times = asset.Trim();
            if (asset.EndsInFailure)
            {
                asset.Events.Add(new AssetEvent(asset.Asset, asset.EndUnixMs, AssetEventKind.Failure, ""));
            }

            for (int i = 0; i < asset.Values.Length; i++)
            {
                PutInOrder(asset.Values[i], signalPlaces[i], plan.Signals[i], unknownStates);
            }

            Derive(asset, derived);
            for (int i = 0; i < asset.Facts.Length; i++)
            {
                PutInOrder(asset.Facts.AsSpan(i, 1), factPlaces[i], plan.Facts[i], unknownStates);
            }

            AssetEvent[] events = [.. asset.Events.OrderBy(e => e.TimeUnixMs)]; // stable
            foreach (AssetEvent e in events)
            {
                (e.Kind == AssetEventKind.Error ? errorCodes : components).Add(e.Name);
            }

            for (int row = 1; row < times.Length; row++)
            {
                diffs.Add(times[row] - times[row - 1]);
            }

            var history = new AssetHistory(asset.Asset, times, asset.Values, asset.Facts, events);
            assets.Add(new DatasetAsset(history, asset.Part) { FailedSpans = asset.Spans, Weights = asset.Weights });
        }

        foreach ((string state, long count) in unknownStates)
        {
            notes.Add($"{state}, which the model does not know: {count} values are missing.");
        }

        NoteLabelsNeverTrue(assets);
        components.Remove("");
        errorCodes.Remove("");
        diffs.Sort();
        TimeSpan samplingPeriod = diffs.Count == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(diffs[(diffs.Count - 1) / 2]);
        return new Dataset(description, Schema(components, errorCodes), assets, samplingPeriod, new DatasetReadReport(files, notes));
    }

    private AssetSchema Schema(HashSet<string> components, HashSet<string> errorCodes)
    {
        if (model is null)
        {
            return new AssetSchema(
                [.. plan.Signals.Select(s => s.Definition())], [.. plan.Facts.Select(s => s.Definition())],
                [.. components.Order(StringComparer.Ordinal)], [.. errorCodes.Order(StringComparer.Ordinal)]);
        }

        NoteUnknown("components", components.Except(model.Components, StringComparer.Ordinal));
        NoteUnknown("error codes", errorCodes.Except(model.ErrorCodes, StringComparer.Ordinal));
        return model;
    }

    private DerivedSignals Derived()
    {
        try
        {
            return DerivedSignals.Of(new AssetSchema([.. plan.Signals.Select(s => s.Definition())], [.. plan.Facts.Select(s => s.Definition())], [], []));
        }
        catch (FormatException e)
        {
            throw new DatasetException($"The model's schema cannot be used: {e.Message}", e); // a description's formulas are checked before
        }
    }

    private static void Derive(AssetFrames asset, DerivedSignals derived)
    {
        if (derived.IsEmpty)
        {
            return;
        }

        var frame = new double[asset.Values.Length];
        for (int row = 0; row < asset.Count; row++)
        {
            for (int i = 0; i < frame.Length; i++)
            {
                frame[i] = asset.Values[i][row];
            }

            derived.Fill(frame);
            for (int i = 0; i < frame.Length; i++)
            {
                asset.Values[i][row] = frame[i];
            }
        }
    }

    // A text misspelt in the description would make every row sound, without a word.
    private void NoteLabelsNeverTrue(List<DatasetAsset> assets)
    {
        for (int i = 0; i < labelComponents.Count; i++)
        {
            if (description.RowLabels[i].Values is { } values && !assets.Any(a => a.FailedSpans.Any(s => s.Component == labelComponents[i])))
            {
                notes.Add($"No row has {string.Join(" or ", values.Select(v => $"'{v}'"))} in column {description.RowLabels[i].Column}, so nothing is failed by it.");
            }
        }
    }

    private void NoteUnknown(string what, IEnumerable<string> names)
    {
        string[] unknown = [.. names.Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            notes.Add($"Events name {what} that the model does not know: {CellText.List(unknown)}.");
        }
    }

    private void KeepStates(AssetFrames frames)
    {
        for (int i = 0; i < plan.Signals.Count; i++)
        {
            plan.Signals[i].States?.Keep(frames.Values[i].AsSpan(0, frames.Count));
        }

        for (int i = 0; i < plan.Facts.Count; i++)
        {
            plan.Facts[i].States?.Keep(frames.Facts.AsSpan(i, 1));
        }
    }

    /// <summary>For each signal of states, where the states as they came stand in the schema; null for other signals.</summary>
    private static double[]?[] StatePlaces(IReadOnlyList<PlannedSignal> signals) =>
        [.. signals.Select(s => s.States?.PlacesIn(s.Definition().States))];

    private static void PutInOrder(Span<double> values, double[]? places, PlannedSignal signal, SortedDictionary<string, long> unknown)
    {
        if (places is null)
        {
            return;
        }

        foreach (ref double value in values)
        {
            if (double.IsNaN(value))
            {
                continue;
            }

            double place = places[(int)value];
            if (double.IsNaN(place))
            {
                string state = $"{signal.Name} has state {CellText.Shown(signal.States![(int)value])}";
                unknown[state] = unknown.GetValueOrDefault(state) + 1;
            }

            value = place;
        }
    }
}
