using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Tests.Evaluate;

public sealed class DraftFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-draft-").FullName;

    private string Target => Path.Combine(_folder, "report.json");

    [Fact]
    public void Complete_OverAnOlderFile_ReplacesItWhole()
    {
        File.WriteAllText(Target, "old");
        using (var draft = new DraftFile(Target))
        {
            draft.Stream.Write("new"u8);
            Assert.Equal("old", File.ReadAllText(Target));
            draft.Complete();
        }

        Assert.Equal("new", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Dispose_NotCompleted_LeavesTheOlderFileAlone()
    {
        File.WriteAllText(Target, "old");
        using (var draft = new DraftFile(Target))
        {
            draft.Stream.Write("half"u8);
        }

        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Create_DraftsOfOthersAround_RemovesOnlyTheDeadOfTheSameFile()
    {
        string dead = $"{Target}.{Guid.NewGuid():N}.tmp";
        string ofAnotherFile = Path.Combine(_folder, $"other.json.{Guid.NewGuid():N}.tmp");
        string noDraft = $"{Target}.notes.tmp";
        string young = $"{Target}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(dead, "killed");
        File.SetLastWriteTimeUtc(dead, File.GetLastWriteTimeUtc(dead).AddMinutes(-2));
        File.WriteAllText(young, "made, and not held yet");
        File.WriteAllText(ofAnotherFile, "x");
        File.WriteAllText(noDraft, "x");
        using var living = new DraftFile(Target);
        string[] before = Directory.GetFiles(_folder, "*.tmp");

        using (new DraftFile(Target))
        {
            Assert.DoesNotContain(dead, Directory.GetFiles(_folder));
            Assert.Equal(before.Length + 1, Directory.GetFiles(_folder, "*.tmp").Length);
        }

        living.Stream.Write("lives"u8);
        living.Complete();
        Assert.Equal("lives", File.ReadAllText(Target));
        Assert.True(File.Exists(ofAnotherFile) && File.Exists(noDraft) && File.Exists(young));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
