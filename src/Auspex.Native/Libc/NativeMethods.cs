using System.Runtime.InteropServices;

namespace Auspex.Native.Libc;

/// <summary>The C library of GNU/Linux, mirrored from stdlib.h: same names, same order, same widths.</summary>
internal static partial class NativeMethods
{
    [LibraryImport("libc.so.6", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    internal static partial int setenv(string name, string value, int overwrite);
}
