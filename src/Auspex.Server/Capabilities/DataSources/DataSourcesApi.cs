using System.ComponentModel.DataAnnotations;
using Auspex.Flow;
using Auspex.Flow.Connect.Sql;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Sources;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.DataSources;

/// <summary>Databases of an organization that frames are read from: SCADA, MES, whatever has a table of readings. A password is taken and never shown again.</summary>
public static class DataSourcesApi
{
    private const string Path = "/api/v1/data-sources";
    private const int PreviewRows = 10;

    /// <summary>Adds the routes.</summary>
    public static void MapDataSources(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup(Path).WithTags("data sources").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listDataSources").WithSummary("Databases that frames are read from, by name, and how reading them goes.");
        group.MapGet("/{id:guid}", GetAsync).WithName("getDataSource").WithSummary("One of them; all but its password.");
        group.MapGet("/{id:guid}/status", StatusAsync).WithName("getDataSourceStatus").WithSummary("How reading it goes: state, circuit, what was read, what could not be, what comes next.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Engineer)).WithName("createDataSource").WithSummary("Begins to read a table, from its first row on. May carry Idempotency-Key.");
        group.MapPut("/{id:guid}", ReplaceAsync).Needs(new Access.Member(Role.Engineer)).WithName("replaceDataSource")
            .WithSummary("Changes it, between two pages of rows. Without a password the present one stays. Another table, key or database is read from its first row on. May carry If-Match.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Engineer)).WithName("deleteDataSource").WithSummary("Reads it no more; frames that came from it stay. May carry If-Match.");
        group.MapPost("/{id:guid}/pause", PauseAsync).Needs(new Access.Member(Role.Engineer)).WithName("pauseDataSource").WithSummary("Stops reading it until it is resumed.");
        group.MapPost("/{id:guid}/resume", ResumeAsync).Needs(new Access.Member(Role.Engineer)).WithName("resumeDataSource").WithSummary("Goes on where it stopped.");
        group.MapPost("/test", TestAsync).Needs(new Access.Member(Role.Engineer)).WithName("testDataSource").WithSummary("Connects and reads nothing; 422 says what fails.");
        group.MapPost("/tables", TablesAsync).Needs(new Access.Member(Role.Engineer)).WithName("listTablesOfDataSource")
            .WithSummary("Tables and views with their columns, rows, and a guess of what is key, time, asset and signal.");
        group.MapPost("/preview", PreviewAsync).Needs(new Access.Member(Role.Engineer)).WithName("previewDataSource")
            .WithSummary("The first ten rows as frames, and what of them cannot be taken; nothing is stored.");
    }

    /// <param name="Kind"><c>postgresql</c>, <c>mysql</c> (MariaDB too) or <c>sqlite</c>.</param>
    /// <param name="Host">Name or address.</param>
    /// <param name="Port">Default 5432, of mysql 3306.</param>
    /// <param name="Database">Of the server.</param>
    /// <param name="User">Who reads; give it the right to select and no other.</param>
    /// <param name="Password">Written, never read; null keeps the present one as long as nothing else of the connection changes.</param>
    /// <param name="Tls"><c>disable</c>, <c>prefer</c> (default), <c>require</c> or <c>verify</c>.</param>
    /// <param name="File">Of sqlite: path below <c>sources/ORGANIZATION</c> in the data folder.</param>
    public sealed record Connection(
        [property: Required] string Kind, string? Host = null, int? Port = null, string? Database = null, string? User = null, string? Password = null, string? Tls = null, string? File = null)
    {
        internal SqlConnectionSettings Settings() => new(Kind, Host, Port, Database, User, Password, Tls, File);
    }

    /// <param name="Name">Unique in the organization, whatever its case.</param>
    /// <param name="PollSeconds">From one reading to the next.</param>
    /// <param name="OverlapSeconds">How long a transaction of the source may take to commit; rows that show below others within that time are taken too.</param>
    /// <param name="Restart">Of a change: reads from the first row on again.</param>
    public sealed record SourceRequest(
        [property: Required, PlainText(120)] string Name, [property: Required] Connection Connection, [property: Required] SqlMapping Mapping,
        [property: Range(1, 86_400)] int PollSeconds = 30, [property: Range(0, 86_400)] int OverlapSeconds = 120, bool Restart = false);

    /// <param name="SourceId">Takes the connection of this source, with its password.</param>
    /// <param name="Connection">Or this one.</param>
    public sealed record ConnectionRequest(Guid? SourceId = null, Connection? Connection = null);

    /// <param name="SourceId">Takes the connection of this source, with its password.</param>
    /// <param name="Connection">Or this one.</param>
    public sealed record PreviewRequest([property: Required] SqlMapping Mapping, Guid? SourceId = null, Connection? Connection = null);

    /// <param name="HasPassword">Whether one is stored.</param>
    public sealed record ShownConnection(string Kind, string? Host, int? Port, string? Database, string? User, bool HasPassword, string? Tls, string? File);

    public sealed record Source(
        Guid Id, string Name, ShownConnection Connection, SqlMapping Mapping, long PollSeconds, long OverlapSeconds, bool Paused, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

    public sealed record Listed(Guid Id, string Name, long PollSeconds, bool Paused, string State, string? LastError, double? StalenessSeconds);

    public sealed record Sources(IReadOnlyList<Listed> Items);

    /// <param name="StalenessSeconds">Since it was read last; null where it never was.</param>
    public sealed record Status(Guid Id, double? StalenessSeconds, SourceStatus Reading);

    public sealed record Tested(string Answer);

    public sealed record Tables(IReadOnlyList<SqlFoundTable> Items);

    public sealed record PreviewFrame(string Asset, DateTimeOffset Time, IReadOnlyDictionary<string, double?> Values);

    public sealed record Preview(int Rows, IReadOnlyList<PreviewFrame> Frames, IReadOnlyList<SqlBadCell> Bad, IReadOnlyList<string> MissingColumns, bool HasRowsAhead);

    private static async Task<Ok<Sources>> ListAsync(OrganizationDb db, SourcePolling polling, TimeProvider clock, CancellationToken ct) =>
        TypedResults.Ok(new Sources([.. (await DataSourceStore.AllAsync(db, ct).ConfigureAwait(false)).Select(source =>
        {
            SourceStatus status = polling.StatusOf(db.Organization, source);
            return new Listed(Guid.Parse(source.Id), source.Name, source.PollSeconds, source.Paused, status.State, status.LastError, Staleness(status, clock));
        })]));

    private static async Task<Results<Ok<Source>, NotFound>> GetAsync(Guid id, OrganizationDb db, DataSourceStore store, HttpContext context, CancellationToken ct)
    {
        if (await DataSourceStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { } source)
        {
            return TypedResults.NotFound();
        }

        Revisions.Tell(context.Response, source.Revision);
        return TypedResults.Ok(Shown(source, await SettingsAsync(db, store, source, ct).ConfigureAwait(false)));
    }

    private static async Task<Results<Ok<Status>, NotFound>> StatusAsync(Guid id, OrganizationDb db, SourcePolling polling, TimeProvider clock, CancellationToken ct) =>
        await DataSourceStore.FindAsync(db, id, ct).ConfigureAwait(false) is { } source && polling.StatusOf(db.Organization, source) is { } status
            ? TypedResults.Ok(new Status(id, Staleness(status, clock), status))
            : TypedResults.NotFound();

    private static async Task<Results<Created<Source>, ProblemHttpResult>> CreateAsync(
        SourceRequest request, Once once, Caller caller, OrganizationDb db, DataSourceStore store, SqlSources sources, SourcePolling polling, TimeProvider clock, CancellationToken ct)
    {
        SqlConnectionSettings settings = request.Connection.Settings();
        if (Fault(settings, request.Mapping) is { } fault)
        {
            return BadRequest(fault);
        }

        sources.MakeFolder(db.Organization);
        DateTimeOffset now = clock.Now();
        var id = Guid.CreateVersion7(now);
        string name = request.Name.Trim();
        string closed = await store.CloseAsync(db, id, settings.ToBytes(), ct).ConfigureAwait(false);
        Results<Created<Source>, ProblemHttpResult> made = await once.CreateAsync<Source>(
            request with { Connection = request.Connection with { Password = null } }, // not even its hash is kept
            async transaction =>
            {
                DataSourceRefusal refusal = await DataSourceStore.CreateAsync(
                    transaction, id, name, closed, request.Mapping.ToText(), request.PollSeconds, request.OverlapSeconds, now).ConfigureAwait(false);
                if (refusal != DataSourceRefusal.None)
                {
                    return new Made<Source>.Refused(Problem(refusal));
                }

                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, "DATA_SOURCE_CREATED", $"data source {id}", new { name, connection = settings.ToString(), table = request.Mapping.Table }, now)
                    .ConfigureAwait(false);
                return new Made<Source>.As(
                    new Source(id, name, Shown(settings), request.Mapping, request.PollSeconds, request.OverlapSeconds, false, now, now), $"{Path}/{id}", 1);
            },
            ct).ConfigureAwait(false);
        await polling.LookAsync(ct).ConfigureAwait(false);
        return made;
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> ReplaceAsync(
        Guid id, SourceRequest request, HttpContext context, Caller caller, OrganizationDb db, DataSourceStore store, SourcePolling polling, TimeProvider clock, CancellationToken ct)
    {
        SqlConnectionSettings settings = request.Connection.Settings();
        if (Fault(settings, request.Mapping) is { } fault)
        {
            return BadRequest(fault);
        }

        if (await DataSourceStore.FindAsync(db, id, ct).ConfigureAwait(false) is not { } source)
        {
            return TypedResults.NotFound();
        }

        SqlConnectionSettings present = await SettingsAsync(db, store, source, ct).ConfigureAwait(false);
        if (settings.Password is null && present.Password is not null)
        {
            if (!settings.ReachesTheSameAs(present))
            {
                return BadRequest("connection.password: give it again, since something else of the connection changes; a password is handed to no other server than it was given for.");
            }

            settings = settings with { Password = present.Password };
        }

        string name = request.Name.Trim();
        bool restart = request.Restart || settings.ReadsOtherRowsThan(present) || request.Mapping.ReadsOtherRowsThan(SqlMapping.Read(source.Mapping));
        string closed = await store.CloseAsync(db, id, settings.ToBytes(), ct).ConfigureAwait(false);
        Results<NoContent, NotFound, ProblemHttpResult> answer = await WriteAsync(
            db, caller, "DATA_SOURCE_CHANGED", id, new { name, connection = settings.ToString(), table = request.Mapping.Table, restart }, clock.Now(),
            (transaction, now) => DataSourceStore.ReplaceAsync(
                transaction, id, Revisions.Expected(context.Request), name, closed, request.Mapping.ToText(), request.PollSeconds, request.OverlapSeconds, restart, now), ct).ConfigureAwait(false);
        await polling.LookAsync(ct).ConfigureAwait(false);
        return answer;
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> DeleteAsync(
        Guid id, HttpContext context, Caller caller, OrganizationDb db, SourcePolling polling, TimeProvider clock, CancellationToken ct)
    {
        Results<NoContent, NotFound, ProblemHttpResult> answer = await WriteAsync(
            db, caller, "DATA_SOURCE_DELETED", id, new { }, clock.Now(),
            (transaction, _) => DataSourceStore.RemoveAsync(transaction, id, Revisions.Expected(context.Request)), ct).ConfigureAwait(false);
        await polling.LookAsync(ct).ConfigureAwait(false);
        return answer;
    }

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> PauseAsync(
        Guid id, Caller caller, OrganizationDb db, SourcePolling polling, TimeProvider clock, CancellationToken ct) => SetPausedAsync(id, true, caller, db, polling, clock, ct);

    private static Task<Results<NoContent, NotFound, ProblemHttpResult>> ResumeAsync(
        Guid id, Caller caller, OrganizationDb db, SourcePolling polling, TimeProvider clock, CancellationToken ct) => SetPausedAsync(id, false, caller, db, polling, clock, ct);

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> SetPausedAsync(
        Guid id, bool paused, Caller caller, OrganizationDb db, SourcePolling polling, TimeProvider clock, CancellationToken ct)
    {
        Results<NoContent, NotFound, ProblemHttpResult> answer = await WriteAsync(
            db, caller, paused ? "DATA_SOURCE_PAUSED" : "DATA_SOURCE_RESUMED", id, new { }, clock.Now(),
            (transaction, now) => DataSourceStore.SetPausedAsync(transaction, id, paused, now), ct).ConfigureAwait(false);
        await polling.LookAsync(ct).ConfigureAwait(false);
        return answer;
    }

    private static async Task<Results<Ok<Tested>, NotFound, ProblemHttpResult>> TestAsync(
        ConnectionRequest request, OrganizationDb db, DataSourceStore store, SqlSources sources, CancellationToken ct)
    {
        (SqlConnectionSettings? settings, Results<NotFound, ProblemHttpResult>? refusal) = await GivenAsync(request.SourceId, request.Connection, db, store, sources, ct).ConfigureAwait(false);
        try
        {
            return settings is null ? Refused<Ok<Tested>>(refusal!) : TypedResults.Ok(new Tested(await sources.TestAsync(db.Organization, settings, ct).ConfigureAwait(false)));
        }
        catch (SqlSourceException e)
        {
            return Unreadable(e);
        }
    }

    private static async Task<Results<Ok<Tables>, NotFound, ProblemHttpResult>> TablesAsync(
        ConnectionRequest request, OrganizationDb db, DataSourceStore store, SqlSources sources, CancellationToken ct)
    {
        (SqlConnectionSettings? settings, Results<NotFound, ProblemHttpResult>? refusal) = await GivenAsync(request.SourceId, request.Connection, db, store, sources, ct).ConfigureAwait(false);
        try
        {
            return settings is null ? Refused<Ok<Tables>>(refusal!) : TypedResults.Ok(new Tables(await sources.TablesAsync(db.Organization, settings, ct).ConfigureAwait(false)));
        }
        catch (SqlSourceException e)
        {
            return Unreadable(e);
        }
    }

    private static async Task<Results<Ok<Preview>, NotFound, ProblemHttpResult>> PreviewAsync(
        PreviewRequest request, OrganizationDb db, DataSourceStore store, SqlSources sources, SourcePolling polling, CancellationToken ct)
    {
        if (request.Mapping.Fault() is { } fault)
        {
            return BadRequest($"mapping.{fault}");
        }

        (SqlConnectionSettings? settings, Results<NotFound, ProblemHttpResult>? refusal) = await GivenAsync(request.SourceId, request.Connection, db, store, sources, ct).ConfigureAwait(false);
        if (settings is null)
        {
            return Refused<Ok<Preview>>(refusal!);
        }

        try
        {
            SourcePreview preview = await polling.PreviewAsync(db.Organization, settings, request.Mapping, PreviewRows, ct).ConfigureAwait(false);
            return TypedResults.Ok(new Preview(
                preview.Rows,
                [.. preview.Frames.Select(frame => new PreviewFrame(
                    frame.Asset.Value, DateTimeOffset.FromUnixTimeMilliseconds(frame.TimeUnixMs),
                    frame.Signals.Zip(frame.Values).ToDictionary(one => one.First, one => double.IsNaN(one.Second) ? (double?)null : one.Second)))],
                preview.Bad, preview.MissingColumns, preview.HasRowsAhead));
        }
        catch (SqlSourceException e)
        {
            return Unreadable(e);
        }
    }

    // The connection a person asks with: one that is stored, or one that may be.
    private static async Task<(SqlConnectionSettings? Settings, Results<NotFound, ProblemHttpResult>? Refusal)> GivenAsync(
        Guid? sourceId, Connection? connection, OrganizationDb db, DataSourceStore store, SqlSources sources, CancellationToken ct)
    {
        if (sourceId is null == connection is null)
        {
            return (null, BadRequest("sourceId or connection says where; give one of them."));
        }

        if (connection is not null)
        {
            SqlConnectionSettings settings = connection.Settings();
            sources.MakeFolder(db.Organization);
            return settings.Fault() is { } fault ? (null, BadRequest($"connection.{fault}")) : (settings, null);
        }

        return await DataSourceStore.FindAsync(db, sourceId!.Value, ct).ConfigureAwait(false) is { } source
            ? (await SettingsAsync(db, store, source, ct).ConfigureAwait(false), null)
            : (null, TypedResults.NotFound());
    }

    private static async Task<Results<NoContent, NotFound, ProblemHttpResult>> WriteAsync(
        OrganizationDb db, Caller caller, string action, Guid id, object metadata, DateTimeOffset now,
        Func<OrganizationTransaction, DateTimeOffset, Task<DataSourceRefusal>> write, CancellationToken ct)
    {
        DataSourceRefusal refusal = await db.WriteAsync(
            async transaction =>
            {
                DataSourceRefusal refusal = await write(transaction, now).ConfigureAwait(false);
                if (refusal == DataSourceRefusal.None)
                {
                    await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, action, $"data source {id}", metadata, now).ConfigureAwait(false);
                }

                return refusal;
            },
            ct).ConfigureAwait(false);
        return refusal switch
        {
            DataSourceRefusal.None => TypedResults.NoContent(),
            DataSourceRefusal.Unknown => TypedResults.NotFound(),
            _ => Problem(refusal),
        };
    }

    private static async Task<SqlConnectionSettings> SettingsAsync(OrganizationDb db, DataSourceStore store, DataSource source, CancellationToken ct) =>
        SqlConnectionSettings.Read(await store.OpenAsync(db, source, ct).ConfigureAwait(false));

    private static string? Fault(SqlConnectionSettings settings, SqlMapping mapping) =>
        settings.Fault() is { } ofConnection ? $"connection.{ofConnection}" : mapping.Fault() is { } ofMapping ? $"mapping.{ofMapping}" : null;

    private static Results<TOk, NotFound, ProblemHttpResult> Refused<TOk>(Results<NotFound, ProblemHttpResult> refusal)
        where TOk : IResult => refusal.Result switch
        {
            NotFound unknown => unknown,
            ProblemHttpResult problem => problem,
            _ => throw new System.Diagnostics.UnreachableException("bug: neither unknown nor a problem"),
        };

    private static ProblemHttpResult BadRequest(string fault) => TypedResults.Problem(fault, statusCode: StatusCodes.Status400BadRequest);

    private static ProblemHttpResult Unreadable(SqlSourceException e) => TypedResults.Problem(e.Message, statusCode: StatusCodes.Status422UnprocessableEntity);

    private static ProblemHttpResult Problem(DataSourceRefusal refusal) => refusal switch
    {
        DataSourceRefusal.Changed => Revisions.Changed(),
        DataSourceRefusal.NameTaken => TypedResults.Problem("name: there is a data source of this name already; case does not count.", statusCode: StatusCodes.Status409Conflict),
        DataSourceRefusal.TooMany => TypedResults.Problem(
            $"The organization has {DataSourceStore.Most} data sources; no more are taken. Remove one, or let a view join tables.", statusCode: StatusCodes.Status409Conflict),
        _ => throw new System.Diagnostics.UnreachableException($"bug: {refusal} is no refusal"),
    };

    private static double? Staleness(SourceStatus status, TimeProvider clock) =>
        status.LastReadAt is { } at ? Math.Max(0, Math.Round((clock.GetUtcNow() - at).TotalSeconds, 1)) : null;

    private static ShownConnection Shown(SqlConnectionSettings settings) =>
        new(settings.Kind, settings.Host, settings.Port, settings.Database, settings.User, settings.Password is not null, settings.Tls, settings.File);

    private static Source Shown(DataSource source, SqlConnectionSettings settings) => new(
        Guid.Parse(source.Id), source.Name, Shown(settings), SqlMapping.Read(source.Mapping), source.PollSeconds, source.OverlapSeconds, source.Paused, source.CreatedAt, source.UpdatedAt);
}
