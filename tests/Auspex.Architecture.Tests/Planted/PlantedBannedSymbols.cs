namespace Auspex.Architecture.Tests.Planted;

// One line for each line of BannedSymbols.txt; none may compile.
internal static class PlantedBannedSymbols
{
    public static DateTime Now() => DateTime.Now;

    public static DateTime UtcNow() => DateTime.UtcNow;

    public static DateTime Today() => DateTime.Today;

    public static DateTimeOffset OffsetNow() => DateTimeOffset.Now;

    public static DateTimeOffset OffsetUtcNow() => DateTimeOffset.UtcNow;

    public static void Sleep() => Thread.Sleep(1);

    public static void SleepSpan() => Thread.Sleep(TimeSpan.FromSeconds(1));

    public static Task Delay() => Task.Delay(1);

    public static Task DelaySpan() => Task.Delay(TimeSpan.FromSeconds(1));

    public static Task DelayToken(CancellationToken ct) => Task.Delay(1, ct);

    public static Task DelaySpanToken(CancellationToken ct) => Task.Delay(TimeSpan.FromSeconds(1), ct);

    public static int Shared() => Random.Shared.Next();

    public static Random Unseeded() => new Random();
}
