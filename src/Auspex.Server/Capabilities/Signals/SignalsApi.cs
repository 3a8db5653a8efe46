using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Signals;

/// <summary>What is recorded: of every asset, of the assets of a class, or of one asset.</summary>
public static class SignalsApi
{
    private const string Path = "/api/v1/signals";
    private const string NamePattern = "^[A-Za-z][A-Za-z0-9_]{0,99}$";
    private const int MostStates = 100;

    /// <summary>Adds the routes.</summary>
    public static void MapSignals(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("signals").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listSignals").WithSummary("Signals by name, a page at a time.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getSignal").WithSummary("One signal.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Engineer)).WithName("createSignal").WithSummary("Makes a signal. May carry Idempotency-Key.");
        group.MapPatch("/{id:guid}", PatchAsync).Needs(new Access.Member(Role.Engineer)).WithName("patchSignal")
            .WithSummary("Changes label, unit, role and states. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Engineer)).WithName("deleteSignal")
            .WithSummary("Removes a signal; what was recorded of it stays. May carry If-Match.");
        routes.MapGet("/api/v1/assets/{id:guid}/signals", OfAssetAsync).WithTags("signals").Needs(new Access.Member(Role.Viewer)).WithName("listSignalsOfAsset")
            .WithSummary("What is recorded of one asset: its own signals, its class's, everybody's; the nearest of each name.");
    }

    public sealed record CreateRequest(
        [property: Required, RegularExpression(NamePattern, ErrorMessage = "Name must be a letter, then letters, digits and underscores, at most 100.")] string Name,
        [property: Required, AllowedValues("continuous", "boolean", "counter", "state")] string Kind,
        [property: PlainText(120)] string? Label,
        [property: PlainText(40)] string? Unit,
        [property: PlainText(120)] string? AssetClass,
        Guid? AssetId,
        [property: MaxLength(MostStates), PlainText(80)] IReadOnlyList<string>? States,
        [property: AllowedValues("reading", "operatingSetting", "fact")] string Role = "reading");

    /// <param name="Label">Absent: as it is.</param>
    /// <param name="Unit">Absent: as it is; empty: none.</param>
    /// <param name="Role">Absent: as it is.</param>
    /// <param name="States">Absent: as they are. New ones go behind: an index that was recorded keeps its state.</param>
    public sealed record PatchRequest(
        [property: PlainText(120)] string? Label,
        [property: PlainText(40, Clears = true)] string? Unit,
        [property: AllowedValues(null, "reading", "operatingSetting", "fact")] string? Role,
        [property: MaxLength(MostStates), PlainText(80)] IReadOnlyList<string>? States);

    public sealed record Listed(
        Guid Id, string Name, string Label, string? Unit, string Kind, string Role, IReadOnlyList<string> States, string? AssetClass, Guid? AssetId);

    public sealed record Page(IReadOnlyList<Listed> Items, string? Next);

    private static async Task<Results<Ok<Page>, ProblemHttpResult>> ListAsync(
        OrganizationDb db, CancellationToken ct, Guid? asset = null, [StringLength(120)] string? assetClass = null, string? cursor = null, [Range(1, 1000)] int limit = 100)
    {
        if (Cursor.Read(cursor, "name") is not { } from)
        {
            return Cursor.Fault();
        }

        IReadOnlyList<Signal> rows = await SignalStore.PageAsync(db, asset?.ToString() ?? "", assetClass ?? "", from.Text, from.Id, limit + 1, ct).ConfigureAwait(false);
        return TypedResults.Ok(new Page(
            [.. rows.Take(limit).Select(Shown)], rows.Count > limit ? new Cursor("name", rows[limit - 1].Name, 0, rows[limit - 1].Id).ToString() : null));
    }

    private static async Task<Results<Ok<Listed>, NotFound>> GetAsync(Guid id, OrganizationDb db, HttpContext context, CancellationToken ct)
    {
        if (await SignalStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { } signal)
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, signal.Revision);
        return TypedResults.Ok(Shown(signal));
    }

    private static async Task<Results<Ok<IReadOnlyList<Listed>>, NotFound>> OfAssetAsync(Guid id, OrganizationDb db, CancellationToken ct) =>
        await TreeStore.FindAsync(db, id, ct).ConfigureAwait(false) is { Kind: TreeKinds.Asset }
            ? TypedResults.Ok<IReadOnlyList<Listed>>([.. (await SignalStore.OfAssetAsync(db, id, ct).ConfigureAwait(false)).Select(Shown)])
            : TypedResults.NotFound();

    private static async Task<Results<Created<Listed>, ProblemHttpResult>> CreateAsync(
        CreateRequest request, Once once, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct)
    {
        var signal = new Signal(
            "", request.AssetClass, request.AssetId?.ToString(), request.Name, request.Label?.Trim() ?? request.Name, request.Unit?.Trim(), request.Kind, request.Role,
            JsonSerializer.Serialize(request.States ?? []), 1);
        string? fault = request is { AssetClass: not null, AssetId: not null } ? "assetClass, assetId: a signal is of a class or of one asset; leave one out" : Fault(signal);
        if (fault is not null)
        {
            return TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        return await once.CreateAsync<Listed>(
            request,
            async transaction =>
            {
                DateTimeOffset now = clock.Now();
                signal = signal with { Id = Guid.CreateVersion7(now).ToString() };
                SignalRefusal refusal = await SignalStore.CreateAsync(transaction, signal, now).ConfigureAwait(false);
                if (refusal != SignalRefusal.None)
                {
                    return new Made<Listed>.Refused(Problem(refusal));
                }

                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, "SIGNAL_CREATED", $"signal {signal.Id}", new { signal.Name, signal.Kind, signal.Unit }, now).ConfigureAwait(false);
                return new Made<Listed>.As(Shown(signal), $"{Path}/{signal.Id}", 1);
            },
            ct).ConfigureAwait(false);
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> PatchAsync(
        Guid id, PatchRequest request, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct)
    {
        Signal Changed(Signal present) => present with
        {
            Label = request.Label?.Trim() ?? present.Label,
            Unit = request.Unit is null ? present.Unit : request.Unit.Length == 0 ? null : request.Unit.Trim(),
            Role = request.Role ?? present.Role,
            States = request.States is null ? present.States : JsonSerializer.Serialize(request.States),
        };

        // Owner and kind never change, so what the change would make of the signal may be looked at before.
        if (await SignalStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { } before)
        {
            return TypedResults.NotFound();
        }

        string? fault = request.States is { } states && !states.Take(StatesOf(before).Length).SequenceEqual(StatesOf(before))
            ? $"states: the present ones ({string.Join(", ", StatesOf(before).Select(PlainTextAttribute.Shown))}) must come first, in their order; add new ones behind"
            : Fault(Changed(before));
        if (fault is not null)
        {
            return TypedResults.Problem($"{fault}.", statusCode: StatusCodes.Status400BadRequest);
        }

        return await WriteAsync(
            db, caller, "SIGNAL_CHANGED", id, request, clock.Now(),
            (transaction, now) => SignalStore.ChangeAsync(transaction, id, Revisions.Expected(context.Request) ?? before.Revision, Changed, now), ct).ConfigureAwait(false);
    }

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        WriteAsync(
            db, caller, "SIGNAL_DELETED", id, new { }, clock.Now(),
            (transaction, _) => SignalStore.RemoveAsync(transaction, id, Revisions.Expected(context.Request)), ct);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        OrganizationDb db, Caller caller, string action, Guid id, object metadata, DateTimeOffset now,
        Func<OrganizationTransaction, DateTimeOffset, Task<SignalRefusal>> write, CancellationToken ct)
    {
        SignalRefusal refusal = await db.WriteAsync(
            async transaction =>
            {
                SignalRefusal refusal = await write(transaction, now).ConfigureAwait(false);
                if (refusal == SignalRefusal.None)
                {
                    await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, action, $"signal {id}", metadata, now).ConfigureAwait(false);
                }

                return refusal;
            },
            ct).ConfigureAwait(false);
        return refusal switch
        {
            SignalRefusal.None => TypedResults.NoContent(),
            SignalRefusal.Unknown => TypedResults.NotFound(),
            _ => Problem(refusal),
        };
    }

    private static string? Fault(Signal signal)
    {
        string[] states = StatesOf(signal);
        return signal.Unit is not null && signal.Kind is ("boolean" or "state") ? $"unit: '{signal.Unit}' measures nothing of a {signal.Kind}; leave it out"
            : signal.Kind == "state" && states.Length < 2 ? $"states has {states.Length}; a signal of states needs at least 2"
            : signal.Kind != "state" && states.Length > 0 ? $"states has {states.Length}; a {signal.Kind} signal has none"
            : states.Distinct(StringComparer.OrdinalIgnoreCase).Count() < states.Length ? "states: one stands twice"
            : null;
    }

    private static ProblemHttpResult Problem(SignalRefusal refusal) => refusal switch
    {
        SignalRefusal.Changed => Revisions.Changed(),
        SignalRefusal.AssetUnknown => TypedResults.Problem("assetId: there is no such asset.", statusCode: StatusCodes.Status422UnprocessableEntity),
        SignalRefusal.NameTaken => TypedResults.Problem("name: there is a signal of this name already.", statusCode: StatusCodes.Status409Conflict),
        SignalRefusal.OtherMeaning => TypedResults.Problem(
            "A signal of this name is of another kind elsewhere, or has a unit that measures something else; take another name.", statusCode: StatusCodes.Status409Conflict),
        SignalRefusal.TooMany => TypedResults.Problem($"The organization has {SignalStore.Most} signals; no more are taken.", statusCode: StatusCodes.Status409Conflict),
        _ => throw new System.Diagnostics.UnreachableException($"bug: {refusal} is no refusal"),
    };

    private static string[] StatesOf(Signal signal) => JsonSerializer.Deserialize<string[]>(signal.States)!;

    private static Listed Shown(Signal signal) => new(
        Guid.Parse(signal.Id), signal.Name, signal.Label, signal.Unit, signal.Kind, signal.Role, StatesOf(signal), signal.AssetClass,
        signal.Asset is null ? null : Guid.Parse(signal.Asset));
}
