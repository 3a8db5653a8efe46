using System.Security.Cryptography;

namespace Auspex.Storage.Keys;

/// <summary>The key that wraps all others of an installation. It stands in a file that only its owner reads, or comes from the environment; it is in
/// no database and in no backup.</summary>
public sealed class MasterKey
{
    /// <summary>Environment variable that holds it, base64 of 32 bytes; then no file is read or made.</summary>
    public const string Variable = "AUSPEX_MASTER_KEY";

    /// <summary>Its file in the data folder, mode 0600: base64.</summary>
    public const string FileName = "master.key";

    /// <summary>File in the data folder with the ids of the keys that open it, one a line: another key is refused before it does harm.</summary>
    public const string IdFileName = "master.key.id";

    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    /// <summary>Tells keys apart and nothing of them: the first 64 bits of an HMAC-SHA-256 under the key, hexadecimal.</summary>
    public string Id => Convert.ToHexStringLower(HMACSHA256.HashData(_key, "auspex master key"u8).AsSpan(0, 8));

    /// <summary>Key of the environment, or of the folder's file, which is made at the first start.</summary>
    /// <param name="folder">The installation's folder.</param>
    /// <param name="fromEnvironment">Value of <see cref="Variable"/>; null or empty where it is not set.</param>
    /// <param name="make">Whether a file that is missing is made; what only reads never makes one.</param>
    /// <exception cref="StorageException">The key is not one, not this folder's, others can read its file, it is missing, or a rotation was cut off.</exception>
    public static MasterKey Of(DataFolder folder, string? fromEnvironment, bool make = true)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (File.Exists(folder.PathOf(KeyRotation.NextFileName)))
        {
            throw new StorageException($"A rotation of the master key of {folder.FullPath} was cut off: some of what is sealed opens with the old key, some with the next. Run: auspex key rotate --data {folder.FullPath}");
        }

        return Present(folder, fromEnvironment, make);
    }

    /// <summary>The same, also while a rotation is under way.</summary>
    internal static MasterKey Present(DataFolder folder, string? fromEnvironment, bool make)
    {
        string idFile = folder.PathOf(IdFileName);
        string[] ids = File.Exists(idFile) ? File.ReadAllLines(idFile) : [];
        MasterKey key;
        string where;
        if (!string.IsNullOrEmpty(fromEnvironment))
        {
            (key, where) = (new MasterKey(Parse(fromEnvironment, Variable)), Variable);
        }
        else
        {
            where = folder.PathOf(FileName);
            if (!File.Exists(where))
            {
                if (ids.Length > 0)
                {
                    throw new StorageException($"{where} is missing, and {Variable} is not set: {folder.FullPath} needs the key {ids[0]}. Put it back from where it was kept, mode 0600.");
                }

                if (!make)
                {
                    throw new StorageException($"{where} is missing, and {Variable} is not set. Name the folder of an installation, or put its key back.");
                }

                MasterKey made = Make();
                made.Write(where);
                made.WriteId(folder);
            }

            key = Read(where);
        }

        return ids.Length == 0 || ids.Contains(key.Id, StringComparer.Ordinal)
            ? key
            : throw new StorageException($"{where} holds the master key {key.Id}; {folder.FullPath} needs the key {ids[0]}. Put that one back from where it was kept.");
    }

    /// <summary>A key of the environment.</summary>
    /// <exception cref="StorageException">It is none.</exception>
    public static MasterKey Of(string text, string variable) => new(Parse(text, variable));

    internal static MasterKey Make() => new(RandomNumberGenerator.GetBytes(Seal.KeyLength));

    /// <summary>Key of a file that nobody but its owner can read.</summary>
    internal static MasterKey Read(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0
        ? throw new StorageException($"{path} can be read by others than its owner. Run: chmod 600 {path}")
        : new MasterKey(Parse(File.ReadAllText(path).Trim(), path));

    /// <summary>Writes it to a file.</summary>
    internal void Write(string path) => DurableFile.Write(path, System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(_key) + "\n"));

    /// <summary>Makes it the key the folder asks for.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="before">A key that is right as well, while one takes the place of the other.</param>
    internal void WriteId(DataFolder folder, MasterKey? before = null) =>
        DurableFile.Write(folder.PathOf(IdFileName), System.Text.Encoding.ASCII.GetBytes(before is null ? $"{Id}\n" : $"{Id}\n{before.Id}\n"));

    /// <summary>Seals bytes with it.</summary>
    public byte[] Close(ReadOnlySpan<byte> plain, string bound) => Seal.Close(_key, plain, bound);

    /// <summary>Opens bytes that it sealed.</summary>
    /// <exception cref="StorageException">They do not open.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes, string bound) => Seal.Open(_key, sealedBytes, bound);

    /// <summary>Bytes that only who has the key can make again: HKDF with SHA-256 (RFC 5869).</summary>
    /// <param name="purpose">What they are for; other bytes for each.</param>
    /// <param name="length">How many; at most 8160.</param>
    public byte[] Derive(string purpose, int length) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, length, info: System.Text.Encoding.UTF8.GetBytes(purpose));

    /// <summary>Opens bytes where it was this key that sealed them; else null.</summary>
    internal byte[]? TryOpen(ReadOnlySpan<byte> sealedBytes, string bound)
    {
        try
        {
            return Open(sealedBytes, bound);
        }
        catch (StorageException)
        {
            return null;
        }
    }

    private static byte[] Parse(string text, string where)
    {
        var key = new byte[Seal.KeyLength];
        return Convert.TryFromBase64String(text, key, out int length) && length == Seal.KeyLength
            ? key
            : throw new StorageException($"{where} holds no master key: base64 of {Seal.KeyLength} bytes is expected. A key that is lost cannot be made again; take it from where it was kept.");
    }
}
