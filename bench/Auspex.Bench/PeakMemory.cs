using System.Globalization;

namespace Auspex.Bench;

/// <summary>The largest share of the machine's memory this process has held, natives included.</summary>
internal static class PeakMemory
{
    /// <summary>MiB resident at the peak, by the kernel (VmHWM); NaN where the kernel does not say.</summary>
    internal static double MiB()
    {
        const string status = "/proc/self/status";
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)) : null;
        return line is null ? double.NaN : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
