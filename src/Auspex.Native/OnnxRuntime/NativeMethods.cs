using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auspex.Native.OnnxRuntime;

/// <summary>The one exported function of ONNX Runtime 1.30.0, from onnxruntime_c_api.h.</summary>
internal static unsafe partial class NativeMethods
{
    [LibraryImport("onnxruntime")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial OrtApiBase* OrtGetApiBase();
}

[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct OrtApiBase
{
    internal readonly delegate* unmanaged<uint, void**> GetApi; // null when the library is older than asked for
    internal readonly delegate* unmanaged<byte*> GetVersionString;
}
