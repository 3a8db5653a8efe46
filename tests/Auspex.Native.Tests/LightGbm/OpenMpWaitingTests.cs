using System.Runtime.InteropServices;

namespace Auspex.Native.Tests.LightGbm;

public class OpenMpWaitingTests
{
    [Fact]
    public void Load_OfLightGbm_TellsItsThreadsToSleep()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "OpenMP's waiting is set on Linux only");
        NativeLibraries.RequireAll();

        Assert.Equal(Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") ?? "passive", Marshal.PtrToStringUTF8(getenv("OMP_WAIT_POLICY")));
    }

    [DllImport("libc.so.6", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr getenv(string name);
}
