using Auspex.Core.Signals;

namespace Auspex.Learning.Datasets;

/// <summary>How far the reading of a data set is.</summary>
/// <param name="File">File being read.</param>
/// <param name="BytesRead">Bytes of it, as stored, read so far.</param>
/// <param name="Bytes">Its length as stored.</param>
/// <param name="Rows">Rows of it read so far.</param>
public sealed record DatasetReadProgress(string File, long BytesRead, long Bytes, long Rows);

/// <summary>Reads a described data set.</summary>
public static class DatasetReader
{
    /// <summary>Reads all files of a description into columns. Bad rows are set aside and counted; good ones are kept.</summary>
    /// <param name="description">What the files hold.</param>
    /// <param name="root">Folder that the description's file names are relative to; no file outside it is opened.</param>
    /// <param name="schema">The schema of a model that is to score the data: signals, facts, components, error codes and states take its order, what the
    /// data lack is NaN and noted. Null when the data set itself says what there is.</param>
    /// <param name="progress">Told at the start and end of each file and every 65,536 rows; may be null.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="DatasetException">The description is wrong, a file is not as described, or too many of its rows are bad.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was set.</exception>
    public static Dataset Read(
        DatasetDescription description, string root, AssetSchema? schema, IProgress<DatasetReadProgress>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(root);
        DatasetDescriptionReader.Throw(description.Name, null, DescriptionRules.Check(description));
        return new DatasetReading(description, new DatasetFolder(root), schema, progress, ct).Read();
    }
}
