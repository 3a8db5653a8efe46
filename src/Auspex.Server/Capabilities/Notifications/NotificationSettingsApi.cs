using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Auspex.Server.Capabilities.Notifications;

/// <summary>How and when the caller wants to be told of alerts in the organization.</summary>
public static class NotificationSettingsApi
{
    private const string Find = "select body as Body, revision as Revision from notification_setting where organization = @organization and user_id = @user";

    private const string Insert = """
        insert into notification_setting (organization, user_id, body, revision, updated_at) values (@organization, @user, @body, 1, @now)
        """;

    private const string Update = """
        update notification_setting set body = @body, revision = revision + 1, updated_at = @now where organization = @organization and user_id = @user
        """;

    private static readonly Settings Defaults = new(["screen", "push", "email"], null, "low");

    /// <summary>Adds the routes.</summary>
    public static void MapNotificationSettings(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/notification-settings").WithTags("notification settings").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", GetAsync).WithName("getNotificationSettings").WithSummary("The caller's own; defaults where the caller said nothing.");
        group.MapPut("/", PutAsync).WithName("putNotificationSettings").WithSummary("Replaces the caller's own. May carry If-Match.");
    }

    /// <param name="Channels">Of <c>screen</c>, <c>push</c> and <c>email</c>; empty: none.</param>
    /// <param name="QuietHours">When nothing is sent; null: never.</param>
    /// <param name="LeastPriority">Alerts of this priority and above: <c>urgent</c>, <c>high</c>, <c>medium</c> or <c>low</c>.</param>
    public sealed record Settings(
        [property: Required, MaxLength(3)] IReadOnlyList<string> Channels,
        QuietHours? QuietHours,
        [property: Required, AllowedValues("urgent", "high", "medium", "low")] string LeastPriority);

    /// <param name="From">HH:mm; quiet from this minute on …</param>
    /// <param name="To">… until this one, on the next day where it is not later.</param>
    /// <param name="TimeZone">IANA name.</param>
    public sealed record QuietHours([property: Required] string From, [property: Required] string To, [property: Required, StringLength(60)] string TimeZone);

    private static async Task<Ok<Settings>> GetAsync(Caller caller, OrganizationDb db, HttpContext context, IOptions<JsonOptions> json, CancellationToken ct)
    {
        Row? row = await db.QuerySingleOrDefaultAsync<Row>(Find, new { user = caller.UserId }, ct).ConfigureAwait(false);
        Revisions.Tell(context.Response, row?.Revision ?? 0);
        return TypedResults.Ok(row is null ? Defaults : JsonSerializer.Deserialize<Settings>(row.Body, json.Value.SerializerOptions)!);
    }

    private static async Task<Results<Ok<Settings>, ProblemHttpResult>> PutAsync(
        Settings request, Caller caller, OrganizationDb db, HttpContext context, IOptions<JsonOptions> json, TimeProvider clock, CancellationToken ct)
    {
        if (Fault(request) is { } fault)
        {
            return TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        long? expected = Revisions.Expected(context.Request);
        var values = new { user = caller.UserId, body = JsonSerializer.Serialize(request, json.Value.SerializerOptions), now = clock.Now() };
        long? revision = await db.WriteAsync<long?>(
            async transaction =>
            {
                await transaction.AloneAsync($"notification settings {caller.UserId}").ConfigureAwait(false);
                Row? row = await transaction.QuerySingleOrDefaultAsync<Row>(Find, values).ConfigureAwait(false);
                long present = row?.Revision ?? 0;
                if (expected is { } seen && seen != present)
                {
                    return null;
                }

                await transaction.ExecuteAsync(row is null ? Insert : Update, values).ConfigureAwait(false);
                return present + 1;
            },
            ct).ConfigureAwait(false);
        if (revision is not { } written)
        {
            return Revisions.Changed();
        }

        Revisions.Tell(context.Response, written);
        return TypedResults.Ok(request);
    }

    private static string? Fault(Settings settings) =>
        settings.Channels.FirstOrDefault(channel => channel is not ("screen" or "push" or "email")) is { } other
            ? $"channels: '{PlainTextAttribute.Shown(other)}' is none; screen, push and email are"
        : settings.Channels.Any(channel => channel is null) ? "channels: null is none; screen, push and email are"
        : settings.Channels.Distinct(StringComparer.Ordinal).Count() < settings.Channels.Count ? "channels: one stands twice"
        : settings.QuietHours is { } quiet ? FaultOf(quiet)
        : null;

    private static string? FaultOf(QuietHours quiet)
    {
        static bool Reads(string text, out TimeOnly time) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
        return !Reads(quiet.From, out TimeOnly from) ? $"quietHours.from: '{PlainTextAttribute.Shown(quiet.From)}' is no time of day, such as 22:00"
            : !Reads(quiet.To, out TimeOnly to) ? $"quietHours.to: '{PlainTextAttribute.Shown(quiet.To)}' is no time of day, such as 06:00"
            : from == to ? $"quietHours: from and to are both {quiet.From}; to be told nothing, leave channels empty"
            : TimeZoneInfo.TryFindSystemTimeZoneById(quiet.TimeZone, out TimeZoneInfo? zone) && zone.HasIanaId ? null
            : $"quietHours.timeZone: '{PlainTextAttribute.Shown(quiet.TimeZone)}' is no IANA time zone, such as Europe/Berlin";
    }

    private sealed record Row(string Body, long Revision);
}
