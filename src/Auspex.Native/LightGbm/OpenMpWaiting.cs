namespace Auspex.Native.LightGbm;

/// <summary>How LightGBM's threads wait for each other.</summary>
internal static class OpenMpWaiting
{
    /// <summary>Lets them sleep instead of spin, unless OMP_WAIT_POLICY says otherwise. On a machine that does other work too, a thread that spins
    /// takes the processor from the very thread it waits for: with both cores of two busy, the same training took 51 s spinning and 16 s
    /// sleeping; alone, 10 s and 12 s. It must be said before the OpenMP runtime is loaded, and to the C library: .NET keeps an environment of its own.</summary>
    internal static void Sleep()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Libc.NativeMethods.setenv("OMP_WAIT_POLICY", "passive", overwrite: 0);
        }
        catch (DllNotFoundException)
        {
            // Another C library than GNU's: training is only slower on a busy machine.
        }
    }
}
