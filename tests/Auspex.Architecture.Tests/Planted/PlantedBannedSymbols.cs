namespace Auspex.Architecture.Tests.Planted;

internal static class PlantedBannedSymbols
{
    public static DateTime WallClock() => DateTime.UtcNow;

    public static DateTimeOffset LocalWallClock() => DateTimeOffset.Now;

    public static void Wait() => Thread.Sleep(1);

    public static Task WaitAsync() => Task.Delay(1);

    public static int Unseeded() => Random.Shared.Next();
}
