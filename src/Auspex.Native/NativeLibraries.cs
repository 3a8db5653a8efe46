using Auspex.Native.OnnxRuntime;

namespace Auspex.Native;

/// <summary>The native libraries as a whole.</summary>
public static class NativeLibraries
{
    /// <summary>Loads all of them, so that a missing one is told before a long run and not at its end.</summary>
    /// <exception cref="NativeLibraryMissingException">A library is not on this machine, or is too old.</exception>
    public static void RequireAll()
    {
        _ = NativeLibrarySearch.OfThisProcess.Load(NativeLibraryName.LightGbm);
        _ = OrtEnvironment.Instance;
    }
}
