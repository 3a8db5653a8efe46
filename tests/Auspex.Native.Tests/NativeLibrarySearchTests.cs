namespace Auspex.Native.Tests;

public sealed class NativeLibrarySearchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-native-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_NothingSet_AreBesideTheExecutableThenInTheUserCache()
    {
        var search = new NativeLibrarySearch(_ => null, "/app", "/home/me");

        IReadOnlyList<string> files = search.Files(NativeLibraryName.LightGbm);

        Assert.Equal(
            ["/app", $"/home/me/.cache/auspex/native/lightgbm-4.1.0-{NativeLibrarySearch.Platform}"],
            files.Select(file => Path.GetDirectoryName(file)!).Distinct());
        Assert.StartsWith("lib_lightgbm.", Path.GetFileName(files[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/xdg", null, "/xdg/auspex/native/onnxruntime-1.30.0-")]
    [InlineData("/xdg", "/own", "/own/native/onnxruntime-1.30.0-")]
    [InlineData("", "", "/home/me/.cache/auspex/native/onnxruntime-1.30.0-")]
    public void Files_CacheMoved_FollowsAsTheScriptDoes(string? xdg, string? auspex, string expected)
    {
        var search = new NativeLibrarySearch(
            name => name switch { "XDG_CACHE_HOME" => xdg, "AUSPEX_CACHE" => auspex, _ => null }, "/app", "/home/me");

        Assert.StartsWith(expected, search.Files(NativeLibraryName.OnnxRuntime)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Files_VariableNamesAFile_IsTheOnlyOne()
    {
        var search = new NativeLibrarySearch(name => name == "AUSPEX_LIGHTGBM" ? "/opt/x.so" : null, "/app", "/home/me");

        Assert.Equal(["/opt/x.so"], search.Files(NativeLibraryName.LightGbm));
        Assert.NotEqual(["/opt/x.so"], search.Files(NativeLibraryName.OnnxRuntime));
    }

    [Fact]
    public void Load_FoundNowhere_SaysWhereWasLookedAndWhatToDo()
    {
        var search = new NativeLibrarySearch(_ => null, _folder, _folder);

        var error = Assert.Throws<NativeLibraryMissingException>(
            () => search.Load(new NativeLibraryName("lib_no_such_library", "No Such Library 1.0", "AUSPEX_NO_SUCH_LIBRARY", "no-such-1.0")));

        Assert.StartsWith("No Such Library 1.0 could not be loaded.", error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder, "lib_no_such_library."), error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder, ".cache", "auspex", "native", "no-such-1.0-"), error.Message, StringComparison.Ordinal);
        Assert.Contains("on the system's library path", error.Message, StringComparison.Ordinal);
        Assert.Contains("./dev native", error.Message, StringComparison.Ordinal);
        Assert.Contains("AUSPEX_NO_SUCH_LIBRARY", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_VariableNamesWhatIsNoLibrary_FailsInsteadOfTakingAnother()
    {
        string file = Path.Combine(_folder, "broken.so");
        File.WriteAllText(file, "not a library");
        var search = new NativeLibrarySearch(
            name => name == "AUSPEX_LIGHTGBM" ? file : Environment.GetEnvironmentVariable(name), AppContext.BaseDirectory, _folder);

        var error = Assert.Throws<NativeLibraryMissingException>(() => search.Load(NativeLibraryName.LightGbm));

        Assert.Contains($"{file} (", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("system's library path", error.Message, StringComparison.Ordinal);
    }
}
