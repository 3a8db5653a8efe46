using System.Text.RegularExpressions;
using Auspex.Server.Security;

namespace Auspex.Server.Wiring;

/// <summary>Gives each request a correlation id, its sender's own where it sent one, puts it and the organization on every line of the request, and writes one line when
/// it has been answered, at level Debug for a read that went well within a second: never a body, a query or a header.</summary>
internal sealed partial class RequestLog(RequestDelegate next, TimeProvider clock, ILogger<RequestLog> logger)
{
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    /// <summary>Header of the id, in request and answer.</summary>
    internal const string Header = "X-Correlation-Id";

    public async Task InvokeAsync(HttpContext context)
    {
        string? sent = context.Request.Headers[Header];
        string correlation = sent is not null && Allowed().IsMatch(sent) ? sent : Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        context.Items[Header] = correlation;
        context.Response.Headers[Header] = correlation;
        long start = clock.GetTimestamp();
        var scope = new Scope(context, correlation);
        using (logger.BeginScope(scope))
        {
            try
            {
                await next(context).ConfigureAwait(false);
            }
            finally
            {
                scope.End();
            }

            TimeSpan taken = clock.GetElapsedTime(start);
            LogLevel level = LevelOf(context, taken);
            if (logger.IsEnabled(level))
            {
                Caller? caller = context.Features.Get<Caller>();
                LogAnswered(
                    level, context.Request.Method, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "(no route)", context.Response.StatusCode,
                    taken.TotalMilliseconds, caller?.Organization, caller?.Name);
            }
        }
    }

    /// <summary>What every line of a request carries beside trace and span. Whose request it is comes to be known while it is handled.</summary>
    private sealed class Scope(HttpContext context, string correlation) : IEnumerable<KeyValuePair<string, object?>>
    {
        private volatile HttpContext? _context = context;
        private Guid? _organization;

        /// <summary>Work that goes on behind the request keeps its lines; its context is another's by then.</summary>
        public void End()
        {
            _organization = _context?.Features.Get<Caller>()?.Organization;
            _context = null;
        }

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return new("correlationId", correlation);
            if ((_context is { } now ? now.Features.Get<Caller>()?.Organization : _organization) is { } organization)
            {
                yield return new("organization", organization);
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => correlation;
    }

    // A line costs more than most reads. Those that went well and fast are told to who asks for them.
    private static LogLevel LevelOf(HttpContext context, TimeSpan taken) =>
        HttpMethods.IsGet(context.Request.Method) && context.Response.StatusCode < StatusCodes.Status400BadRequest && taken < Slow ? LogLevel.Debug : LogLevel.Information;

    // What goes into a log line is short and has no line ends.
    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Allowed();

    [LoggerMessage(EventId = 8003, Message = "{Method} {Route} answered {Status} after {Milliseconds} ms; organization {Organization}, {Caller}")]
    private partial void LogAnswered(LogLevel level, string method, string route, int status, double milliseconds, Guid? organization, string? caller);
}
