using System.Security.Cryptography;

namespace Auspex.Storage.Keys;

/// <summary>The key that wraps all others of an installation. It stands in a file that only its owner reads, or comes from the environment; it is in
/// no database and in no backup.</summary>
public sealed class MasterKey
{
    /// <summary>Environment variable that holds it, base64 of 32 bytes; then no file is read or made.</summary>
    public const string Variable = "AUSPEX_MASTER_KEY";

    private const string FileName = "master.key";

    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    /// <summary>Key of the environment, or of the folder's file, which is made at the first start.</summary>
    /// <param name="folder">The installation's folder.</param>
    /// <param name="fromEnvironment">Value of <see cref="Variable"/>; null or empty where it is not set.</param>
    /// <param name="make">Whether a file that is missing is made; what only reads never makes one.</param>
    /// <exception cref="StorageException">The key is not one, others can read its file, or it is missing.</exception>
    public static MasterKey Of(DataFolder folder, string? fromEnvironment, bool make = true)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!string.IsNullOrEmpty(fromEnvironment))
        {
            return new MasterKey(Parse(fromEnvironment, Variable));
        }

        string path = folder.PathOf(FileName);
        if (!File.Exists(path))
        {
            if (!make)
            {
                throw new StorageException($"{path} is missing, and {Variable} is not set. Name the folder of an installation, or put its key back.");
            }

            Make(path);
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
        {
            throw new StorageException($"{path} can be read by others than its owner. Run: chmod 600 {path}");
        }

        return new MasterKey(Parse(File.ReadAllText(path).Trim(), path));
    }

    /// <summary>Seals bytes with it.</summary>
    public byte[] Close(ReadOnlySpan<byte> plain, string bound) => Seal.Close(_key, plain, bound);

    /// <summary>Opens bytes that it sealed.</summary>
    /// <exception cref="StorageException">They do not open.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedBytes, string bound) => Seal.Open(_key, sealedBytes, bound);

    /// <summary>Bytes that only who has the key can make again: HKDF with SHA-256 (RFC 5869).</summary>
    /// <param name="purpose">What they are for; other bytes for each.</param>
    /// <param name="length">How many; at most 8160.</param>
    public byte[] Derive(string purpose, int length) => HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, length, info: System.Text.Encoding.UTF8.GetBytes(purpose));

    private static void Make(string path)
    {
        string text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(Seal.KeyLength));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text + "\n"));
        file.Flush(flushToDisk: true);
    }

    private static byte[] Parse(string text, string where)
    {
        var key = new byte[Seal.KeyLength];
        return Convert.TryFromBase64String(text, key, out int length) && length == Seal.KeyLength
            ? key
            : throw new StorageException($"{where} holds no master key: base64 of {Seal.KeyLength} bytes is expected. A key that is lost cannot be made again; take it from where it was kept.");
    }
}
