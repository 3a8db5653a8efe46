using System.Collections.Concurrent;

namespace Auspex.Server.Wiring;

/// <summary>How much each room logs, changeable while the process runs; a change ends by itself.</summary>
/// <param name="usual">Least level of the rooms; of the framework it is a warning.</param>
/// <param name="clock">Ends changes.</param>
public sealed class LogLevels(LogLevel usual, TimeProvider clock)
{
    /// <summary>The rooms of a server, and the framework under them.</summary>
    public static readonly IReadOnlyList<string> Rooms = ["server", "storage", "flow", "insight", "framework"];

    private readonly ConcurrentDictionary<string, (LogLevel Level, DateTimeOffset Until)> _changed = new(StringComparer.Ordinal);

    // Asked dozens of times a request.
    private readonly ConcurrentDictionary<string, string> _rooms = new(StringComparer.Ordinal);
    private volatile bool _isChanged;

    /// <summary>Sets the level of a room until an instant.</summary>
    public void Set(string room, LogLevel level, DateTimeOffset until)
    {
        _changed[room] = (level, until);
        _isChanged = true;
    }

    /// <summary>Level of a room now, and until when where it was changed.</summary>
    public (LogLevel Level, DateTimeOffset? Until) Of(string room) =>
        _isChanged && _changed.TryGetValue(room, out var changed) && clock.GetUtcNow() < changed.Until ? (changed.Level, changed.Until)
        : (room == "framework" ? LogLevel.Warning : usual, null);

    // A start that fails is thrown to whoever started; the host need not tell it a second time. What ends a running host is critical.
    internal bool IsEnabled(string? category, LogLevel level) =>
        level >= (category == "Microsoft.Extensions.Hosting.Internal.Host" ? LogLevel.Critical : Of(_rooms.GetOrAdd(category ?? "", RoomOf)).Level);

    private static string RoomOf(string category)
    {
        string[] parts = category.Split('.', 3);
        return parts.Length > 1 && parts[0] == "Auspex" && Rooms.FirstOrDefault(room => room.Equals(parts[1], StringComparison.OrdinalIgnoreCase)) is { } room ? room : "framework";
    }
}
