using System.Globalization;
using System.Text.RegularExpressions;
using Auspex.Learning.Datasets;

namespace Auspex.Cli.Tests;

/// <summary>The pages say what the program does.</summary>
public sealed partial class DocumentationTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("cross-validate")]
    [InlineData("runs")]
    [InlineData("evaluate")]
    [InlineData("score")]
    [InlineData("inspect")]
    [InlineData("demo")]
    [InlineData("serve")]
    [InlineData("audit verify")]
    [InlineData("log")]
    [InlineData("key rotate")]
    [InlineData("backup")]
    [InlineData("restore")]
    [InlineData("organization export")]
    [InlineData("organization import")]
    public async Task CliPage_OfEachVerb_HasTheOptionsOfTheProgram(string verb)
    {
        string section = Repository.Page("cli.md").Split($"\n## {verb.Split(' ')[0]}\n")[1].Split("\n## ")[0];
        if (verb.StartsWith("organization ", StringComparison.Ordinal))
        {
            section = section.Split($"\nOptions of `{verb.Split(' ')[1]}`:\n")[1].Split("\nOptions of ")[0]; // a verb with two faces has a table for each
        }

        string[] documented = Names(OptionRow().Matches(section), "");
        string[] required = Names(OptionRow().Matches(section), "**required**");

        string help = (await AuspexProcess.RunAsync([.. verb.Split(' '), "--help"])).Output;

        MatchCollection options = HelpOption().Matches(help);
        Assert.Equal(Names(options, "").Except(["--help"]), documented);
        Assert.Equal(Names(options, "(REQUIRED)"), required);
    }

    [Fact]
    public async Task CliPage_Verbs_AreThoseOfTheProgram()
    {
        string commands = (await AuspexProcess.RunAsync("--help")).Output.Split("Commands:\n")[1];
        string[] verbs = [.. commands.Split('\n').TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line.Trim().Split(' ')[0])];

        // Chapters of verbs are written small, as the verbs are.
        Assert.Equal(Names(Section().Matches(Repository.Page("cli.md")), "").Where(name => char.IsLower(name[0])), verbs.Order());
    }

    [Fact]
    public void CliPage_ExitCodes_AreThoseOfTheProgram()
    {
        string section = Repository.Page("cli.md").Split("\n## Exit codes\n")[1].Split("\n## ")[0];

        int[] documented = [.. ExitCodeRow().Matches(section).Select(row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture))];

        Assert.Equal(
            [ExitCode.Done, ExitCode.Failed, ExitCode.Usage, ExitCode.DataRefused, ExitCode.ModelRefused, ExitCode.StorageRefused, ExitCode.Interrupted], documented);
    }

    [Fact]
    public void TroubleshootingPage_QuotedMessages_OccurInTheSources()
    {
        string[] sources =
        [
            .. Directory.EnumerateFiles(Path.Combine(Repository.Folder, "src"), "*.cs", SearchOption.AllDirectories)
                .Select(path => Spoken(File.ReadAllText(path))),
        ];

        string[] quoted = [.. QuotedMessages(Repository.Page("troubleshooting.md"))];

        Assert.True(quoted.Length >= 20);
        Assert.Equal([], quoted.Where(message => !sources.Any(source => Says(source, message))));
        Assert.DoesNotContain(sources, source => Says(source, "There is no such … on this machine.")); // what nobody says is found out
        Assert.DoesNotContain(sources, source => Says(source, "There is no such folder. Check the …, or train a model first."));
    }

    [Theory]
    [InlineData("onboarding.md")]
    [InlineData("tuning.md")]
    public void Pages_Descriptions_AreAccepted(string page)
    {
        string[] examples = [.. JsonBlock().Matches(Repository.Page(page)).Select(block => block.Groups[1].Value)];

        Assert.NotEmpty(examples);
        // Pages show either a whole description or some of its keys.
        Assert.All(examples, example => DatasetDescriptionReader.Parse(
            example.Contains("\"frames\"", StringComparison.Ordinal) ? example : Whole + example.TrimStart()[1..], page));
    }

    private const string Whole = """
        { "name": "x", "frames": [{ "file": "f.csv", "asset": { "column": "a" }, "time": { "column": "t" } }], "signals": [{ "name": "s" }],
        """;

    // Each message stands in a block marked "message", one a line; "…" stands for what the program fills in.
    private static IEnumerable<string> QuotedMessages(string page) => MessageBlock().Matches(page)
        .SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        .Select(line => line.StartsWith("auspex: ", StringComparison.Ordinal) ? line["auspex: ".Length..] : line);

    // A source as it speaks: texts joined by + are one.
    private static string Spoken(string source) => Joined().Replace(source, "").Replace("\\\"", "\"", StringComparison.Ordinal);

    // What is filled in is an expression of the source, in braces or between two texts: the fixed parts follow each other within one statement.
    private static bool Says(string source, string message) => Regex.IsMatch(source, string.Join(
        "\\s*[{\"](?:[^;]|;(?= \")){0,200}?[}\"]\\s*",
        message.Split('…', StringSplitOptions.RemoveEmptyEntries).Select(part => Regex.Escape(part.Trim()))));

    private static string[] Names(MatchCollection matches, string marked) =>
        [.. matches.Where(match => match.Value.Contains(marked, StringComparison.Ordinal)).Select(match => match.Groups[1].Value).Order()];

    [GeneratedRegex(@"^\| `(--[a-z-]+).*$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex(@"^  (?:-[^ ]+, )*(--[a-z-]+).*$", RegexOptions.Multiline)]
    private static partial Regex HelpOption();

    [GeneratedRegex(@"^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex ExitCodeRow();

    [GeneratedRegex("```json\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("```message\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex MessageBlock();

    [GeneratedRegex("\"\\s*\\+\\s*\\$?\"")]
    private static partial Regex Joined();
}
