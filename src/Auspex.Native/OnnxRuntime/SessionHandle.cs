using System.Runtime.InteropServices;

namespace Auspex.Native.OnnxRuntime;

/// <summary>Owns one native session.</summary>
internal sealed class SessionHandle : SafeHandle
{
    public SessionHandle()
        : base(IntPtr.Zero, ownsHandle: true)
    {
    }

    internal SessionHandle(IntPtr session)
        : this() => SetHandle(session);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        OrtEnvironment.Instance.Api.ReleaseSession(handle);
        return true;
    }
}
