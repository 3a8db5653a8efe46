using System.ComponentModel.DataAnnotations;
using Auspex.Server.Security;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Auth;

/// <summary>Signing in and out. The refresh token stands in a cookie that scripts cannot read; the access token is for memory only.</summary>
public static class AuthApi
{
    internal const string Cookie = "auspex_refresh";
    internal const string Marker = "X-Auspex";
    private const string Path = "/api/v1/auth";

    private const string OrganizationsOfUser = """
        select o.id as Id, o.name as Name, case when @superAdmin = 1 then 'admin' else m.role end as Role from organization o
        left join membership m on m.organization = o.id and m.user_id = @user
        where o.state = 'active' and (m.role is not null or @superAdmin = 1) order by o.name limit 1000
        """;

    /// <summary>Adds the routes.</summary>
    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("auth");
        group.MapPost("/sign-in", SignInAsync).Needs(new Access.Anyone()).WithName("signIn").WithSummary("Signs in with e-mail and password.");
        group.MapPost("/invitation", AcceptAsync).Needs(new Access.Anyone()).WithName("acceptInvitation")
            .WithSummary("Spends an invitation. Somebody new says a name and chooses a password; somebody who has an account gives its password.");
        group.MapPost("/refresh", RefreshAsync).Needs(new Access.Anyone()).WithName("refreshSession")
            .WithSummary("Spends the refresh cookie for the next one and an access token. Needs the header X-Auspex: 1.");
        group.MapPost("/sign-out", SignOutAsync).Needs(new Access.SignedIn(BeforePasswordChange: true)).WithName("signOut").WithSummary("Ends the session.");
        group.MapPost("/organization", ChooseAsync).Needs(new Access.SignedIn()).WithName("chooseOrganization")
            .WithSummary("Exchanges the session for an access token in one of the caller's organizations.");
        group.MapPost("/password", ChangePasswordAsync).Needs(new Access.SignedIn(BeforePasswordChange: true)).WithName("changePassword")
            .WithSummary("Changes the caller's password; other sessions end.");
        group.MapGet("/me", MeAsync).Needs(new Access.SignedIn(BeforePasswordChange: true)).WithName("whoAmI").WithSummary("The caller, and the organizations it may enter.");
    }

    public sealed record SignInRequest([property: Required, StringLength(320)] string Email, [property: Required, StringLength(Passwords.Most)] string Password);

    public sealed record InvitationRequest(
        [property: Required, StringLength(200)] string Token,
        [property: Required, StringLength(120, MinimumLength = 1)] string Name,
        [property: Required, StringLength(Passwords.Most)] string Password);

    public sealed record InvitationResponse(string Email, Guid OrganizationId, string Role);

    public sealed record ChooseRequest([property: Required] Guid? OrganizationId);

    public sealed record PasswordRequest(
        [property: Required, StringLength(Passwords.Most)] string Current, [property: Required, StringLength(Passwords.Most)] string New);

    public sealed record TokenResponse(string AccessToken, DateTimeOffset ExpiresAt, bool MustChangePassword);

    public sealed record MeOrganization(Guid Id, string Name, string Role);

    public sealed record MeResponse(
        Guid Id, string Email, string Name, bool SuperAdmin, bool MustChangePassword, Guid? OrganizationId, string? Role, IReadOnlyList<MeOrganization> Organizations);

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> SignInAsync(
        SignInRequest request, HttpContext context, UserStore users, SessionStore sessions, AccessTokens tokens, SignInLimit limit, CancellationToken ct)
    {
        string address = AddressOf(context);
        if (TooMany(context, limit, address, request.Email) is { } tooMany)
        {
            return tooMany;
        }

        UserAccount? user = await users.ByEmailAsync(request.Email, ct).ConfigureAwait(false);
        // Hashing takes a tenth of a second on purpose; it is kept off the threads that serve.
        bool fits = await Task.Run(() => Passwords.Fits(user?.PasswordHash, request.Password), ct).ConfigureAwait(false);
        if (!fits || user!.Disabled)
        {
            limit.Failed(address, request.Email);
            return TypedResults.Problem("E-mail or password is wrong.", statusCode: StatusCodes.Status401Unauthorized);
        }

        (Guid session, string refresh) = await sessions.StartAsync(user.Id, ct).ConfigureAwait(false);
        SetCookie(context, refresh);
        (string token, DateTimeOffset expires) = tokens.Issue(user.Id, session, null);
        return TypedResults.Ok(new TokenResponse(token, expires, user.MustChangePassword));
    }

    private static async Task<Results<Ok<InvitationResponse>, ProblemHttpResult>> AcceptAsync(
        InvitationRequest request, HttpContext context, InvitationStore invitations, UserStore users, SignInLimit limit, InstallationDb db, TimeProvider clock,
        CancellationToken ct)
    {
        string address = AddressOf(context);
        PresentedInvitation? invitation = await invitations.PresentedAsync(request.Token, ct).ConfigureAwait(false);
        string email = invitation?.Email ?? "";
        if (TooMany(context, limit, address, email) is { } tooMany)
        {
            return tooMany;
        }

        if (invitation is null)
        {
            limit.Failed(address, email);
            return TypedResults.Problem("token: this invitation is unknown, was used, was taken back or has expired. Ask for another.", statusCode: StatusCodes.Status404NotFound);
        }

        UserAccount? user = await users.ByEmailAsync(email, ct).ConfigureAwait(false);
        // Whoever invites holds the token too: it alone must not open an account that exists.
        if (user is not null && (!await Task.Run(() => Passwords.Fits(user.PasswordHash, request.Password), ct).ConfigureAwait(false) || user.Disabled))
        {
            limit.Failed(address, email);
            return TypedResults.Problem($"password: {email} has an account here; give its password.", statusCode: StatusCodes.Status403Forbidden);
        }

        if (user is null && Passwords.Fault(request.Password, email) is { } fault)
        {
            return TypedResults.Problem($"password: {fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        string hash = user?.PasswordHash ?? await Task.Run(() => Passwords.Hash(request.Password), ct).ConfigureAwait(false);
        if (await invitations.AcceptAsync(invitation, user?.Id, request.Name.Trim(), hash, ct).ConfigureAwait(false) is not { } accepted)
        {
            return TypedResults.Problem("token: this invitation was used a moment ago.", statusCode: StatusCodes.Status409Conflict);
        }

        await db.Of(invitation.Organization).WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(
                    transaction, invitation.Organization, $"user {accepted}", "INVITATION_ACCEPTED", $"invitation {invitation.Id}",
                    new { Role = invitation.Role.Name() }, clock.GetUtcNow()).ConfigureAwait(false);
                return 0;
            },
            ct).ConfigureAwait(false);
        return TypedResults.Ok(new InvitationResponse(email, invitation.Organization, invitation.Role.Name()));
    }

    private static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> RefreshAsync(
        HttpContext context, SessionStore sessions, UserStore users, AccessTokens tokens, CancellationToken ct)
    {
        // A cookie comes with every request, also one that another site's page made; a header of its own does not.
        if (!context.Request.Headers.ContainsKey(Marker))
        {
            return TypedResults.Problem($"Send the header {Marker}: 1.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (context.Request.Cookies[Cookie] is not { Length: > 0 and < 200 } presented)
        {
            return TypedResults.Problem("There is no session. Sign in.", statusCode: StatusCodes.Status401Unauthorized);
        }

        switch (await sessions.RefreshAsync(presented, ct).ConfigureAwait(false))
        {
            case Refresh.Renewed renewed:
                UserAccount? user = await users.ByIdAsync(renewed.UserId, ct).ConfigureAwait(false);
                SetCookie(context, renewed.Token);
                (string token, DateTimeOffset expires) = tokens.Issue(renewed.UserId, renewed.Session, null);
                return TypedResults.Ok(new TokenResponse(token, expires, user?.MustChangePassword ?? false));
            default:
                context.Response.Cookies.Delete(Cookie, CookieOptions(context));
                return TypedResults.Problem("The session has ended. Sign in again.", statusCode: StatusCodes.Status401Unauthorized);
        }
    }

    private static async Task<NoContent> SignOutAsync(HttpContext context, Caller caller, SessionStore sessions, CancellationToken ct)
    {
        await sessions.EndAsync(caller.Session!.Value, "signed out", ct).ConfigureAwait(false);
        context.Response.Cookies.Delete(Cookie, CookieOptions(context));
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<TokenResponse>, NotFound>> ChooseAsync(
        ChooseRequest request, Caller caller, SessionStore sessions, AccessTokens tokens, InstallationDb db, TimeProvider clock, CancellationToken ct)
    {
        Guid organization = request.OrganizationId!.Value;
        SessionState? state = await sessions.StateAsync(caller.Session!.Value, organization, ct).ConfigureAwait(false);
        if (state?.Role is null)
        {
            return TypedResults.NotFound();
        }

        if (state.SuperAdmin)
        {
            await db.Of(organization).WriteAsync(
                async transaction =>
                {
                    await AuditLog.AppendAsync(transaction, organization, caller.Name, "ORGANIZATION_ENTERED", $"organization {organization}", new { }, clock.GetUtcNow()).ConfigureAwait(false);
                    return 0;
                },
                ct).ConfigureAwait(false);
        }

        (string token, DateTimeOffset expires) = tokens.Issue(caller.UserId!.Value, caller.Session!.Value, organization);
        return TypedResults.Ok(new TokenResponse(token, expires, MustChangePassword: false));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangePasswordAsync(
        PasswordRequest request, Caller caller, UserStore users, CancellationToken ct)
    {
        UserAccount? user = await users.ByIdAsync(caller.UserId!.Value, ct).ConfigureAwait(false);
        if (!await Task.Run(() => Passwords.Fits(user?.PasswordHash, request.Current), ct).ConfigureAwait(false))
        {
            return TypedResults.Problem("current is not the present password.", statusCode: StatusCodes.Status403Forbidden);
        }

        if (Passwords.Fault(request.New, user!.Email) is { } fault)
        {
            return TypedResults.Problem($"new: {fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (string.Equals(request.New, request.Current, StringComparison.Ordinal))
        {
            return TypedResults.Problem("new: it is the present password; choose another.", statusCode: StatusCodes.Status400BadRequest);
        }

        string hash = await Task.Run(() => Passwords.Hash(request.New), ct).ConfigureAwait(false);
        await users.SetPasswordAsync(user.Id, hash, caller.Session, ct).ConfigureAwait(false);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<MeResponse>> MeAsync(Caller caller, UserStore users, InstallationDb db, CancellationToken ct)
    {
        UserAccount user = (await users.ByIdAsync(caller.UserId!.Value, ct).ConfigureAwait(false))!;
        IReadOnlyList<OrganizationRow> organizations = await db.QueryAsync<OrganizationRow>(
            OrganizationsOfUser, new { user = user.Id, superAdmin = user.SuperAdmin ? 1 : 0 }, ct).ConfigureAwait(false);
        return TypedResults.Ok(new MeResponse(
            user.Id, user.Email, user.Name, user.SuperAdmin, user.MustChangePassword, caller.Organization, caller.Role?.Name(),
            [.. organizations.Select(row => new MeOrganization(Guid.Parse(row.Id), row.Name, row.Role))]));
    }

    private static string AddressOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";

    private static ProblemHttpResult? TooMany(HttpContext context, SignInLimit limit, string address, string email)
    {
        if (limit.Wait(address, email) is not { } wait)
        {
            return null;
        }

        context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return TypedResults.Problem("Too many failed sign-ins from this address. Wait, then try again.", statusCode: StatusCodes.Status429TooManyRequests);
    }

    private static void SetCookie(HttpContext context, string token) => context.Response.Cookies.Append(Cookie, token, CookieOptions(context));

    private static CookieOptions CookieOptions(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = Path,
        MaxAge = SessionStore.Idle,
    };

    // By properties: where there is no row, SQLite does not know the type of an expression.
    private sealed record OrganizationRow
    {
        public string Id { get; init; } = "";

        public string Name { get; init; } = "";

        public string Role { get; init; } = "";
    }
}
