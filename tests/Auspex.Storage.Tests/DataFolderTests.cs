using System.Diagnostics;

namespace Auspex.Storage.Tests;

public sealed class DataFolderTests : IDisposable
{
    private readonly StorageFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hold_Twice_IsRefusedUntilLetGo()
    {
        string path = _folder.PathOf("data");
        using (DataFolder.Hold(path))
        {
            var refused = Assert.Throws<FolderInUseException>(() => DataFolder.Hold(path));
            Assert.Contains("in use by another process", refused.Message, StringComparison.Ordinal);
        }

        using DataFolder again = DataFolder.Hold(path);
        Assert.Equal(path, again.FullPath);
    }

    [Fact]
    public void Hold_NewFolder_IsTheOwnersAlone()
    {
        using DataFolder held = DataFolder.Hold(_folder.PathOf("data"));

        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps access lists instead of modes");
        UnixFileMode mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(held.FullPath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
    }

    [Fact]
    public void HoldPresent_FolderOfNoServer_IsRefusedAndLeftAlone()
    {
        Directory.CreateDirectory(_folder.PathOf("empty"));

        Assert.Contains("does not exist", Assert.Throws<StorageException>(() => DataFolder.HoldPresent(_folder.PathOf("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("is no data folder", Assert.Throws<StorageException>(() => DataFolder.HoldPresent(_folder.PathOf("empty"))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.PathOf("empty")));
        Assert.False(Directory.Exists(_folder.PathOf("none")));
        DataFolder.Hold(_folder.PathOf("data")).Dispose();
        DataFolder.HoldPresent(_folder.PathOf("data")).Dispose();
    }

    [Fact]
    public void Hold_WhereAFileIs_SaysSo()
    {
        File.WriteAllText(_folder.PathOf("data"), "");

        var refused = Assert.Throws<StorageException>(() => DataFolder.Hold(_folder.PathOf("data")));

        Assert.Contains("cannot be used as a data folder", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hold_HolderWasKilled_IsFree()
    {
        string path = _folder.PathOf("data");
        Directory.CreateDirectory(path);
        // flock(1) holds the same kind of lock and dies without letting go by itself.
        using Process holder = Process.Start(new ProcessStartInfo("flock") { ArgumentList = { Path.Combine(path, "lock"), "-c", "echo held; exec sleep 60" }, RedirectStandardOutput = true })!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        Assert.Throws<FolderInUseException>(() => DataFolder.Hold(path));

        holder.Kill(entireProcessTree: true);
        holder.WaitForExit();

        // The kernel ends the children's descriptors a moment later.
        Assert.True(SpinWait.SpinUntil(() => Record.Exception(() => DataFolder.Hold(path).Dispose()) is null, TimeSpan.FromSeconds(10)));
    }
}
