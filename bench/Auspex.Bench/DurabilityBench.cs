using System.Diagnostics;
using System.Globalization;
using Auspex.Flow.Tests;
using Auspex.Storage.Appender;

namespace Auspex.Bench;

/// <summary>Acknowledged frames under SIGKILL.</summary>
internal static class DurabilityBench
{
    /// <param name="args">Folder, kills over SQLite, seed, kills over PostgreSQL.</param>
    internal static void Run(string[] args) =>
        RunAsync(args[0], CountOf(args[1]), CountOf(args[2]), CountOf(args[3])).GetAwaiter().GetResult();

    /// <param name="args">Folder, kills, seed.</param>
    internal static void RunJudged(string[] args)
    {
        long start = Stopwatch.GetTimestamp();
        JudgeReport report = JudgeTrials.RunAsync(CountOf(args[1]), CountOf(args[2]), args[0], CancellationToken.None).GetAwaiter().GetResult();
        StorageBench.Say($"{report.Kills} kills of the live line (SQLite WAL, synchronous=FULL): {report.Acknowledged} acknowledged frames, each there; {report.Judged} stored, each with the one prediction of a run without kills, to the bit; {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
    }

    private static async Task RunAsync(string folder, int kills, int seed, int postgreSqlKills)
    {
        await SayAsync("SQLite WAL, synchronous=FULL", KillTrials.OnSqliteAsync(kills, seed, folder, CancellationToken.None)).ConfigureAwait(false);
        if (Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL") is not { Length: > 0 } server)
        {
            StorageBench.Say($"PostgreSQL: left out, AUSPEX_TEST_POSTGRESQL is not set");
            return;
        }

        string durability = await StorageBench.DurabilityOfAsync(server).ConfigureAwait(false);
        await SayAsync(durability, KillTrials.OnPostgreSqlAsync(postgreSqlKills, seed, server, CancellationToken.None)).ConfigureAwait(false);
    }

    private static async Task SayAsync(string database, Task<KillReport> trials)
    {
        long start = Stopwatch.GetTimestamp();
        KillReport report = await trials.ConfigureAwait(false);
        StorageBench.Say($"{report.Kills} kills ({database}): {report.Acknowledged} acknowledged frames, each there once; {report.Unacknowledged} more were durable but not yet answered; {report.Chunks} chunks; {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s");
    }

    private static int CountOf(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
