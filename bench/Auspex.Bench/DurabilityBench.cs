using System.Diagnostics;
using System.Globalization;
using Auspex.Storage.Appender;

namespace Auspex.Bench;

/// <summary>Acknowledged frames under SIGKILL.</summary>
internal static class DurabilityBench
{
    /// <param name="args">Folder, kills, seed.</param>
    internal static void Run(string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        KillReport report = KillTrials.RunAsync(
            int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture), args[0], CancellationToken.None).GetAwaiter().GetResult();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Kills} kills (SQLite WAL, synchronous=FULL): {report.Acknowledged} acknowledged frames, each there once; {report.Unacknowledged} more were durable but not yet answered; {report.Chunks} chunks; {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s"));
    }
}
