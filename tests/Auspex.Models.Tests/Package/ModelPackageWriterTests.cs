using Auspex.Models.Package;

namespace Auspex.Models.Tests.Package;

public sealed class ModelPackageWriterTests : IDisposable
{
    private readonly TestPackage _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Write_Package_LeavesTheFolderAndNothingElse()
    {
        _test.Write();

        Assert.Equal([_test.Folder], Directory.GetFileSystemEntries(_test.Root));
        Assert.Equal(["manifest.json", "model.onnx"], Directory.GetFiles(_test.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytes()
    {
        _test.Write();
        string second = Path.Combine(_test.Root, "second");

        ModelPackageWriter.Write(second + Path.DirectorySeparatorChar, ModelPackage.Create(TestPackage.Manifest(), TestPackage.Model()),
            CancellationToken.None);

        Assert.Equal(File.ReadAllBytes(_test.PathOf("manifest.json")), File.ReadAllBytes(Path.Combine(second, "manifest.json")));
        Assert.Equal(File.ReadAllBytes(_test.PathOf("model.onnx")), File.ReadAllBytes(Path.Combine(second, "model.onnx")));
    }

    [Fact]
    public void Write_EmptyFolder_IsFilled()
    {
        Directory.CreateDirectory(_test.Folder);

        _test.Write();

        ModelPackage.Load(_test.Folder);
    }

    [Fact]
    public void Write_FilledFolderOrFile_IsRefusedAndLeftAlone()
    {
        Directory.CreateDirectory(_test.Folder);
        File.WriteAllText(_test.PathOf("mine.txt"), "keep");
        Assert.Throws<ModelPackageException>(_test.Write);
        Assert.Equal("keep", File.ReadAllText(_test.PathOf("mine.txt")));
        Assert.Equal([_test.Folder], Directory.GetFileSystemEntries(_test.Root));

        Directory.Delete(_test.Folder, recursive: true);
        File.WriteAllText(_test.Folder, "keep");
        Assert.Throws<ModelPackageException>(_test.Write);
        Assert.Equal("keep", File.ReadAllText(_test.Folder));
    }

    [Fact]
    public void Write_Cancelled_LeavesNothing()
    {
        ModelPackage package = ModelPackage.Create(TestPackage.Manifest(), TestPackage.Model());

        Assert.Throws<OperationCanceledException>(() => ModelPackageWriter.Write(_test.Folder, package, new CancellationToken(canceled: true)));

        Assert.Empty(Directory.GetFileSystemEntries(_test.Root));
    }

    [Fact]
    public void Write_DraftsOfAKilledRun_AreRemovedAndThoseOfOthersKept()
    {
        string stale = Path.Combine(_test.Root, $".press.{Guid.NewGuid():N}.tmp");
        string other = Path.Combine(_test.Root, $".press.v2.{Guid.NewGuid():N}.tmp");
        string unlike = Path.Combine(_test.Root, ".press.tmp");
        foreach (string folder in (string[])[stale, other, unlike])
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "model.onnx"), "half");
        }

        File.WriteAllText(Path.Combine(_test.Root, ".press.lock"), ""); // left by the killed run, held by nobody

        _test.Write();

        Assert.Equal([unlike, other, _test.Folder], Directory.GetFileSystemEntries(_test.Root).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_WhileAnotherWrites_IsRefusedAndHarmsNothing()
    {
        string draft = Path.Combine(_test.Root, $".press.{Guid.NewGuid():N}.tmp");
        Directory.CreateDirectory(draft);
        using (new FileStream(Path.Combine(_test.Root, ".press.lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Contains("Another process", Assert.Throws<ModelPackageException>(_test.Write).Message, StringComparison.Ordinal);
            Assert.True(Directory.Exists(draft));
        }
    }
}
