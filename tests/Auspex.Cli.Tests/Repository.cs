namespace Auspex.Cli.Tests;

/// <summary>The repository the tests run in.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find(AppContext.BaseDirectory);

    public static string Page(string name) => File.ReadAllText(Path.Combine(Folder, "docs", name)).ReplaceLineEndings("\n");

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Auspex.slnx")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
