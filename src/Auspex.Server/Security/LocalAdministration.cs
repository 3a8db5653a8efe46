using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Auspex.Storage;
using Auspex.Storage.Identity;

namespace Auspex.Server.Security;

/// <summary>How verbs on the machine reach the server that holds their data folder: a file that only the folder's owner reads has its address and a secret of this start. Who
/// brings the secret over a loopback connection is a super admin for routes of the installation; over anything that was forwarded it is nothing.</summary>
public sealed class LocalAdministration
{
    /// <summary>File in the data folder, mode 0600, there while a server answers.</summary>
    public const string FileName = "serve.json";

    /// <summary>What every secret begins with.</summary>
    internal const string Prefix = "auspex-local.";

    private const string Routes = "/api/v1/installation";

    // What proxies add: a connection from one of the same machine is no connection of the machine's administrator.
    private static readonly string[] Forwarding = ["Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    private readonly string _secret = Prefix + Secrets.New();

    /// <summary>Addresses with one on loopback among them, so that the machine itself can always come in.</summary>
    internal static IEnumerable<string> Reachable(IReadOnlyList<string> urls) => urls.Any(url => LoopbackOf(url) is not null) ? urls : urls.Append("http://127.0.0.1:0");

    /// <summary>Writes the file, once the server answers at these addresses.</summary>
    internal void Open(DataFolder folder, IEnumerable<string> urls)
    {
        var server = new LocalServer(urls.Select(LoopbackOf).First(url => url is not null)!, _secret);
        try
        {
            DurableFile.Write(folder.PathOf(FileName), JsonSerializer.SerializeToUtf8Bytes(server, JsonSerializerOptions.Web));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{folder.PathOf(FileName)} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Takes the file away, also that of a server that was killed.</summary>
    internal static void Close(DataFolder folder)
    {
        try
        {
            File.Delete(folder.PathOf(FileName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its secret is worth nothing once the server has ended.
        }
    }

    /// <summary>The server that holds a folder.</summary>
    /// <returns>Null where none has said that it answers.</returns>
    /// <exception cref="StorageException">The file cannot be read, or is none.</exception>
    public static LocalServer? Find(DataFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        string path = folder.PathOf(FileName);
        try
        {
            return JsonSerializer.Deserialize<LocalServer>(File.ReadAllBytes(path), JsonSerializerOptions.Web) is { Url: { } url, Secret: not null } server && LoopbackOf(url) is not null
                ? server
                : throw new StorageException($"{path} names no server of this machine. Stop the server and start it again.");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or UriFormatException)
        {
            throw new StorageException($"{path} cannot be read: {e.Message} Run the verb as the user the server runs as.", e);
        }
    }

    /// <summary>Whether a request comes from the machine's administrator.</summary>
    internal bool Admits(HttpContext context, string presented) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), SHA256.HashData(Encoding.UTF8.GetBytes(_secret)))
        && IsLoopback(context.Connection.RemoteIpAddress) && IsLoopback(context.Connection.LocalIpAddress)
        && context.Request.Path.StartsWithSegments(Routes, StringComparison.Ordinal)
        && !Array.Exists(Forwarding, context.Request.Headers.ContainsKey);

    private static bool IsLoopback(IPAddress? address) => address is not null && IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    // Kestrel listens on all addresses for a name it does not know, as for 0.0.0.0.
    private static string? LoopbackOf(string url)
    {
        var uri = new Uri(url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal));
        bool isNumber = IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address);
        return uri.IsLoopback ? url
            : !isNumber || address!.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? $"http://127.0.0.1:{uri.Port}"
            : null;
    }
}

/// <summary>Where a server answers the machine it runs on.</summary>
/// <param name="Url">On loopback.</param>
/// <param name="Secret">Lets in as the local administrator until the server ends.</param>
public sealed record LocalServer(string Url, string Secret)
{
    /// <summary>The address alone: the secret is for no log.</summary>
    public override string ToString() => Url;
}
