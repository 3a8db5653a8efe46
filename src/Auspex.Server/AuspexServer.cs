using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Auspex.Flow;
using Auspex.Flow.Connect.Sql;
using Auspex.Flow.Map;
using Auspex.Flow.Predict;
using Auspex.Server.Capabilities.ApiKeys;
using Auspex.Server.Capabilities.Archives;
using Auspex.Server.Capabilities.Assets;
using Auspex.Server.Capabilities.Audit;
using Auspex.Server.Capabilities.Auth;
using Auspex.Server.Capabilities.Backups;
using Auspex.Server.Capabilities.Configuration;
using Auspex.Server.Capabilities.DataSources;
using Auspex.Server.Capabilities.DataQuality;
using Auspex.Server.Capabilities.Documents;
using Auspex.Server.Capabilities.Events;
using Auspex.Server.Capabilities.Frames;
using Auspex.Server.Capabilities.Health;
using Auspex.Server.Capabilities.InstallationUsers;
using Auspex.Server.Capabilities.LineProtocol;
using Auspex.Server.Capabilities.Logging;
using Auspex.Server.Capabilities.Models;
using Auspex.Server.Capabilities.Notifications;
using Auspex.Server.Capabilities.OpenInference;
using Auspex.Server.Capabilities.Organizations;
using Auspex.Server.Capabilities.Positions;
using Auspex.Server.Capabilities.Predictions;
using Auspex.Server.Capabilities.PredictiveAlerts;
using Auspex.Server.Capabilities.Quarantines;
using Auspex.Server.Capabilities.SavedViews;
using Auspex.Server.Capabilities.Signals;
using Auspex.Server.Capabilities.Tree;
using Auspex.Server.Capabilities.Users;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Backup;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Keys;
using Auspex.Storage.Models;
using Auspex.Storage.Organizations;
using Auspex.Storage.Quarantine;
using Auspex.Storage.Schema;
using Auspex.Storage.Sources;
using Auspex.Storage.Telemetry;
using Auspex.Storage.Transfer;
using Microsoft.AspNetCore.Http.Timeouts;

namespace Auspex.Server;

/// <summary>The server: its folder, its databases, its routes.</summary>
public sealed class AuspexServer : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly Database _metadata;
    private readonly Database _telemetryDatabase;
    private readonly TelemetryStore _telemetry;
    private readonly WebApplication _app;
    private bool _disposed;

    private AuspexServer(DataFolder folder, Database metadata, Database telemetryDatabase, TelemetryStore telemetry, WebApplication app, FirstAdmin? firstAdmin)
    {
        _folder = folder;
        _metadata = metadata;
        _telemetryDatabase = telemetryDatabase;
        _telemetry = telemetry;
        _app = app;
        FirstAdmin = firstAdmin;
    }

    /// <summary>The first super admin with the password to begin with, until it is changed; null from then on.</summary>
    public FirstAdmin? FirstAdmin { get; }

    /// <summary>Addresses it listens on.</summary>
    public IEnumerable<string> Urls => _app.Urls;

    internal IServiceProvider Services => _app.Services;

    /// <summary>Takes the folder, brings the databases to their schema and begins to listen.</summary>
    /// <exception cref="StorageException">Folder, key or database cannot be used; the message says what to do.</exception>
    public static async Task<AuspexServer> StartAsync(ServerOptions options, TimeProvider clock, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        DataFolder folder = DataFolder.Hold(options.DataFolder);
        Database? metadata = null;
        Database? telemetryDatabase = null;
        TelemetryStore? telemetry = null;
        try
        {
            MasterKey master = MasterKey.Of(folder, options.MasterKey);
            metadata = options.PostgreSql is { } server ? PostgreSqlDatabase.Open(server) : SqliteDatabase.Open(folder.PathOf("metadata.db"));
            await SchemaUpgrade.ApplyAsync(metadata, "metadata", clock, ct).ConfigureAwait(false);
            // A file of its own: what is written beside the frames never waits for their commit.
            telemetryDatabase = options.PostgreSql is null ? SqliteDatabase.Open(folder.PathOf("telemetry.db")) : metadata;
            await SchemaUpgrade.ApplyAsync(telemetryDatabase, "telemetry", clock, ct).ConfigureAwait(false);
            telemetry = await TelemetryStore.OpenAsync(telemetryDatabase, new TelemetryOptions(), clock, ct).ConfigureAwait(false);
            WebApplication app = Build(options, folder, metadata, telemetryDatabase, telemetry, master, clock);
            await app.Services.GetRequiredService<SigningKeys>().LoadAsync(ct).ConfigureAwait(false);
            await app.Services.GetRequiredService<ArtefactStore>().SweepAsync(new InstallationDb(metadata), ct).ConfigureAwait(false);
            FirstAdmin? first = await FirstStart.AdminAsync(app.Services.GetRequiredService<UserStore>(), master, options.FirstAdmin, clock, ct).ConfigureAwait(false);
            LocalAdministration.Close(folder);
            await app.StartAsync(ct).ConfigureAwait(false);
            app.Services.GetRequiredService<LocalAdministration>().Open(folder, app.Urls);
            return new AuspexServer(folder, metadata, telemetryDatabase, telemetry, app, first);
        }
        catch
        {
            if (telemetry is not null)
            {
                await telemetry.DisposeAsync().ConfigureAwait(false);
            }

            if (telemetryDatabase is not null)
            {
                await telemetryDatabase.DisposeAsync().ConfigureAwait(false);
            }

            if (metadata is not null)
            {
                await metadata.DisposeAsync().ConfigureAwait(false);
            }

            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the token is cancelled, then ends what is under way within ten seconds.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await _app.WaitForShutdownAsync(ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        LocalAdministration.Close(_folder);
        // Disposing alone would not wait for what runs in the background and still writes.
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        await _telemetry.DisposeAsync().ConfigureAwait(false);
        await _telemetryDatabase.DisposeAsync().ConfigureAwait(false);
        await _metadata.DisposeAsync().ConfigureAwait(false);
        _folder.Dispose();
    }

    private static WebApplication Build(
        ServerOptions options, DataFolder folder, Database metadata, Database telemetryDatabase, TelemetryStore telemetry, MasterKey master, TimeProvider clock)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(AuspexServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 10 * 1024 * 1024;
            kestrel.Limits.RequestHeadersTimeout = options.HeadersTimeout;
        });
        builder.WebHost.UseUrls([.. LocalAdministration.Reachable(options.Urls)]);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(8));
        builder.Services.AddRouting();
        var levels = new LogLevels(options.LogLevel, clock);
        builder.Services.AddSingleton(levels).AddSingleton(options).AddSingleton<RequestLimits>().AddSingleton<ValueQuota>();
        builder.Services.AddLogging(logging => logging
            .AddJsonConsole(json => json.IncludeScopes = true).SetMinimumLevel(LogLevel.Trace).AddFilter((category, level) => levels.IsEnabled(category, level))
            .Configure(scopes => scopes.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId));
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddResponseCompression(compression => compression.EnableForHttps = true);
        builder.Services.AddRequestTimeouts(timeouts => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = TimeSpan.FromSeconds(30),
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
        });
        builder.Services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins([.. options.AllowedOrigins]).AllowCredentials().WithMethods("GET", "POST", "PUT", "PATCH", "DELETE")
            .WithHeaders("Authorization", "Content-Type", "X-Auspex", RequestLog.Header, "traceparent").WithExposedHeaders("Retry-After", RequestLog.Header)));
        builder.Services.AddSingleton<IReadOnlyList<Database>>([metadata, telemetryDatabase]);
        builder.Services.AddSingleton(clock).AddSingleton(folder).AddSingleton(new InstallationDb(metadata)).AddSingleton(master);
        builder.Services.AddSingleton(telemetry).AddSingleton<DamagedTelemetry>().AddSingleton<FrameAssets>().AddSingleton<RecordedFrames>().AddSingleton<TelemetryUpkeep>()
            .AddHostedService(services => services.GetRequiredService<TelemetryUpkeep>());
        builder.Services.AddSingleton(new QuarantineStore(telemetryDatabase, options.Quarantine, clock));
        builder.Services.AddHostedService<AuditSealing>();
        builder.Services.AddHostedService<SharedRequestCounts>();
        builder.Services.AddSingleton<UserStore>().AddSingleton<SessionStore>().AddSingleton<ApiKeyStore>().AddSingleton<InvitationStore>();
        var files = new ArtefactFiles(folder);
        builder.Services.AddSingleton(files).AddSingleton<ArtefactStore>().AddSingleton<ModelStore>();
        builder.Services.AddSingleton(services => new LivePipeline(
            metadata, telemetryDatabase, telemetry, services.GetRequiredService<ModelStore>(), options.Line, clock, services.GetRequiredService<ILogger<LivePipeline>>()));
        builder.Services.AddSingleton(services => new Settlement(
            metadata, telemetry, services.GetRequiredService<ModelStore>(), options.Settle, clock, services.GetRequiredService<ILogger<Settlement>>())).AddHostedService<Settling>();
        builder.Services.AddSingleton<DataKeys>().AddSingleton<DataSourceStore>();
        builder.Services.AddSingleton(new SqlSources(folder.FullPath, options.PostgreSql, options.SqlLimits, clock));
        builder.Services.AddSingleton(services => new SourcePolling(
            new InstallationDb(metadata), services.GetRequiredService<SqlSources>(), services.GetRequiredService<DataSourceStore>(), telemetry, services.GetRequiredService<FrameAssets>(),
            options.Line.LookEvery, clock, services.GetRequiredService<ILogger<SourcePolling>>()));
        builder.Services.AddHostedService<SourceLine>();
        builder.Services.AddSingleton(services => new OnDemandPrediction(telemetryDatabase, telemetry, services.GetRequiredService<ModelStore>(), clock)).AddHostedService<LiveLine>();
        builder.Services.AddSingleton(new InstallationBackup(folder, metadata, telemetryDatabase, files, master, clock));
        builder.Services.AddSingleton<BackupRuns>().AddHostedService(services => services.GetRequiredService<BackupRuns>());
        builder.Services.AddSingleton(new OrganizationRemoval(
            new InstallationDb(metadata), telemetry, telemetryDatabase == metadata ? [] : [new InstallationDb(telemetryDatabase)], files));
        builder.Services.AddSingleton(services => new OrganizationExport(metadata, telemetry, services.GetRequiredService<ArtefactStore>(), master, clock));
        builder.Services.AddSingleton(services => new OrganizationImport(
            metadata, telemetry, services.GetRequiredService<ArtefactStore>(), master, services.GetRequiredService<OrganizationRemoval>(), clock));
        builder.Services.AddSingleton<SigningKeys>().AddSingleton<AccessTokens>().AddSingleton<Standing>().AddSingleton<SignInLimit>().AddSingleton<LocalAdministration>();
        builder.Services.AddHttpContextAccessor();
        // Who calls comes from the token alone; a handler that asks for an organization's database gets that of its caller.
        builder.Services.AddScoped(services => CallerOf(services));
        builder.Services.AddScoped(services => services.GetRequiredService<InstallationDb>().Of(CallerOf(services).Organization!.Value));
        builder.Services.AddScoped<Once>();
        builder.Services.AddSingleton<IProblemDetailsWriter, OpenInferenceProblems>();
        builder.Services.AddProblemDetails(details => details.CustomizeProblemDetails = problem =>
            problem.ProblemDetails.Extensions["correlationId"] = problem.HttpContext.Items[RequestLog.Header]).AddExceptionHandler<Problems>();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddValidation();
        builder.Services.AddOpenApi(ApiDescription.Add);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.AllowDuplicateProperties = false;
            // Letters stay as they are; what could end a script or an attribute does not.
            json.SerializerOptions.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        });

        WebApplication app = builder.Build();
        RequestLimits limits = app.Services.GetRequiredService<RequestLimits>();
        app.UseMiddleware<RequestLog>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(SecurityHeaders.AddAsync);
        app.Use(limits.OfAddressAsync);
        app.UseResponseCompression();
        // It compares every path with patterns of its own.
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/docs"), docs => docs.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "docs";
            page.DocumentTitle = "Auspex API";
            page.SwaggerEndpoint("/openapi/v1.json", "Auspex");
        }));
        app.UseRouting();
        app.UseCors();
        app.UseRequestTimeouts();
        app.UseMiddleware<CallerMiddleware>();
        app.Use(limits.OfCallerAsync);
        app.Use(app.Services.GetRequiredService<ValueQuota>().OfCallerAsync);
        app.Use(PlainBodies.OnlyAsync);
        app.MapOpenApi().Needs(new Access.Anyone());
        app.MapHealth();
        app.MapAuth();
        app.MapOrganizations();
        app.MapApiKeys();
        app.MapAudit();
        app.MapTree();
        app.MapAssets();
        app.MapSignals();
        app.MapPositions();
        app.MapConfiguration();
        app.MapEvents();
        app.MapDocuments();
        app.MapFrames();
        app.MapLineProtocol();
        app.MapDataSources();
        app.MapQuarantine();
        app.MapQualityRules();
        app.MapAssetQuality();
        app.MapModels();
        app.MapPredictions();
        app.MapPredictiveAlerts();
        app.MapOpenInference();
        app.MapUsers();
        app.MapSavedViews();
        app.MapNotificationSettings();
        app.MapInstallationUsers();
        app.MapLogLevels();
        app.MapBackups();
        app.MapArchives();
        return app;
    }

    private static Caller CallerOf(IServiceProvider services) =>
        services.GetRequiredService<IHttpContextAccessor>().HttpContext?.Features.Get<Caller>()
        ?? throw new System.Diagnostics.UnreachableException("bug: a route that needs nobody asks who calls");
}
