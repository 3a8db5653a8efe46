using System.Globalization;
using System.Threading.RateLimiting;
using Auspex.Server.Wiring;

namespace Auspex.Server.Security;

/// <summary>How many requests an address, an organization and an API key may make: a token bucket each. One who asks too much is told when to come again; others notice nothing.</summary>
public sealed class RequestLimits : IDisposable
{
    /// <summary>So many seconds' worth may come at once.</summary>
    public const int BurstSeconds = 20;

    private readonly PartitionedRateLimiter<string> _limiter;

    /// <summary>Limits of a server's options.</summary>
    public RequestLimits(ServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _limiter = PartitionedRateLimiter.Create<string, string>(who => RateLimitPartition.GetTokenBucketLimiter(who, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = BurstSeconds * options.RequestsPerSecond,
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

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();

    private async Task CountAsync(HttpContext context, RequestDelegate next, string who, string subject)
    {
        using RateLimitLease lease = _limiter.AttemptAcquire(who);
        if (lease.IsAcquired)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        TimeSpan wait = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after) ? after : TimeSpan.FromSeconds(1);
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await TypedResults.Problem($"{subject} asks more than it may. Wait, then go on.", statusCode: StatusCodes.Status429TooManyRequests).ExecuteAsync(context).ConfigureAwait(false);
    }
}
