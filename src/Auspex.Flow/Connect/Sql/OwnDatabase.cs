using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Npgsql;

namespace Auspex.Flow.Connect.Sql;

/// <summary>The PostgreSQL of the installation itself, which is nobody's source: all organizations are in it.</summary>
/// <param name="connectionString">Of the installation; null where it keeps its files itself.</param>
internal sealed class OwnDatabase(string? connectionString)
{
    private readonly NpgsqlConnectionStringBuilder? _own = connectionString is null ? null : new NpgsqlConnectionStringBuilder(connectionString);

    /// <summary>Whether a connection would reach it. Names are looked up anew, since whose they are may change.</summary>
    /// <exception cref="SqlSourceException">The host cannot be looked up.</exception>
    internal bool IsReachedBy(SqlConnectionSettings settings)
    {
        if (_own is null || settings.Kind != SqlConnectionSettings.PostgreSql || settings.EffectivePort != _own.Port
            || !string.Equals(settings.Database, _own.Database ?? _own.Username, StringComparison.Ordinal))
        {
            return false;
        }

        HashSet<IPAddress> theirs = Addresses(settings.Host!);
        return (_own.Host ?? "localhost").Split(',').Any(host => host.StartsWith('/') ? theirs.Overlaps(OfThisMachine()) : theirs.Overlaps(OwnAddresses(host)));
    }

    private static HashSet<IPAddress> OwnAddresses(string host)
    {
        HashSet<IPAddress> own = Addresses(host);
        HashSet<IPAddress> here = OfThisMachine();
        return own.Overlaps(here) || own.Any(IPAddress.IsLoopback) ? here : own;
    }

    // A machine has many names for itself.
    private static HashSet<IPAddress> OfThisMachine() =>
    [
        IPAddress.Any, IPAddress.IPv6Any, IPAddress.Loopback, IPAddress.IPv6Loopback,
        .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(one => one.GetIPProperties().UnicastAddresses).Select(one => Plain(one.Address)),
    ];

    private static HashSet<IPAddress> Addresses(string host)
    {
        try
        {
            return [.. Dns.GetHostAddresses(host).Select(Plain).Select(address => IPAddress.IsLoopback(address) ? IPAddress.Loopback : address)];
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new SqlSourceException($"host: {host} cannot be looked up: {SqlSession.Sentence(e)}", needsPerson: false, e);
        }
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());
}
