using System.Text.Json;
using Auspex.Learning.Runs;

namespace Auspex.Learning.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("auspex-runs-").FullName;

    private RunFolder Folder => new(_path);

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void List_RunsKept_AreAllThereNewestFirst()
    {
        Folder.Add(Run("b", hour: 2) with { HeldOutLoss = 0.25, Parameters = new Dictionary<string, string> { ["num_leaves"] = "7" } });
        Folder.Add(Run("a", hour: 1) with { Status = TrainingRunStatus.Failed, Error = "disk full" });
        Folder.Add(Run("c", hour: 2) with { Metrics = JsonSerializer.Deserialize<JsonElement>("{\"recall\":0.5}") });

        List<TrainingRun> runs = ListWhole();

        Assert.Equal(["c", "b", "a"], runs.Select(run => run.Id));
        Assert.Equal(0.5, runs[0].Metrics!.Value.GetProperty("recall").GetDouble());
        Assert.Equal((0.25, "7"), (runs[1].HeldOutLoss, runs[1].Parameters["num_leaves"]));
        Assert.Equal((TrainingRunStatus.Failed, "disk full"), (runs[2].Status, runs[2].Error));
        Assert.Equal(["a.json", "b.json", "c.json"], Directory.GetFileSystemEntries(_path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void List_NoFolder_IsEmpty() => Assert.Empty(new RunFolder(Path.Combine(_path, "none")).List([]));

    [Fact]
    public void Add_FromSeveralThreads_LosesNone()
    {
        Parallel.For(0, 64, i => new RunFolder(_path).Add(Run($"r{i}", hour: i)));

        Assert.Equal(64, ListWhole().Count);
    }

    [Fact]
    public void Add_SameRunTwiceAtOnce_IsOneWholeFile()
    {
        Parallel.For(0, 32, i => new RunFolder(_path).Add(Run("same", hour: 1) with { Error = new string('x', 100_000) }));

        Assert.Equal(100_000, Assert.Single(ListWhole()).Error!.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../outside")]
    [InlineData("/tmp/outside")]
    [InlineData("a b")]
    [InlineData("a.json")]
    public void Add_IdThatIsNoPlainName_IsRefused(string id)
    {
        Assert.Throws<ArgumentException>(() => Folder.Add(Run(id)));
        Assert.Empty(Directory.GetFileSystemEntries(_path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"formatVersion\":1}")]
    [InlineData("RUN \"formatVersion\": 1=\"formatVersion\": 2")]
    [InlineData("RUN \"seed\": 1=\"seed\": \"one\"")]
    [InlineData("RUN \"seed\": 1=\"seed\": 1, \"seed\": 2")]
    [InlineData("RUN \"seed\": 1=\"seed\": 1, \"other\": 2")]
    [InlineData("RUN \"completed\"=3")]
    [InlineData("RUN \"task\": \"failure\"=\"task\": null")]
    public void List_FileThatIsNoRun_IsNamedAndPassedOver(string content)
    {
        Folder.Add(Run("good"));
        string good = File.ReadAllText(Path.Combine(_path, "good.json"));
        string[] change = content.Split('=', 2);
        string bad = content.StartsWith("RUN ", StringComparison.Ordinal) ? good.Replace(change[0][4..], change[1], StringComparison.Ordinal) : content;
        Assert.NotEqual(good, bad);
        File.WriteAllText(Path.Combine(_path, "bad.json"), bad);
        var damaged = new List<string>();

        Assert.Equal("good", Assert.Single(Folder.List(damaged)).Id);

        Assert.StartsWith("bad.json is not a run: ", Assert.Single(damaged), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', damaged[0]);
    }

    [Fact]
    public void List_HostileFolder_NamesWhatItPassesOver()
    {
        Folder.Add(Run("good"));
        File.WriteAllText(Path.Combine(_path, "deep.json"), new string('[', 100_000));
        File.WriteAllBytes(Path.Combine(_path, "bytes.json"), [0xFF, 0xFE, 0x00, 0xD8]);
        File.CreateSymbolicLink(Path.Combine(_path, "ring.json"), Path.Combine(_path, "ring.json"));
        File.CreateSymbolicLink(Path.Combine(_path, "dangling.json"), Path.Combine(_path, "nowhere"));
        Directory.CreateDirectory(Path.Combine(_path, "folder.json"));
        File.WriteAllText(Path.Combine(_path, "notes.txt"), "not looked at");
        var damaged = new List<string>();

        Assert.Equal("good", Assert.Single(Folder.List(damaged)).Id);

        Assert.Equal(["bytes.json", "dangling.json", "deep.json", "ring.json"], damaged.Select(sentence => sentence.Split(' ')[0]).Order());
    }

    [Theory]
    [InlineData("20260101-00", "20260101-000000-aa")]
    [InlineData("20260101-000000-aa", "20260101-000000-aa")] // the beginning of its trials too, but the whole id of one
    [InlineData("20260102", "20260102-000000-bb")]
    public void Get_Beginning_IsTheOneRun(string id, string expected)
    {
        Folder.Add(Run("20260101-000000-aa"));
        Folder.Add(Run("20260102-000000-bb"));
        if (id.Length > 11)
        {
            Folder.Add(Run("20260101-000000-aa-t001"));
        }

        Assert.Equal(expected, Folder.Get(id).Id);
    }

    [Fact]
    public void Get_NoneOrSeveral_SaysWhich()
    {
        Folder.Add(Run("20260101-000000-aa"));
        Folder.Add(Run("20260101-000000-ab"));

        Assert.StartsWith("No run '2025' in ", Assert.Throws<KeyNotFoundException>(() => Folder.Get("2025")).Message, StringComparison.Ordinal);
        Assert.Contains("is the beginning of 2 runs: 20260101-000000-ab, 20260101-000000-aa",
            Assert.Throws<KeyNotFoundException>(() => Folder.Get("20260101")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Folder.Get(" "));
    }

    [Fact]
    public void NewId_Thousand_AreNotAlikeAndSortByTime()
    {
        var start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2));

        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(_ => RunFolder.NewId(start)).Distinct().Count());
        Assert.StartsWith("20260102-010405-", RunFolder.NewId(start), StringComparison.Ordinal);
    }

    private List<TrainingRun> ListWhole()
    {
        var damaged = new List<string>();
        List<TrainingRun> runs = [.. Folder.List(damaged)];
        Assert.Empty(damaged);
        return runs;
    }

    private static TrainingRun Run(string id, int hour = 0) => new()
    {
        FormatVersion = TrainingRun.CurrentFormat,
        Id = id,
        Status = TrainingRunStatus.Completed,
        StartedAt = DateTimeOffset.UnixEpoch.AddHours(hour),
        Seconds = 1.5,
        Task = "failure",
        Dataset = "plant",
        CodeVersion = "1.0.0+abc",
        Seed = 1,
        Parameters = new Dictionary<string, string>(),
    };
}
