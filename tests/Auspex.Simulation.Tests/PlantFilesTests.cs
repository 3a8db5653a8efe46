using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Auspex.Core.Assets;
using Auspex.Simulation.Furnace;
using Auspex.Simulation.Turbofan;

namespace Auspex.Simulation.Tests;

public sealed class PlantFilesTests : IDisposable
{
    private static readonly SimulatedPlant Plant = FurnacePlant.Generate(new FurnacePlantOptions { Furnaces = 11, Duration = TimeSpan.FromDays(30) });

    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-plant-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_Frames_HoldEveryValueOfThePlant()
    {
        PlantFiles.Write(Plant, Path.Combine(_folder, "new"));

        string[][] lines = Read("frames.csv.gz");

        Assert.Equal(["asset", "time", .. Plant.Schema.Signals.Select(signal => signal.Name)], lines[0]);
        int line = 1;
        foreach (AssetHistory history in Plant.Assets)
        {
            for (int row = 0; row < history.Count; row++, line++)
            {
                Assert.Equal(history.Asset.Value, lines[line][0]);
                Assert.Equal(history.TimesUnixMs[row], UnixMs(lines[line][1]));
                Assert.Equal(history.Values.Select(column => column[row]),
                    lines[line].Skip(2).Select(cell => cell.Length == 0 ? double.NaN : double.Parse(cell, CultureInfo.InvariantCulture)));
            }
        }

        Assert.Equal(lines.Length, line);
        Assert.Contains(lines, cells => cells.Contains("")); // missing readings are empty cells
    }

    [Theory]
    [InlineData(AssetEventKind.Failure, "failures.csv", "component")]
    [InlineData(AssetEventKind.Maintenance, "maintenance.csv", "component")]
    [InlineData(AssetEventKind.Error, "errors.csv", "code")]
    public void Write_Events_HoldEveryEventOfTheirKind(AssetEventKind kind, string file, string column)
    {
        PlantFiles.Write(Plant, Path.Combine(_folder, "new"));

        string[][] lines = Read(file);

        Assert.Equal(["asset", "time", column], lines[0]);
        Assert.True(lines.Length > 10, $"{lines.Length - 1} events");
        Assert.Equal(
            Plant.Assets.SelectMany(history => history.Events).Where(happened => happened.Kind == kind),
            lines.Skip(1).Select(cells => new AssetEvent(new AssetId(cells[0]), UnixMs(cells[1]), kind, cells[2])));
    }

    [Fact]
    public void Write_Facts_NameTheModel()
    {
        PlantFiles.Write(Plant, Path.Combine(_folder, "new"));

        string[][] lines = Read("assets.csv");

        Assert.Equal(["asset", "model", "age_years"], lines[0]);
        Assert.Equal(Plant.Assets.Select(history => history.Asset.Value), lines.Skip(1).Select(cells => cells[0]));
        Assert.Equal(Plant.Assets.Select(history => history.Facts[0] == 0 ? "HF-400" : "HF-600"), lines.Skip(1).Select(cells => cells[1]));
        Assert.Equal(
            Plant.Assets.Select(history => history.Facts[1]),
            lines.Skip(1).Select(cells => double.Parse(cells[2], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Write_Description_SaysWhatTheFilesHold()
    {
        string path = PlantFiles.Write(Plant, Path.Combine(_folder, "new"));

        JsonNode description = JsonNode.Parse(File.ReadAllText(path))!;

        Assert.Equal("furnace.json", Path.GetFileName(path));
        Assert.Equal("furnace", (string?)description["name"]);
        Assert.Equal("frames.csv.gz", (string?)description["frames"]![0]!["file"]);
        Assert.Equal("2026-01-21T00:00:00Z", (string?)description["split"]!["at"]); // two thirds of 30 days
        Assert.Equal("12h", (string?)description["labels"]!["horizon"]);
        Assert.Equal("6h", (string?)description["labels"]!["recovery"]);
        Assert.Equal(["1h", "6h", "1d"], description["features"]!["windows"]!.AsArray().Select(window => (string)window!));
        Assert.Equal(["failure", "maintenance", "error"], description["events"]!.AsArray().Select(file => (string)file!["kind"]!));
        JsonNode[] signals = [.. description["signals"]!.AsArray().Select(signal => signal!)];
        Assert.Equal(
            Plant.Schema.Signals.Concat(Plant.Schema.Facts).Select(signal => signal.Name),
            signals.Select(signal => (string)signal["name"]!));
        Assert.Equal("operatingSetting", (string?)signals.Single(signal => (string)signal["name"]! == "load")["role"]);
        JsonNode model = signals.Single(signal => (string)signal["name"]! == "model");
        Assert.Equal(["HF-400", "HF-600"], model["states"]!.AsArray().Select(state => (string)state!));
    }

    [Fact]
    public void Write_Twice_GivesEqualBytes()
    {
        PlantFiles.Write(Plant, Path.Combine(_folder, "new"));
        PlantFiles.Write(Plant, Path.Combine(_folder, "other"));

        string[] files = [.. Directory.GetFiles(Path.Combine(_folder, "new")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

        Assert.Equal(["assets.csv", "errors.csv", "failures.csv", "frames.csv.gz", "furnace.json", "maintenance.csv"], files);
        Assert.All(files, file => Assert.Equal(
            File.ReadAllBytes(Path.Combine(_folder, "new", file)),
            File.ReadAllBytes(Path.Combine(_folder, "other", file))));
    }

    [Fact]
    public void WriteTruth_HoldsEveryDegradationAndEverySuddenFailure()
    {
        SimulatedPlant plant = LivePlants.Of(LivePlants.Line)[0].Recorded;
        Directory.CreateDirectory(Path.Combine(_folder, "new"));
        PlantFiles.WriteTruth(plant, Path.Combine(_folder, "new", "truth.csv"));

        string[][] lines = Read("truth.csv");

        Assert.Equal(["asset", "component", "onset", "end", "outcome"], lines[0]);
        Assert.Equal(plant.Failures.Count(failure => failure.Sudden), lines.Count(cells => cells[4] == "sudden" && cells[2].Length == 0));
        Assert.Equal(plant.Failures.Count(failure => !failure.Sudden), lines.Count(cells => cells[4] == "failed" && cells[2].Length > 0));
        Assert.Equal(plant.Precursors.Count(one => one.End == PrecursorEnd.Healed), lines.Count(cells => cells[4] == "healed"));
    }

    [Fact]
    public void Write_PlantOfLives_IsDescribedAsSuch()
    {
        var options = new EngineFleetOptions { Engines = 5 };
        string path = PlantFiles.Write(new EngineFleet(options).History(options.Start + EngineFleet.LongestHistory), Path.Combine(_folder, "new"));

        JsonNode description = JsonNode.Parse(File.ReadAllText(path))!;

        Assert.Equal("turbofan.json", Path.GetFileName(path));
        Assert.Equal("8h", (string?)description["frames"]![0]!["time"]!["period"]);
        Assert.Equal("cycle", (string?)description["frames"]![0]!["time"]!["periodName"]);
        Assert.Equal(125, (int?)description["labels"]!["lifeCap"]);
        Assert.Equal(0.3, (double?)description["split"]!["testShare"]);
        Assert.Empty(description["features"]!.AsObject()); // left to the task
        Assert.Empty(description["assetFacts"]!.AsArray());
        Assert.False(File.Exists(Path.Combine(_folder, "new", "assets.csv")));
        Assert.Equal(5, Read("failures.csv").Length - 1);
    }

    private string[][] Read(string file)
    {
        using Stream stream = File.OpenRead(Path.Combine(_folder, "new", file));
        using var reader = new StreamReader(
            file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        return [.. reader.ReadToEnd().TrimEnd('\n').Split('\n').Select(line => line.Split(','))];
    }

    private static long UnixMs(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
