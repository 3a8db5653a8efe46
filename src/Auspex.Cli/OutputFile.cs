namespace Auspex.Cli;

/// <summary>Files that a verb is asked to write, looked at before the work begins.</summary>
internal static class OutputFile
{
    /// <summary>Refuses what a finished file cannot be put in the place of.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="file">The file; null when it was not asked for.</param>
    /// <param name="package">Folder of a package that is written too, or null: a package with a foreign file in it is refused when loaded.</param>
    /// <exception cref="UsageException">It is a folder or a device, or lies in the package.</exception>
    public static void Require(string option, FileInfo? file, string? package = null)
    {
        if (file is null)
        {
            return;
        }

        if (Directory.Exists(file.FullName))
        {
            throw new UsageException($"{option} must name a file, '{file}' is a folder.");
        }

        // A finished file is renamed into its place; that would put it in the place of the device.
        if (IsBelow(file, "/dev") || IsBelow(file, "/proc"))
        {
            throw new UsageException($"{option} must name a file on a disk, '{file}' is a device.");
        }

        if (package is not null && IsBelow(file, package))
        {
            throw new UsageException(
                $"{option} must lie outside the package's folder {package}, was '{file}'; a package with other files in it is refused.");
        }
    }

    private static bool IsBelow(FileInfo file, string folder) =>
        file.FullName.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The same of both reports, which must not be one file.</summary>
    /// <exception cref="UsageException">See above.</exception>
    public static void RequireReports(FileInfo? json, FileInfo? html, string? package = null)
    {
        Require("--report", json, package);
        Require("--html", html, package);
        if (json is not null && json.FullName == html?.FullName)
        {
            throw new UsageException($"--report and --html must name two files, both were '{json}'.");
        }
    }
}
