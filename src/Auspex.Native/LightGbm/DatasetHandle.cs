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

    /// <summary>True when the native data set is gone, which may be long after this handle was disposed.</summary>
    internal bool IsFreed { get; private set; }

    protected override bool ReleaseHandle() // may run on the finalizer thread: reports, never throws
    {
        IsFreed = true;
        return NativeMethods.LGBM_DatasetFree(handle) == 0;
    }
}
