using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using Auspex.Server.Wiring;

namespace Auspex.Server.Security;

/// <summary>How many requests an address, an organization and an API key may make: a token bucket each. One who asks too much is told when to come again; others notice nothing.</summary>
public sealed class RequestLimits : IDisposable
{
    /// <summary>So many seconds' worth may come at once.</summary>
    public const int BurstSeconds = 20;

    // Subjects whose requests are told to other servers in a second at most.
    private const int MostSubjects = 10_000;

    private readonly PartitionedRateLimiter<string> _limiter;
    private readonly int _burst;
    private ConcurrentDictionary<string, StrongBox<int>>? _counts;

    /// <summary>Limits of a server's options.</summary>
    public RequestLimits(ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _burst = BurstSeconds * options.RequestsPerSecond;
        _limiter = PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = _burst,
            TokensPerPeriod = options.RequestsPerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));
    }

    /// <summary>Counts a request of an address, before anything else is known of it.</summary>
    internal Task OfAddressAsync(HttpContext context, RequestDelegate next) => CountAsync(context, next, $"address {context.Connection.RemoteIpAddress}", "This address");

    /// <summary>Counts a request of a key or an organization.</summary>
    internal Task OfCallerAsync(HttpContext context, RequestDelegate next) => context.Features.Get<Caller>() switch
    {
        { KeyId: { } key } => CountAsync(context, next, $"key {key}", "This API key"),
        { Organization: { } organization } => CountAsync(context, next, $"organization {organization}", "This organization"),
        _ => next(context),
    };

    /// <summary>Requests that were let in since it was asked last, by subject; they are counted from the first time it is asked.</summary>
    internal (string[] Subjects, long[] Requests) TakeCounts()
    {
        KeyValuePair<string, StrongBox<int>>[] counts =
            [.. Interlocked.Exchange(ref _counts, new ConcurrentDictionary<string, StrongBox<int>>(StringComparer.Ordinal)) ?? []];
        return (Array.ConvertAll(counts, count => count.Key), Array.ConvertAll(counts, count => (long)count.Value.Value));
    }

    /// <summary>Counts requests that another server let in; of more than are left, what is left.</summary>
    internal void Spend(string subject, int requests)
    {
        for (int step = _burst; step > 0 && requests > 0;)
        {
            step = Math.Min(step, requests);
            using RateLimitLease lease = _limiter.AttemptAcquire(subject, step);
            if (lease.IsAcquired)
            {
                requests -= step;
            }
            else
            {
                step /= 2;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private async Task CountAsync(HttpContext context, RequestDelegate next, string who, string subject)
    {
        using RateLimitLease lease = _limiter.AttemptAcquire(who);
        if (lease.IsAcquired)
        {
            if (_counts is { } counts && (counts.TryGetValue(who, out StrongBox<int>? count) || counts.Count < MostSubjects))
            {
                Interlocked.Increment(ref (count ?? counts.GetOrAdd(who, static _ => new StrongBox<int>())).Value);
            }

            await next(context).ConfigureAwait(false);
            return;
        }

        TimeSpan wait = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromSeconds(1);
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await TypedResults.Problem($"{subject} asks more than it may. Wait, then go on.", statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context).ConfigureAwait(false);
    }
}
