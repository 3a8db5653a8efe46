using System.Diagnostics;

namespace Auspex.Architecture.Tests;

public class ArchitectureTests
{
    [Fact]
    public void Rooms_AllOfThem_UseOnlyWhatTheTableAllows()
    {
        Assert.True(Repository.Rooms.Count >= 7, $"only {Repository.Rooms.Count} rooms were found below {Repository.Root}");
        Assert.Empty(Repository.Rooms.SelectMany(RoomRule.Violations));
    }

    [Theory]
    [InlineData("Auspex.Models", "Auspex.Native", "", false, "may not use Auspex.Native")]
    [InlineData("Auspex.Server", "Auspex.Learning", "", false, "may not use Auspex.Learning")]
    [InlineData("Auspex.Learning", "Auspex.Cli", "", false, "may not use Auspex.Cli")]
    [InlineData("Auspex.Core", "", "Dapper", false, "base library only")]
    [InlineData("Auspex.Features", "", "", true, "unsafe")]
    [InlineData("Auspex.Common", "", "", false, "no room")]
    public void RoomRule_PlantedViolation_IsCaught(string room, string reference, string package, bool allowsUnsafe, string expected)
    {
        var planted = new Room(room, reference.Length == 0 ? [] : [reference], package.Length == 0 ? [] : [package], allowsUnsafe, []);

        Assert.Contains(expected, Assert.Single(RoomRule.Violations(planted)), StringComparison.Ordinal);
    }

    [Fact]
    public void Stages_AllOfThem_ExchangeCoreRecordsOnly() =>
        Assert.Empty(Repository.Rooms.SelectMany(room => room.Files).SelectMany(StageRule.Violations));

    [Theory]
    [InlineData("namespace Auspex.Learning.Train; using Auspex.Core.Assets;", null)]
    [InlineData("namespace Auspex.Learning.Train; using Auspex.Native.LightGbm;", null)]
    [InlineData("namespace Auspex.Learning; using Auspex.Learning.Label; using Auspex.Learning.Train;", null)]
    [InlineData("using Auspex.Learning.Label;\nnamespace Auspex.Learning.Train;", "may not import stage Auspex.Learning.Label")]
    [InlineData("namespace Auspex.Flow.Alert; class A { Auspex.Flow.Predict.Batcher b; }", "may not import stage Auspex.Flow.Predict")]
    [InlineData("using Auspex.Native.LightGbm;\nnamespace Auspex.Learning.Label;", "may not call natives")]
    [InlineData("namespace Auspex.Core.Utils;", "says nothing")]
    public void StageRule_PlantedViolation_IsCaught(string source, string? expected)
    {
        string[] found = [.. StageRule.Violations(new SourceFile("Planted.cs", source))];

        if (expected is null)
        {
            Assert.Empty(found);
        }
        else
        {
            Assert.Contains(expected, Assert.Single(found), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task BannedSymbols_PlantedUses_DoNotCompile()
    {
        string folder = Path.Combine(Repository.Root, "tests", "Auspex.Architecture.Tests", "Planted");
        using var build = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { "build", Path.Combine(folder, "Planted.csproj"), "-v", "quiet", "--nologo", "--no-incremental", "-p:RestoreLockedMode=false" },
            RedirectStandardOutput = true,
        })!;
        string output = await build.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await build.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(0, build.ExitCode);
        string[] planted = await File.ReadAllLinesAsync(Path.Combine(folder, "PlantedBannedSymbols.cs"), TestContext.Current.CancellationToken);
        int[] lines = [.. Enumerable.Range(1, planted.Length).Where(line => planted[line - 1].Contains("=>", StringComparison.Ordinal))];
        string[] banned = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "BannedSymbols.txt"), TestContext.Current.CancellationToken);
        Assert.Equal(banned.Length, lines.Length);
        foreach (int line in lines)
        {
            Assert.Contains($"PlantedBannedSymbols.cs({line},", output, StringComparison.Ordinal);
        }

        Assert.Contains("error RS0030", output, StringComparison.Ordinal);
    }
}
