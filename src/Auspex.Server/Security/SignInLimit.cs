using System.Collections.Concurrent;

namespace Auspex.Server.Security;

/// <summary>Slows guessing of passwords, by address of the network and by account: a stranger who guesses at an account is refused, its owner on
/// another address is not.</summary>
/// <param name="clock">Refills.</param>
public sealed class SignInLimit(TimeProvider clock)
{
    private const int Burst = 10;
    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(30);
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<string, (double Left, long At)> _buckets = new(StringComparer.Ordinal);

    /// <summary>Whether another try is allowed: of this address over all accounts, and of this address at this account.</summary>
    /// <returns>Time to wait; null where it is allowed.</returns>
    public TimeSpan? Wait(string address, string email)
    {
        TimeSpan? ofAddress = Left($"a {address}", 5 * Burst);
        TimeSpan? ofAccount = Left($"b {address} {email.ToUpperInvariant()}", Burst);
        return ofAddress > ofAccount || ofAccount is null ? ofAddress : ofAccount;
    }

    /// <summary>A failed try.</summary>
    public void Failed(string address, string email)
    {
        if (_buckets.Count > Most)
        {
            _buckets.Clear();
        }

        Take($"a {address}", 5 * Burst);
        Take($"b {address} {email.ToUpperInvariant()}", Burst);
    }

    private TimeSpan? Left(string key, int burst)
    {
        double left = Now(key, burst);
        return left >= 1 ? null : (1 - left) * Refill;
    }

    private void Take(string key, int burst) => _buckets[key] = (Math.Max(0, Now(key, burst) - 1), clock.GetTimestamp());

    private double Now(string key, int burst) =>
        _buckets.TryGetValue(key, out var bucket) ? Math.Min(burst, bucket.Left + (clock.GetElapsedTime(bucket.At) / Refill)) : burst;
}
