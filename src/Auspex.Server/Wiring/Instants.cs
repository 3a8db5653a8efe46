namespace Auspex.Server.Wiring;

/// <summary>Instants as they are stored.</summary>
internal static class Instants
{
    /// <summary>Now, to the millisecond: what is answered at once is what is read later.</summary>
    internal static DateTimeOffset Now(this TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
