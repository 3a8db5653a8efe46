using System.Data.Common;
using Auspex.Storage;
using Auspex.Storage.Db;

namespace Auspex.Server.Security;

/// <summary>Makes several servers over one PostgreSQL keep one limit of requests: each second a server says what it has let in, and takes what the others let in from its own.</summary>
internal sealed partial class SharedRequestCounts(InstallationDb db, RequestLimits limits, TimeProvider clock, ILogger<SharedRequestCounts> logger) : BackgroundService
{
    private const string SayOnPostgreSql = """
        insert into request_count (server, round, subject, requests, said_at)
        select @server, @round, subject, requests, @now from unnest(@subjects, @requests) as row (subject, requests)
        """;

    private const string Hear = """
        select server, round, subject, requests from request_count where server <> @server and said_at > @since order by server, round
        """;

    // Also of servers that are gone.
    private const string Forget = "delete from request_count where said_at < @before";

    // Servers' clocks may differ by it.
    private static readonly TimeSpan Heard = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly string _server = Guid.NewGuid().ToString();
    private readonly Dictionary<string, long> _heard = new(StringComparer.Ordinal);
    private long _round;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (db.Dialect != Dialect.PostgreSql)
        {
            return; // one process holds the files
        }

        using var timer = new PeriodicTimer(Every, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await ExchangeAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is StorageException or DbException)
                {
                    LogAlone(e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private async Task ExchangeAsync(CancellationToken ct)
    {
        _round++;
        (string[] subjects, long[] requests) = limits.TakeCounts();
        if (subjects.Length > 0)
        {
            await db.ExecuteAsync(SayOnPostgreSql, new { server = _server, round = _round, subjects, requests, now = clock.GetUtcNow() }, ct).ConfigureAwait(false);
        }

        // What others said before this server began was of a time before.
        IReadOnlyList<Count> said = await db.QueryAsync<Count>(Hear, new { server = _server, since = clock.GetUtcNow() - Heard }, ct).ConfigureAwait(false);
        foreach (IGrouping<string, Count> other in said.GroupBy(count => count.Server, StringComparer.Ordinal))
        {
            long last = _round == 1 ? long.MaxValue : _heard.GetValueOrDefault(other.Key);
            foreach (Count count in other.Where(count => count.Round > last))
            {
                limits.Spend(count.Subject, (int)count.Requests);
            }

            _heard[other.Key] = other.Max(count => count.Round);
        }

        if (_round % 60 == 0)
        {
            await db.ExecuteAsync(Forget, new { before = clock.GetUtcNow() - (2 * Heard) }, ct).ConfigureAwait(false);
        }
    }

    [LoggerMessage(8020, LogLevel.Warning, "The limits of requests hold for this server alone: their counts could not be exchanged over PostgreSQL")]
    private partial void LogAlone(Exception exception);

    private sealed record Count
    {
        public string Server { get; init; } = "";

        public long Round { get; init; }

        public string Subject { get; init; } = "";

        public long Requests { get; init; }
    }
}
