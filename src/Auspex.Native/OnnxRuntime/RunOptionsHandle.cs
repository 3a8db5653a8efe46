using System.Runtime.InteropServices;

namespace Auspex.Native.OnnxRuntime;

/// <summary>Owns the options of one run, through which it is told to stop.</summary>
internal sealed class RunOptionsHandle : SafeHandle
{
    public RunOptionsHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal static unsafe RunOptionsHandle Create()
    {
        OrtApi api = OrtEnvironment.Instance.Api;
        var options = new RunOptionsHandle();
        IntPtr created;
        api.Check(api.CreateRunOptions(&created));
        options.SetHandle(created);
        return options;
    }

    /// <summary>The run fails before its next node. From any thread, before or during the run.</summary>
    internal void Terminate()
    {
        bool counted = false;
        try
        {
            DangerousAddRef(ref counted);
            OrtApi api = OrtEnvironment.Instance.Api;
            api.Check(api.RunOptionsSetTerminate(handle));
        }
        finally
        {
            if (counted)
            {
                DangerousRelease();
            }
        }
    }

    protected override bool ReleaseHandle()
    {
        OrtEnvironment.Instance.Api.ReleaseRunOptions(handle);
        return true;
    }
}
