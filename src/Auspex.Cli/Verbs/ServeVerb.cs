using System.CommandLine;
using Auspex.Core.Time;
using Auspex.Flow;
using Auspex.Flow.Predict;
using Auspex.Server;
using Auspex.Server.Wiring;
using Auspex.Storage.Keys;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex serve</c>: the server, until a signal ends it.</summary>
internal static class ServeVerb
{
    /// <summary>Environment variable in place of <c>--database</c>, whose password every process of the machine could else read.</summary>
    public const string DatabaseVariable = "AUSPEX_DATABASE";

    public static Command Create()
    {
        Option<DirectoryInfo> data = VerbOptions.DataFolder();
        Option<string[]> urls = new("--urls")
        {
            Description = "Addresses to listen on, separated by semicolons; port 0 takes a free one. Default http://127.0.0.1:8080.",
            HelpName = "URL",
            DefaultValueFactory = _ => ["http://127.0.0.1:8080"],
            CustomParser = result =>
            {
                string[] all = [.. result.Tokens.SelectMany(token => token.Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
                if (all.Length == 0 || Array.Find(all, url => !IsAddress(url)) is not null)
                {
                    result.AddError($"--urls must be http://HOST:PORT, such as http://127.0.0.1:8080, was '{Array.Find(all, url => !IsAddress(url)) ?? ""}'. "
                        + "TLS ends at a proxy before Auspex.");
                }

                return all;
            },
        };
        Option<string> database = Database();
        Option<string> admin = new("--admin")
        {
            Description = "E-mail address of the super admin whom the first start makes; default admin@localhost.",
            HelpName = "E-MAIL",
            DefaultValueFactory = _ => "admin@localhost",
        };
        Option<string[]> origins = new("--origins")
        {
            Description = "Origins of browsers that may call from other addresses, separated by semicolons; default none.",
            HelpName = "ORIGIN",
            DefaultValueFactory = _ => [],
            CustomParser = result =>
            {
                string[] all = [.. result.Tokens.SelectMany(token => token.Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
                if (Array.Find(all, origin => !IsOrigin(origin)) is { } bad)
                {
                    result.AddError($"--origins must be SCHEME://HOST[:PORT] without a path or *, such as https://plant.example, was '{bad}'.");
                }

                return all;
            },
        };
        Option<int> requests = VerbOptions.InRange(
            new Option<int>("--requests-per-second")
            {
                Description = "Requests a second that one address, organization or API key may make over time; 20 s' worth may come at once. Behind a proxy all come from its address.",
                HelpName = "N",
                DefaultValueFactory = _ => 100,
            },
            1, 1_000_000);
        Option<int> values = VerbOptions.InRange(
            new Option<int>("--values-per-second")
            {
                Description = "Values a second that one organization may send over time; 20 s' worth may come at once.",
                HelpName = "N",
                DefaultValueFactory = _ => 1_000_000,
            },
            1, 1_000_000_000);
        Option<int> models = VerbOptions.InRange(
            new Option<int>("--model-cache-count")
            {
                Description = "Most models in memory at once, of all organizations; others are loaded when they are asked for.",
                HelpName = "N",
                DefaultValueFactory = _ => new ModelCacheOptions().MostModels,
            },
            ModelCacheOptions.FewestModels, 1_000_000);
        Option<int> modelMegabytes = VerbOptions.InRange(
            new Option<int>("--model-cache-megabytes")
            {
                Description = "Most MiB of all models in memory.",
                HelpName = "N",
                DefaultValueFactory = _ => (int)(new ModelCacheOptions().MostBytes >> 20),
            },
            1, 1 << 20);
        Option<string> eviction = new("--model-cache-keeps")
        {
            Description = "Which models stay where there is no room for all: the recent (by last use) or the frequent (by number of uses).",
            HelpName = "recent|frequent",
            DefaultValueFactory = _ => "recent",
        };
        eviction.AcceptOnlyFromAmong("recent", "frequent");
        Option<string> preload = new("--model-preload")
        {
            Description = "When active models that are not in memory are loaded while there is room: five-field cron in UTC, or never.",
            HelpName = "CRON",
            DefaultValueFactory = _ => new ModelCacheOptions().PreloadAt,
        };
        preload.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not "never" and var pattern }] && CronPattern.Fault(pattern) is { } fault)
            {
                result.AddError($"--model-preload: '{pattern}' {fault}.");
            }
        });
        Option<string> monitoring = new("--predictive-monitoring")
        {
            Description = "off: rules only, for all organizations and shown to them.",
            HelpName = "on|off",
            DefaultValueFactory = _ => "on",
        };
        monitoring.AcceptOnlyFromAmong("on", "off");
        return CommandLine.Verb(
            "serve",
            "Run the server: HTTP API, people, organizations, keys. Ends cleanly within 10 s of SIGTERM or Ctrl-C.",
            [data, urls, database, admin, origins, requests, values, models, modelMegabytes, eviction, preload, monitoring],
            ["auspex serve --data /var/lib/auspex", "auspex serve --data data --urls http://127.0.0.1:9000", $"{DatabaseVariable}='Host=db;Username=auspex;Password=…' auspex serve --data data"],
            async (parsed, ct) =>
            {
                var options = new ServerOptions
                {
                    DataFolder = parsed.GetRequiredValue(data).FullName,
                    Urls = parsed.GetRequiredValue(urls),
                    PostgreSql = ConnectionOf(parsed, database),
                    AllowedOrigins = parsed.GetRequiredValue(origins),
                    MasterKey = Environment.GetEnvironmentVariable(MasterKey.Variable),
                    FirstAdmin = parsed.GetRequiredValue(admin),
                    RequestsPerSecond = parsed.GetValue(requests),
                    ValuesPerSecond = parsed.GetValue(values),
                    Line = new LineOptions
                    {
                        PredictiveMonitoring = parsed.GetValue(monitoring) == "on",
                        Models = new ModelCacheOptions
                        {
                            MostModels = parsed.GetValue(models),
                            MostBytes = (long)parsed.GetValue(modelMegabytes) << 20,
                            Eviction = parsed.GetValue(eviction) == "recent" ? ModelEviction.LeastRecentlyUsed : ModelEviction.LeastFrequentlyUsed,
                            PreloadAt = parsed.GetValue(preload) is { } pattern and not "never" ? pattern : "",
                        },
                    },
                };
                await using AuspexServer server = await AuspexServer.StartAsync(options, TimeProvider.System, ct);
                foreach (string url in server.Urls)
                {
                    Console.WriteLine($"listening    {url}");
                }

                if (server.FirstAdmin is { } first)
                {
                    Console.WriteLine($"super admin  {first.Email}");
                    Console.WriteLine($"password     {first.Password}  (shown at each start until it is changed: sign in and change it)");
                }

                await server.RunAsync(ct);
                Console.WriteLine("stopped");
            });
    }

    public static Option<string> Database() => new("--database")
    {
        Description = $"Connection string of PostgreSQL, better given in {DatabaseVariable}; default SQLite files in the data folder.",
        HelpName = "CONNECTION",
    };

    public static string? ConnectionOf(ParseResult parsed, Option<string> database) =>
        parsed.GetValue(database) ?? (Environment.GetEnvironmentVariable(DatabaseVariable) is { Length: > 0 } connection ? connection : null);

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttp && url.AbsolutePath == "/" && url.Query == "" && url.UserInfo == "";

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && text == $"{url.Scheme}://{url.Authority}";
}
