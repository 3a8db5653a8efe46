using System.Runtime.InteropServices;

namespace Auspex.Native.LightGbm;

/// <summary>Owns one native booster and counts in the data sets it keeps bare pointers to.</summary>
internal sealed class BoosterHandle : SafeHandle
{
    private readonly List<DatasetHandle> _kept = [];

    public BoosterHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>Keeps <paramref name="dataset"/> alive until this booster is freed; call before the booster learns of it.</summary>
    /// <exception cref="ObjectDisposedException">The data set is disposed already.</exception>
    internal void Keep(DatasetHandle dataset)
    {
        _ = _kept.EnsureCapacity(_kept.Count + 1); // so that nothing can fail between counting in and remembering it
        bool counted = false;
        dataset.DangerousAddRef(ref counted);
        _kept.Add(dataset);
    }

    protected override bool ReleaseHandle() // may run on the finalizer thread: reports, never throws
    {
        bool freed = NativeMethods.LGBM_BoosterFree(handle) == 0;
        foreach (DatasetHandle dataset in _kept)
        {
            dataset.DangerousRelease();
        }

        return freed;
    }
}
