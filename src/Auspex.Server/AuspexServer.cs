using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Auspex.Server.Capabilities.ApiKeys;
using Auspex.Server.Capabilities.Assets;
using Auspex.Server.Capabilities.Audit;
using Auspex.Server.Capabilities.Auth;
using Auspex.Server.Capabilities.Configuration;
using Auspex.Server.Capabilities.Documents;
using Auspex.Server.Capabilities.Events;
using Auspex.Server.Capabilities.Frames;
using Auspex.Server.Capabilities.Health;
using Auspex.Server.Capabilities.Organizations;
using Auspex.Server.Capabilities.Signals;
using Auspex.Server.Capabilities.Tree;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Keys;
using Auspex.Storage.Schema;
using Auspex.Storage.Telemetry;

namespace Auspex.Server;

/// <summary>The server: its folder, its databases, its routes.</summary>
public sealed class AuspexServer : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly Database _metadata;
    private readonly Database _telemetryDatabase;
    private readonly TelemetryStore _telemetry;
    private readonly WebApplication _app;

    private AuspexServer(DataFolder folder, Database metadata, Database telemetryDatabase, TelemetryStore telemetry, WebApplication app, string? firstPassword)
    {
        _folder = folder;
        _metadata = metadata;
        _telemetryDatabase = telemetryDatabase;
        _telemetry = telemetry;
        _app = app;
        FirstPassword = firstPassword;
    }

    /// <summary>The super admin's password for one use, when this start made the super admin; null otherwise.</summary>
    public string? FirstPassword { get; }

    /// <summary>Addresses it listens on.</summary>
    public IEnumerable<string> Urls => _app.Urls;

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
            WebApplication app = Build(options, metadata, telemetry, master, clock);
            await app.Services.GetRequiredService<SigningKeys>().LoadAsync(ct).ConfigureAwait(false);
            string? password = await FirstStart.MakeSuperAdminAsync(app.Services.GetRequiredService<UserStore>(), options.FirstAdmin, ct).ConfigureAwait(false);
            await app.StartAsync(ct).ConfigureAwait(false);
            return new AuspexServer(folder, metadata, telemetryDatabase, telemetry, app, password);
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
        await _app.DisposeAsync().ConfigureAwait(false);
        await _telemetry.DisposeAsync().ConfigureAwait(false);
        await _telemetryDatabase.DisposeAsync().ConfigureAwait(false);
        await _metadata.DisposeAsync().ConfigureAwait(false);
        _folder.Dispose();
    }

    private static WebApplication Build(ServerOptions options, Database metadata, TelemetryStore telemetry, MasterKey master, TimeProvider clock)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(AuspexServer).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 10 * 1024 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.WebHost.UseUrls([.. options.Urls]);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddRouting();
        builder.Services.AddLogging(logging => logging.AddJsonConsole().SetMinimumLevel(LogLevel.Warning));
        builder.Services.AddSingleton(clock).AddSingleton(new InstallationDb(metadata)).AddSingleton(master);
        builder.Services.AddSingleton(telemetry).AddHostedService<TelemetryUpkeep>();
        builder.Services.AddSingleton<UserStore>().AddSingleton<SessionStore>().AddSingleton<ApiKeyStore>();
        builder.Services.AddSingleton<SigningKeys>().AddSingleton<AccessTokens>().AddSingleton<Standing>().AddSingleton<SignInLimit>();
        builder.Services.AddHttpContextAccessor();
        // Who calls comes from the token alone; a handler that asks for an organization's database gets that of its caller.
        builder.Services.AddScoped(services => CallerOf(services));
        builder.Services.AddScoped(services => services.GetRequiredService<InstallationDb>().Of(CallerOf(services).Organization!.Value));
        builder.Services.AddScoped<Once>();
        builder.Services.AddProblemDetails().AddExceptionHandler<Problems>();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddValidation();
        builder.Services.AddOpenApi();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.AllowDuplicateProperties = false;
            // Letters stay as they are; what could end a script or an attribute does not.
            json.SerializerOptions.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        });

        WebApplication app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(SecurityHeaders.AddAsync);
        app.UseRouting();
        app.UseMiddleware<CallerMiddleware>();
        app.MapOpenApi().Needs(new Access.Anyone());
        app.MapHealth();
        app.MapAuth();
        app.MapOrganizations();
        app.MapApiKeys();
        app.MapAudit();
        app.MapTree();
        app.MapAssets();
        app.MapSignals();
        app.MapConfiguration();
        app.MapEvents();
        app.MapDocuments();
        app.MapFrames();
        return app;
    }

    private static Caller CallerOf(IServiceProvider services) =>
        services.GetRequiredService<IHttpContextAccessor>().HttpContext?.Features.Get<Caller>()
        ?? throw new System.Diagnostics.UnreachableException("bug: a route that needs nobody asks who calls");
}
