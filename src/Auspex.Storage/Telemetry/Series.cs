using Auspex.Core.Assets;
using Auspex.Core.Predictions;

namespace Auspex.Storage.Telemetry;

/// <summary>Frames that the live line writes of an asset beside those it measured. They are stored, packed, kept and deleted like any others, under a key of their own that no
/// sender can name, in the asset's partition.</summary>
public static class Series
{
    // No name of an asset has a control character.
    private const char Mark = '\u001f';

    private static readonly string[] Predictions = [.. Enum.GetValues<PredictionTask>().Select(task => $"{Mark}prediction{(int)task}")];

    /// <summary>Keys of what may be written of an asset.</summary>
    public static IEnumerable<AssetId> Of(AssetId asset) => Enum.GetValues<PredictionTask>().Select(task => PredictionsOf(asset, task));

    /// <summary>Key of an asset's predictions of one task.</summary>
    public static AssetId PredictionsOf(AssetId asset, PredictionTask task) => new(asset.Value + Predictions[(int)task]);

    /// <summary>Whether frames under a key were made by the line, not measured.</summary>
    public static bool IsDerived(AssetId key) => key.Value.Contains(Mark, StringComparison.Ordinal);

    /// <summary>The asset that frames under a key are about.</summary>
    internal static ReadOnlySpan<char> AssetOf(AssetId key) =>
        key.Value.IndexOf(Mark, StringComparison.Ordinal) is >= 0 and var at ? key.Value.AsSpan(0, at) : key.Value;
}
