using Auspex.Flow;
using Auspex.Flow.Connect.Sql;
using Auspex.Flow.Settle;
using Auspex.Storage.Quarantine;

namespace Auspex.Server.Wiring;

/// <summary>What a server is started with.</summary>
public sealed record ServerOptions
{
    /// <summary>Folder of its files; one process holds it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Addresses to listen on, such as <c>http://127.0.0.1:8080</c>.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8080"];

    /// <summary>Connection string of PostgreSQL; null keeps everything in SQLite files of the folder.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>Origins of browsers that may call from elsewhere; none by default.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>The master key, base64 of 32 bytes; null takes the folder's file, which the first start makes.</summary>
    public string? MasterKey { get; init; }

    /// <summary>Address of the super admin that the first start makes.</summary>
    public string FirstAdmin { get; init; } = "admin@localhost";

    /// <summary>Requests a second that one address, one organization or one API key may make over time; twenty times as many may come at once. 1 or more.</summary>
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>Values a second that one organization may send over time; twenty times as many may come at once. 1 or more.</summary>
    public int ValuesPerSecond { get; init; } = 1_000_000;

    /// <summary>How long a client may take over the headers of a request. Default 15 s.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How much room each organization has for rows that were refused.</summary>
    public QuarantineLimits Quarantine { get; init; } = new();

    /// <summary>How the live line works.</summary>
    public LineOptions Line { get; init; } = new();

    /// <summary>How predictions are settled.</summary>
    public SettleOptions Settle { get; init; } = new();

    /// <summary>What reading a database of an organization may cost.</summary>
    public SqlLimits SqlLimits { get; init; } = new();

    /// <summary>Least level that the rooms log, until it is changed for a while.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
