using System.Runtime.InteropServices;

namespace Auspex.Native;

/// <summary>One native library: what it is called and where it may lie.</summary>
/// <param name="ImportName">Name in the import declarations.</param>
/// <param name="Title">Name and version for messages.</param>
/// <param name="OverrideVariable">Environment variable that names a file to use and nothing else.</param>
/// <param name="CacheFolder">Folder in the per-user cache, without the platform.</param>
internal sealed record NativeLibraryName(string ImportName, string Title, string OverrideVariable, string CacheFolder)
{
    internal static readonly NativeLibraryName LightGbm = new("lib_lightgbm", "LightGBM 4.1.0", "AUSPEX_LIGHTGBM", "lightgbm-4.1.0");

    internal static readonly NativeLibraryName OnnxRuntime =
        new("onnxruntime", "ONNX Runtime 1.30.0", "AUSPEX_ONNXRUNTIME", "onnxruntime-1.30.0");
}

/// <summary>Where native libraries are looked for, in this order: the file named by the environment variable (then nowhere else), beside
/// the executable, the per-user cache that <c>./dev native</c> fills, the system's library path. A Python installation is not searched:
/// name its file in the environment variable.</summary>
/// <param name="environment">Value of an environment variable, or null.</param>
/// <param name="besideExecutable">Folder of the executable.</param>
/// <param name="userFolder">Home folder of the user.</param>
internal sealed class NativeLibrarySearch(Func<string, string?> environment, string besideExecutable, string userFolder)
{
    internal static NativeLibrarySearch OfThisProcess { get; } = new(
        Environment.GetEnvironmentVariable, AppContext.BaseDirectory, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>linux-x64, darwin-arm64 …: how the cache names this platform.</summary>
    internal static string Platform { get; } =
        (OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")
        + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Full paths to try, in order, without the system's library path.</summary>
    internal IReadOnlyList<string> Files(NativeLibraryName library)
    {
        if (Variable(library.OverrideVariable) is { } file)
        {
            return [Path.GetFullPath(file)];
        }

        string cache = Variable("AUSPEX_CACHE")
            ?? Path.Combine(Variable("XDG_CACHE_HOME") ?? Path.Combine(userFolder, ".cache"), "auspex");
        string[] folders = [besideExecutable, Path.Combine(cache, "native", $"{library.CacheFolder}-{Platform}")];
        return [.. folders.SelectMany(folder => FileNames(library.ImportName).Select(name => Path.Combine(folder, name)))];
    }

    /// <summary>Loads the library from the first place that has it.</summary>
    /// <exception cref="NativeLibraryMissingException">No place has it, or the file named by the variable cannot be loaded.</exception>
    internal IntPtr Load(NativeLibraryName library)
    {
        var looked = new List<string>();
        foreach (string file in Files(library))
        {
            if (!File.Exists(file))
            {
                looked.Add($"{file} (no such file)");
                continue;
            }

            try
            {
                return NativeLibrary.Load(file);
            }
            catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
            {
                looked.Add($"{file} ({e.Message.ReplaceLineEndings(" ").Trim()})"); // such as a missing libgomp.so.1
            }
        }

        if (Variable(library.OverrideVariable) is null)
        {
            foreach (string name in FileNames(library.ImportName))
            {
                if (NativeLibrary.TryLoad(name, out IntPtr handle))
                {
                    return handle;
                }

                looked.Add($"{name} on the system's library path");
            }
        }

        throw new NativeLibraryMissingException(
            $"{library.Title} could not be loaded. Looked at: {string.Join("; ", looked)}. "
            + $"Run ./dev native, which puts it into the per-user cache, or set {library.OverrideVariable} to a library file.");
    }

    private static string[] FileNames(string importName)
    {
        string name = "lib" + WithoutPrefix(importName);
        return OperatingSystem.IsWindows() ? [$"{importName}.dll"]
            : OperatingSystem.IsMacOS() ? [$"{name}.dylib", $"{name}.so"] // LightGBM 4.1.0 builds a .so there
            : [$"{name}.so"];
    }

    private static string WithoutPrefix(string name) => name.StartsWith("lib", StringComparison.Ordinal) ? name[3..] : name;

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
