using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Core.Signals;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests;

/// <summary>Small data sets made in memory, and short words for what happens in them. Times are whole hours after 1970.</summary>
internal static class Plants
{
    public const long Hour = 3_600_000;

    /// <summary>A failure label with times in hours.</summary>
    public static LabelDefinition FailureLabel(int horizon, int recovery = 0, params string[] components) => new(
        PredictionTask.Failure, TimeSpan.FromHours(horizon), TimeSpan.Zero, TimeSpan.FromHours(recovery), components, null, null, null);

    public static LabelDefinition LifeLabel(double? cap) => new(
        PredictionTask.RemainingUsefulLife, TimeSpan.FromHours(24), TimeSpan.Zero, TimeSpan.Zero, [], "h", TimeSpan.FromHours(1), cap);

    public static AssetEvent Failure(string asset, double hour, string component = "") =>
        new(new AssetId(asset), (long)(hour * Hour), AssetEventKind.Failure, component);

    public static AssetEvent Maintenance(string asset, double hour, string component = "") =>
        new(new AssetId(asset), (long)(hour * Hour), AssetEventKind.Maintenance, component);

    /// <summary>Frames at the given hours, every signal 0.</summary>
    public static AssetHistory History(string asset, IEnumerable<int> hours, params AssetEvent[] events) =>
        History(asset, hours, [_ => 0], events);

    /// <summary>Frames at the given hours, signals as functions of the hour.</summary>
    public static AssetHistory History(string asset, IEnumerable<int> hours, Func<int, double>[] signals, params AssetEvent[] events)
    {
        int[] at = [.. hours];
        return new AssetHistory(new AssetId(asset), [.. at.Select(hour => hour * Hour)], [.. signals.Select(signal => at.Select(signal).ToArray())], [],
            [.. events.OrderBy(happened => happened.TimeUnixMs)]);
    }

    public static Dataset Of(params AssetHistory[] assets) => Of(new LabelSettings { Horizon = "4h" }, null, [.. assets.Select(asset => new DatasetAsset(asset, DatasetPart.Unassigned))]);

    /// <summary>A data set whose schema follows from the histories; one frame an hour.</summary>
    public static Dataset Of(LabelSettings labels, SplitSettings? split, IReadOnlyList<DatasetAsset> assets, FeatureSettings? features = null)
    {
        int signals = assets.Select(asset => asset.History.Values.Length).DefaultIfEmpty(0).Max();
        string[] names = [.. Enumerable.Range(0, signals).Select(i => $"s{i}")];
        AssetEvent[] events = [.. assets.SelectMany(asset => asset.History.Events)];
        string[] Names(params AssetEventKind[] kinds) =>
            [.. events.Where(e => kinds.Contains(e.Kind) && e.Name.Length > 0).Select(e => e.Name).Distinct().Order(StringComparer.Ordinal)];
        return new Dataset(
            new DatasetDescription
            {
                Name = "plant",
                Frames = [new FrameFile { File = "frames.csv", Asset = new AssetColumn { Column = "asset" }, Time = new TimeColumn { Column = "time" } }],
                Signals = [.. names.Select(name => new SignalColumn { Name = name })],
                Labels = labels,
                Split = split,
                Features = features ?? new FeatureSettings { Lags = [], Windows = ["3h"] },
            },
            new AssetSchema(
                [.. names.Select(name => new SignalDefinition(name, SignalKind.Continuous, null, SignalRole.Reading, []))],
                [], Names(AssetEventKind.Failure, AssetEventKind.Maintenance), Names(AssetEventKind.Error)),
            assets, TimeSpan.FromHours(1), new DatasetReadReport([], []));
    }
}
