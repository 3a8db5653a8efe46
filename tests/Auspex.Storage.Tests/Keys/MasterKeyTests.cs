using Auspex.Storage.Keys;

namespace Auspex.Storage.Tests.Keys;

public sealed class MasterKeyTests : IDisposable
{
    private readonly StorageFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_SecondStart_OpensWhatTheFirstSealed()
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));
        byte[] closed = MasterKey.Of(folder, null).Close([1, 2, 3], "organization 1");

        Assert.Equal([1, 2, 3], MasterKey.Of(folder, null).Open(closed, "organization 1"));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps access lists instead of modes");
        UnixFileMode mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(folder.PathOf("master.key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, mode);
    }

    [Fact]
    public void Open_AnotherOwnerKeyOrBit_Fails()
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));
        MasterKey key = MasterKey.Of(folder, null);
        byte[] closed = key.Close([1, 2, 3], "organization 1");

        Assert.Throws<StorageException>(() => key.Open(closed, "organization 2"));
        Assert.Throws<StorageException>(() => MasterKey.Of(Convert.ToBase64String(new byte[32]), "another").Open(closed, "organization 1"));
        for (int bit = 0; bit < closed.Length * 8; bit++)
        {
            byte[] changed = [.. closed];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<StorageException>(() => key.Open(changed, "organization 1"));
        }

        Assert.Throws<StorageException>(() => key.Open(closed.AsSpan(0, 20), "organization 1"));
    }

    [Fact]
    public void Of_KeyOfAnotherFolderOrNone_IsRefusedAndNamed()
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));
        string id = MasterKey.Of(folder, null).Id;

        string another = Assert.Throws<StorageException>(() => MasterKey.Of(folder, Convert.ToBase64String(new byte[32]))).Message;
        Assert.Contains($"AUSPEX_MASTER_KEY holds the master key {MasterKey.Of(Convert.ToBase64String(new byte[32]), "x").Id}", another, StringComparison.Ordinal);
        Assert.Contains($"needs the key {id}", another, StringComparison.Ordinal);
        File.Delete(folder.PathOf("master.key"));
        Assert.Contains($"needs the key {id}. Put it back", Assert.Throws<StorageException>(() => MasterKey.Of(folder, null)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.PathOf("master.key")));
    }

    [Theory]
    [InlineData("not base64")]
    [InlineData("AAAA")]
    public void Of_NoKey_IsRefused(string text)
    {
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));

        Assert.Contains("AUSPEX_MASTER_KEY holds no master key", Assert.Throws<StorageException>(() => MasterKey.Of(folder, text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_FileOthersMayRead_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps access lists instead of modes");
        using DataFolder folder = DataFolder.Hold(_folder.PathOf("data"));
        MasterKey.Of(folder, null);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.PathOf("master.key"), UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }

        Assert.Contains("chmod 600", Assert.Throws<StorageException>(() => MasterKey.Of(folder, null)).Message, StringComparison.Ordinal);
    }
}
