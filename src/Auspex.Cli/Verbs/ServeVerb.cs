using System.CommandLine;
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
        return CommandLine.Verb(
            "serve",
            "Run the server: HTTP API, people, organizations, keys. Ends cleanly within 10 s of SIGTERM or Ctrl-C.",
            [data, urls, database, admin, origins, requests, values],
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
