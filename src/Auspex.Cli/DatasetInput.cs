using Auspex.Core.Signals;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train;

namespace Auspex.Cli;

/// <summary>Reads the data set that <c>--data</c> and <c>--root</c> name.</summary>
internal static class DatasetInput
{
    /// <summary>Reads description and files.</summary>
    /// <param name="description">The description.</param>
    /// <param name="root">Folder of its files; null for the description's own.</param>
    /// <param name="schema">A model's schema, when its data are read.</param>
    /// <param name="progress">Told how much of each file is read.</param>
    /// <param name="ct">Stops the reading.</param>
    public static Dataset Read(
        FileInfo description, DirectoryInfo? root, AssetSchema? schema, Action<LearningProgress> progress, CancellationToken ct) =>
        DatasetReader.Read(
            DatasetDescriptionReader.Read(description.FullName),
            root?.FullName ?? description.DirectoryName!,
            schema,
            new Reading(progress),
            ct);

    // Progress<T> would hand the news to another thread, out of order.
    private sealed class Reading(Action<LearningProgress> progress) : IProgress<DatasetReadProgress>
    {
        public void Report(DatasetReadProgress value) => progress(new LearningProgress(
            "read", value.Bytes == 0 ? 1 : (double)value.BytesRead / value.Bytes, value.File));
    }
}
