using System.Collections.Concurrent;
using System.Globalization;
using Auspex.Server.Wiring;

namespace Auspex.Server.Security;

/// <summary>Routes that take readings: what they take counts against the organization's quota of values.</summary>
public sealed record TakesValues;

/// <summary>How many values a second an organization may send over time. Who has sent more than that is told when to come again, before anything of the request is read; others notice
/// nothing.</summary>
/// <remarks>A batch is taken whole while there is anything left, and what it takes beyond that is waited for: so any batch passes, and the mean is kept.</remarks>
/// <param name="options">How many.</param>
/// <param name="clock">Fills up again; by its timestamp, which no clock that is set moves.</param>
public sealed class ValueQuota(ServerOptions options, TimeProvider clock)
{
    /// <summary>So many seconds' worth may come at once.</summary>
    public const int BurstSeconds = 20;

    // A row that is refused costs by its length, as its values are not known.
    private const int CharactersAValue = 10;

    private readonly ConcurrentDictionary<Guid, Left> _left = new();

    /// <summary>Values of a refused row.</summary>
    internal static long OfRefused(string text) => 1 + (text.Length / CharactersAValue);

    /// <summary>Refuses a request of an organization that has used up its quota.</summary>
    internal async Task OfCallerAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<TakesValues>() is not null && context.Features.Get<Caller>()?.Organization is { } organization && Wait(organization) is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            await TypedResults.Problem(
                $"This organization sends more than {options.ValuesPerSecond} values a second. Nothing of the request is stored; wait, then send it again.",
                statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
    }

    /// <summary>How long an organization is to wait; null where it may send.</summary>
    internal TimeSpan? Wait(Guid organization)
    {
        if (!_left.TryGetValue(organization, out Left? left))
        {
            return null;
        }

        lock (left)
        {
            Fill(left);
            return left.Values > 0 ? null : TimeSpan.FromSeconds((1 - left.Values) / options.ValuesPerSecond);
        }
    }

    /// <summary>Counts values that an organization sent.</summary>
    internal void Spend(Guid organization, long values)
    {
        if (!_left.TryGetValue(organization, out Left? left))
        {
            left = _left.GetOrAdd(organization, _ => new Left { Values = (double)BurstSeconds * options.ValuesPerSecond, At = clock.GetTimestamp() });
        }

        lock (left)
        {
            Fill(left);
            left.Values -= values;
        }
    }

    private void Fill(Left left)
    {
        long now = clock.GetTimestamp();
        left.Values = Math.Min((double)BurstSeconds * options.ValuesPerSecond, left.Values + (clock.GetElapsedTime(left.At, now).TotalSeconds * options.ValuesPerSecond));
        left.At = now;
    }

    private sealed class Left
    {
        public double Values { get; set; }

        public long At { get; set; }
    }
}
