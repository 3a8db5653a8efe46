using System.Runtime.InteropServices;

namespace Auspex.Native.LightGbm;

/// <summary>Owns one native data set; freed when the last booster that points into it is.</summary>
internal sealed class DatasetHandle : SafeHandle
{
    public DatasetHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle() => NativeMethods.LGBM_DatasetFree(handle) == 0; // may run on the finalizer thread: never throws
}
