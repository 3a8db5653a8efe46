using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MySql.Data.MySqlClient;

[assembly: AssemblyFixture(typeof(Auspex.Flow.Tests.Connect.Sql.MariaDbServer))]

namespace Auspex.Flow.Tests.Connect.Sql;

/// <summary>A MariaDB of the tests' own, begun when the first test asks for it, in a folder that goes with it.</summary>
public sealed class MariaDbServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Process? _process;
    private string? _folder;
    private int _port;

    /// <summary>Its port; a test that asks for it where there is no MariaDB is skipped, and says so.</summary>
    public int Port
    {
        get
        {
            lock (_lock)
            {
                if (_process is null)
                {
                    Start();
                }

                return _port;
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
            Directory.Delete(_folder!, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    private void Start()
    {
        string? program = Array.Find(["/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd", "/opt/homebrew/bin/mariadbd"], File.Exists);
        Assert.SkipWhen(program is null, "no MariaDB: there is no mariadbd; ./dev test installs one");
        _folder = Directory.CreateTempSubdirectory("auspex-mariadb-").FullName;
        string user = Environment.UserName;
        Run("mariadb-install-db", "--no-defaults", $"--user={user}", $"--datadir={_folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db");
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            _port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        _process = Process.Start(new ProcessStartInfo(program!)
        {
            ArgumentList =
            {
                "--no-defaults", $"--user={user}", $"--datadir={_folder}/data", $"--socket={_folder}/socket", $"--pid-file={_folder}/pid", $"--port={_port.ToString(CultureInfo.InvariantCulture)}",
                "--skip-networking=0", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", $"--log-error={_folder}/log",
            },
        })!;
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                using var connection = new MySqlConnection($"Server=127.0.0.1;Port={_port};User ID=root;SslMode=None;Pooling=false");
                connection.Open();
                return;
            }
            catch (Exception e) when (e is MySqlException or KeyNotFoundException && attempt < 300)
            {
                Assert.False(_process.HasExited, File.Exists($"{_folder}/log") ? File.ReadAllText($"{_folder}/log") : "MariaDB ended");
                _process.WaitForExit(100);
            }
        }
    }

    private static void Run(string program, params ReadOnlySpan<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output + error.Result);
    }
}
