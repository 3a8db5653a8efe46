using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auspex.Native;

internal static class NativeLibraryResolver
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The resolver must stand before the first native call of this assembly, whichever it is.")]
    internal static void Register()
    {
        LightGbm.OpenMpWaiting.Sleep();
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraryResolver).Assembly, static (name, _, _) =>
            name == NativeLibraryName.LightGbm.ImportName ? NativeLibrarySearch.OfThisProcess.Load(NativeLibraryName.LightGbm)
            : name == NativeLibraryName.OnnxRuntime.ImportName ? NativeLibrarySearch.OfThisProcess.Load(NativeLibraryName.OnnxRuntime)
            : IntPtr.Zero);
    }
}
