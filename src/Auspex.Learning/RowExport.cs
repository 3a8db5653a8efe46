using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Features;
using Auspex.Learning.Datasets;
using Auspex.Learning.Evaluate;
using Auspex.Learning.Label;
using Auspex.Learning.Train;

namespace Auspex.Learning;

/// <summary>Writes the rows of a training as NumPy arrays, so that any other tool can be compared on the same rows, features and folds.</summary>
/// <remarks>One folder: <c>rows.npy</c> [rows, columns], <c>labels.npy</c> [rows, outputs], <c>assets.npy</c>, <c>times.npy</c> (UTC ms) and
/// <c>folds.npy</c> [rows], <c>heldOut.npy</c> [rows, outputs] what members said that had not seen the row (probability, or life), and the names in
/// <c>names.json</c>. Of the test side, where there is one, the judged rows as <c>testRows.npy</c>, <c>testAssets.npy</c>, <c>testTimes.npy</c>,
/// <c>testLabels.npy</c> (lives not capped) and <c>testPredictions.npy</c>.</remarks>
internal static class RowExport
{
    /// <summary>Writes all of it.</summary>
    /// <param name="folder">New or empty.</param>
    /// <param name="taught">What was taught.</param>
    /// <param name="dataset">For the histories of the test side.</param>
    /// <param name="test">What the model says of the test side; null without one.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Write(string folder, Taught taught, Dataset dataset, Judged? test)
    {
        Directory.CreateDirectory(folder);
        TrainingTable table = taught.Table;
        string[] assets = [.. table.Assets.Select(asset => asset.Value).Distinct(StringComparer.Ordinal)];
        int outputs = table.Labels.Length;
        Put("rows", table.Values, table.Rows, table.Columns);
        Put("labels", [.. Enumerable.Range(0, table.Rows).SelectMany(row => table.Labels.Select(label => (double)label[row]))], table.Rows, outputs);
        Put("assets", Numbers(assets, table.Assets));
        Put("times", table.TimesUnixMs);
        Put("folds", Array.ConvertAll(HeadFit.FoldsOf(table, taught.Folds), fold => (long)fold));
        Put("heldOut", Predictions(taught.HeldOut), table.Rows, outputs);
        string[] tested = [];
        if (test is not null)
        {
            tested = [.. Said(test).Select(asset => asset.Asset.Value)];
            Test(folder, taught, dataset, test);
        }

        File.WriteAllBytes(Path.Combine(folder, "names.json"), JsonSerializer.SerializeToUtf8Bytes(new
        {
            columns = table.FeatureNames,
            outputs = taught.Label.Components.Count == 0 ? [taught.Label.Task == PredictionTask.Failure ? "failure" : "remainingUsefulLife"] : taught.Label.Components,
            assets,
            testAssets = tested,
            lifeCap = taught.Label.LifeCap,
            threshold = taught.Threshold.Threshold,
        }));

        void Put<T>(string name, T[] values, params ReadOnlySpan<long> shape)
            where T : unmanaged =>
            NpyFile.Write<T>(Path.Combine(folder, name + ".npy"), values, shape.IsEmpty ? [values.Length] : shape);
    }

    private static void Test(string folder, Taught taught, Dataset dataset, Judged test)
    {
        Dictionary<AssetId, DatasetAsset> assets = dataset.Assets.ToDictionary(asset => asset.History.Asset);
        (AssetId Asset, long[] Times)[] said = [.. Said(test)];
        using var rows = new NpyWriter<double>(Path.Combine(folder, "testRows.npy"), [taught.Plan.Definition.Columns.Count]);
        foreach ((AssetId asset, long[] times) in said)
        {
            AssetHistory history = assets[asset].History;
            int[] judged = [.. times.Select(time => Array.BinarySearch(history.TimesUnixMs, time))];
            foreach (FeatureMatrix block in FeatureMatrix.InBlocks(taught.Plan, history, judged, ModelScoring.BlockRows))
            {
                rows.Append(block.Values);
            }
        }

        rows.Complete();
        int count = said.Sum(asset => asset.Times.Length);
        NpyFile.Write<long>(Path.Combine(folder, "testAssets.npy"), [.. said.SelectMany((asset, i) => asset.Times.Select(_ => (long)i))], count);
        NpyFile.Write<long>(Path.Combine(folder, "testTimes.npy"), [.. said.SelectMany(asset => asset.Times)], count);
        double[] predictions = Predictions(test);
        NpyFile.Write<double>(Path.Combine(folder, "testPredictions.npy"), predictions, count, predictions.Length / count);
        double[] labels = test.Lives.Count > 0
            ? [.. test.Lives.SelectMany(asset => asset.True)]
            : [.. said.SelectMany(asset => Labels(assets[asset.Asset], taught.Label, asset.Times))];
        NpyFile.Write<double>(Path.Combine(folder, "testLabels.npy"), labels, count, labels.Length / count);
    }

    // NaN where the outcome is not known.
    private static IEnumerable<double> Labels(DatasetAsset asset, LabelDefinition label, long[] times)
    {
        var labelled = LabelledRows.Of(asset, label, long.MaxValue);
        var known = labelled.Rows.Select((row, i) => (Time: asset.History.TimesUnixMs[row], Place: i)).ToDictionary(row => row.Time, row => row.Place);
        return times.SelectMany(time => labelled.Labels.Select(output => known.TryGetValue(time, out int place) ? output[place] : double.NaN));
    }

    private static IEnumerable<(AssetId Asset, long[] Times)> Said(Judged judged) =>
        judged.Lives.Count > 0
            ? judged.Lives.Select(asset => (asset.Asset, asset.TimesUnixMs))
            : judged.Predictions.Select(asset => (asset.Asset, asset.TimesUnixMs));

    private static double[] Predictions(Judged judged) => judged.Lives.Count > 0
        ? [.. judged.Lives.SelectMany(asset => asset.Predicted)]
        : [.. judged.Predictions.SelectMany(asset => Enumerable.Range(0, asset.TimesUnixMs.Length).SelectMany(row => asset.Probabilities.Select(output => output[row])))];

    private static long[] Numbers(string[] names, AssetId[] assets)
    {
        Dictionary<string, long> places = names.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => (long)pair.i, StringComparer.Ordinal);
        return Array.ConvertAll(assets, asset => places[asset.Value]);
    }
}
