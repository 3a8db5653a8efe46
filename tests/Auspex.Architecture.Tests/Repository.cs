using System.Xml.Linq;

namespace Auspex.Architecture.Tests;

/// <summary>The checkout these tests were built from, read as text.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    public static IReadOnlyList<Room> Rooms { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Order(StringComparer.Ordinal).Select(Read)];

    private static Room Read(string folder)
    {
        string name = Path.GetFileName(folder);
        var project = XDocument.Load(Path.Combine(folder, name + ".csproj"));
        SourceFile[] files =
        [
            .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path))),
        ];
        return new Room(
            name,
            [.. project.Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value))],
            [.. project.Descendants("PackageReference").Where(r => r.Attribute("PrivateAssets")?.Value != "all").Select(r => r.Attribute("Include")!.Value)],
            project.Descendants("AllowUnsafeBlocks").Any(e => e.Value == "true"),
            files);
    }

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Auspex.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("Auspex.slnx lies above none of the folders of " + AppContext.BaseDirectory);
    }
}

internal sealed record Room(
    string Name, IReadOnlyList<string> References, IReadOnlyList<string> Packages, bool AllowsUnsafe, IReadOnlyList<SourceFile> Files);

internal sealed record SourceFile(string Path, string Text);
