using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Logging;

/// <summary>How much the node that answers logs, for super admins.</summary>
public static class LogLevelsApi
{
    private const int MostMinutes = 1440;

    /// <summary>Adds the routes.</summary>
    public static void MapLogLevels(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/installation/log-levels").WithTags("installation").Needs(new Access.SuperAdmin());
        group.MapGet("/", List).WithName("listLogLevels").WithSummary("Level of each room of this node, and until when where it was changed.");
        group.MapPut("/", SetAsync).WithName("setLogLevel").WithSummary("Changes the level of a room of this node for some minutes; then it goes back by itself.");
    }

    public sealed record SetRequest(
        [property: Required, AllowedValues("server", "storage", "flow", "insight", "framework")] string Room,
        [property: Required, AllowedValues("trace", "debug", "information", "warning", "error")] string Level,
        [property: Range(1, MostMinutes)] int Minutes = 10);

    public sealed record RoomLevel(string Room, string Level, DateTimeOffset? Until);

    private static Ok<IReadOnlyList<RoomLevel>> List(LogLevels levels) => TypedResults.Ok<IReadOnlyList<RoomLevel>>(
        [.. LogLevels.Rooms.Select(room => (room, now: levels.Of(room))).Select(one => new RoomLevel(one.room, one.now.Level.ToString().ToLowerInvariant(), one.now.Until))]);

    private static async Task<NoContent> SetAsync(SetRequest request, Caller caller, LogLevels levels, InstallationDb db, TimeProvider clock, CancellationToken ct)
    {
        DateTimeOffset now = clock.GetUtcNow();
        await db.Of(AuditLog.Installation).WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(
                    transaction, AuditLog.Installation, caller.Name, "LOG_LEVEL_CHANGED", $"room {request.Room}", new { request.Level, request.Minutes }, now).ConfigureAwait(false);
                return 0;
            },
            ct).ConfigureAwait(false);
        levels.Set(request.Room, Enum.Parse<LogLevel>(request.Level, ignoreCase: true), now.AddMinutes(request.Minutes));
        return TypedResults.NoContent();
    }
}
