using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auspex.Flow.Connect.Sql;

/// <summary>How a database of an organization is reached. It is stored sealed only.</summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Host">Name or address of the server; null for files.</param>
/// <param name="Port">1 to 65535; null for the usual one.</param>
/// <param name="Database">Of the server; null for files.</param>
/// <param name="User">Who reads; null for files.</param>
/// <param name="Password">Of the user; null where none is asked.</param>
/// <param name="Tls">One of <see cref="TlsModes"/>; null for <c>prefer</c>.</param>
/// <param name="File">Of SQLite: path below the organization's folder of sources.</param>
public sealed record SqlConnectionSettings(string Kind, string? Host, int? Port, string? Database, string? User, string? Password, string? Tls, string? File)
{
    public const string PostgreSql = "postgresql";
    public const string MySql = "mysql";
    public const string Sqlite = "sqlite";

    private const int MostLength = 200;

    private static readonly System.Buffers.SearchValues<char> NotInHosts = System.Buffers.SearchValues.Create(",;= \\/'\"");

    /// <summary>Databases that are read.</summary>
    public static readonly IReadOnlyList<string> Kinds = [PostgreSql, MySql, Sqlite];

    /// <summary><c>disable</c>; <c>prefer</c> encrypts where the server can; <c>require</c> encrypts without asking who the server is; <c>verify</c> checks its certificate and name.</summary>
    public static readonly IReadOnlyList<string> TlsModes = ["disable", "prefer", "require", "verify"];

    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The port that is meant.</summary>
    [JsonIgnore]
    public int EffectivePort => Port ?? (Kind == MySql ? 3306 : 5432);

    /// <summary>Whether the same is reached as the same user: only then may a password that is stored be used on.</summary>
    public bool ReachesTheSameAs(SqlConnectionSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        // Whoever could be another server, or the same one without encryption, is not handed a password that was given to this one.
        return this with { Password = null } == other with { Password = null };
    }

    /// <summary>Whether other rows are meant, whoever reads them.</summary>
    public bool ReadsOtherRowsThan(SqlConnectionSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Kind, Host, EffectivePort, Database, File) != (other.Kind, other.Host, other.EffectivePort, other.Database, other.File);
    }

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? Fault()
    {
        if (!Kinds.Contains(Kind, StringComparer.Ordinal))
        {
            return $"kind must be {string.Join(", ", Kinds)}.";
        }

        if (Kind == Sqlite)
        {
            return Host is not null || Port is not null || Database is not null || User is not null || Password is not null || Tls is not null
                ? "a file of sqlite has no host, port, database, user, password and tls."
                : SqliteFiles.Fault(File);
        }

        return File is not null ? $"file is of sqlite only; {Kind} has host and database."
            : TextFault("host", Host) ?? TextFault("database", Database) ?? TextFault("user", User)
            ?? (Password is not null && Password.Length > MostLength ? $"password has {Password.Length} characters; at most {MostLength} are taken."
            : Host!.StartsWith('/') || Host.StartsWith('@') || Host.AsSpan().ContainsAny(NotInHosts) ? "host must be one name or address, such as scada.plant.example; sockets of this machine and lists of hosts are not taken."
            : Port is < 1 or > 65_535 ? $"port must be 1 to 65535, was {Port}."
            : Tls is not null && !TlsModes.Contains(Tls, StringComparer.Ordinal) ? $"tls must be {string.Join(", ", TlsModes)}."
            : null);
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Form);

    public static SqlConnectionSettings Read(ReadOnlySpan<byte> bytes) => JsonSerializer.Deserialize<SqlConnectionSettings>(bytes, Form)!;

    /// <summary>Without the password.</summary>
    public override string ToString() => Kind == Sqlite ? $"{Kind} {File}" : $"{Kind} {User}@{Host}:{EffectivePort}/{Database}";

    private static string? TextFault(string field, string? text) =>
        string.IsNullOrWhiteSpace(text) ? $"{field} is missing."
        : text.Length > MostLength ? $"{field} has {text.Length} characters; at most {MostLength} are taken."
        : text.Any(char.IsControl) ? $"{field} has a control character; leave it out."
        : null;
}
