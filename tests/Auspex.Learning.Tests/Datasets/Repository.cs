namespace Auspex.Learning.Tests.Datasets;

/// <summary>Finds files of the repository from the place the tests run in.</summary>
internal static class Repository
{
    internal static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Auspex.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("Auspex.slnx is in no folder above the tests");
    }
}
