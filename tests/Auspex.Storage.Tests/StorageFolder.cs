namespace Auspex.Storage.Tests;

/// <summary>A folder that goes with its test.</summary>
internal sealed class StorageFolder : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory("auspex-storage-").FullName;

    public string PathOf(string name) => Path.Combine(FullPath, name);

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
