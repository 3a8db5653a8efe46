using System.Text.Json;
using Auspex.Flow.Connect.Sql;

namespace Auspex.Flow;

/// <summary>How reading a source goes.</summary>
public sealed record SourceStatus
{
    /// <summary><c>waiting</c> until it was read the first time, then <c>running</c>; <c>failing</c> while it cannot be read, <c>stopped</c> while that needs a person, <c>paused</c> by one.</summary>
    public string State { get; init; } = "waiting";

    /// <summary>Whether it is tried.</summary>
    public SourceCircuit Circuit { get; init; } = SourceCircuit.Closed;

    /// <summary>When it was read last without a failure.</summary>
    public DateTimeOffset? LastReadAt { get; init; }

    /// <summary>When it is tried next; null where it is not.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>What failed last; null where nothing does.</summary>
    public string? LastError { get; init; }

    /// <summary>Whether there are rows that were there at the last reading, and are not read yet.</summary>
    public bool IsCatchingUp { get; init; }

    /// <summary>Key of the last row that was read.</summary>
    public string? LastKey { get; init; }

    /// <summary>The newest time among the rows that were read.</summary>
    public DateTimeOffset? NewestAt { get; init; }

    /// <summary>Rows read so far, without those that were read again.</summary>
    public long Rows { get; init; }

    /// <summary>Frames made of them.</summary>
    public long Frames { get; init; }

    /// <summary>Frames of rows that showed late, below rows that were read before.</summary>
    public long LateFrames { get; init; }

    /// <summary>Cells and rows that could not be taken.</summary>
    public long Bad { get; init; }

    /// <summary>The last of them, at most 20.</summary>
    public IReadOnlyList<SqlBadCell> BadExamples { get; init; } = [];

    /// <summary>Columns of the mapping that the table lacked at the last reading, or that hold no numbers.</summary>
    public IReadOnlyList<string> MissingColumns { get; init; } = [];

    /// <summary>Whether rows ahead of the server's clock wait for their time.</summary>
    public bool HasRowsAhead { get; init; }

    internal string ToText() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    internal static SourceStatus Read(string kept) => kept.Length == 0 ? new SourceStatus() : JsonSerializer.Deserialize<SourceStatus>(kept, JsonSerializerOptions.Web)!;
}
