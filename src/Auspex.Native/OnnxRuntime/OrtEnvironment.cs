using System.Runtime.InteropServices;

namespace Auspex.Native.OnnxRuntime;

/// <summary>The loaded library with what a process needs of it once: environment, default allocator, description of CPU memory. They live as
/// long as the process: sessions on the finalizer thread may still need them at its end.</summary>
internal sealed unsafe class OrtEnvironment
{
    private static readonly Lazy<OrtEnvironment> Loaded = new(() => new OrtEnvironment());

    private OrtEnvironment()
    {
        OrtApiBase* library = NativeMethods.OrtGetApiBase();
        void** table = library->GetApi(OrtApi.Version);
        if (table is null)
        {
            string? found = Marshal.PtrToStringUTF8((IntPtr)library->GetVersionString());
            throw new NativeLibraryMissingException(
                $"ONNX Runtime {found} is too old: 1.{OrtApi.Version} or later is needed. Run ./dev native, or set "
                + $"{NativeLibraryName.OnnxRuntime.OverrideVariable} to a library file.");
        }

        Api = new OrtApi(table);
        IntPtr env, allocator, cpuMemory;
        fixed (byte* name = "auspex\0"u8)
        {
            Api.Check(Api.CreateEnv(OrtApi.LogFatal, name, &env)); // errors come as statuses; printing them too would say them twice
        }

        Api.Check(Api.DisableTelemetryEvents(env)); // the Windows build sends events to Microsoft unless told not to
        Api.Check(Api.GetAllocatorWithDefaultOptions(&allocator));
        Api.Check(Api.CreateCpuMemoryInfo(allocatorType: 0, memoryType: 0, &cpuMemory));
        Handle = env;
        Allocator = allocator;
        CpuMemory = cpuMemory;
    }

    /// <exception cref="NativeLibraryMissingException">The library is not on this machine.</exception>
    internal static OrtEnvironment Instance => Loaded.Value;

    internal OrtApi Api { get; }

    internal IntPtr Handle { get; }

    internal IntPtr Allocator { get; }

    internal IntPtr CpuMemory { get; }
}
