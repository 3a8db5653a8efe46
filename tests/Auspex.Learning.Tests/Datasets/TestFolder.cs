using System.IO.Compression;
using Auspex.Core.Signals;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>A folder of files that a test writes and reads; gone when the test ends.</summary>
internal sealed class TestFolder : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("auspex-datasets-").FullName;

    internal string Path(string name) => System.IO.Path.Combine(Root, name);

    internal void Write(string name, string text)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        if (!name.EndsWith(".gz", StringComparison.Ordinal))
        {
            File.WriteAllText(Path(name), text);
            return;
        }

        using var writer = new StreamWriter(new GZipStream(File.Create(Path(name)), CompressionMode.Compress));
        writer.Write(text);
    }

    internal Dataset Read(string description, AssetSchema? schema = null, IProgress<DatasetReadProgress>? progress = null) =>
        DatasetReader.Read(DatasetDescriptionReader.Parse(description, "test.json"), Root, schema, progress, TestContext.Current.CancellationToken);

    internal string ErrorOf(string description) => Assert.Throws<DatasetException>(() => Read(description)).Message;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
