using System.ComponentModel.DataAnnotations;

namespace Auspex.Flow.Connect.Sql;

/// <summary>What reading a database of an organization may cost.</summary>
public sealed record SqlLimits
{
    /// <summary>Until a connection must stand. Default 5 s.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Until a statement must have ended, after which the database is told to end it. Default 10 s.</summary>
    public TimeSpan Statement { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Until all of a call must have ended, whatever driver and database do; then its thread and connection are left behind. Default 25 s.</summary>
    public TimeSpan Call { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Rows of a page at most.</summary>
    [Range(1, 100_000)]
    public int PageRows { get; init; } = 10_000;

    /// <summary>Values of a page at most; pages of wide tables have fewer rows.</summary>
    [Range(1, 10_000_000)]
    public int PageValues { get; init; } = 200_000;

    /// <summary>How many times a page grows where all its rows have one key, before that is an error.</summary>
    [Range(1, 1_000)]
    public int MostGrowth { get; init; } = 10;

    internal int StatementSeconds => Math.Max(1, (int)Math.Ceiling(Statement.TotalSeconds));

    internal int ConnectSeconds => Math.Max(1, (int)Math.Ceiling(Connect.TotalSeconds));
}
