using System.Security.Cryptography;
using System.Text;

namespace Auspex.Storage.Keys;

/// <summary>Authenticated encryption of what must not be read at rest: AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits.</summary>
/// <remarks>Sealed bytes are: 1 version, 12 nonce, 16 tag, then the cipher text.</remarks>
public static class Seal
{
    /// <summary>Length of a key, bytes.</summary>
    public const int KeyLength = 32;

    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeadLength = 1 + NonceLength + TagLength;

    /// <summary>Length of sealed bytes, from that of the plain ones.</summary>
    public static long LengthOf(long plain) => HeadLength + plain;

    /// <summary>Seals bytes.</summary>
    /// <param name="key"><see cref="KeyLength"/> bytes.</param>
    /// <param name="plain">What to seal.</param>
    /// <param name="bound">What it belongs to, such as organization and name: opening it as anything else fails.</param>
    public static byte[] Close(ReadOnlySpan<byte> key, ReadOnlySpan<byte> plain, string bound)
    {
        var sealedBytes = new byte[checked(HeadLength + plain.Length)];
        sealedBytes[0] = Version;
        Span<byte> nonce = sealedBytes.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(HeadLength), sealedBytes.AsSpan(1 + NonceLength, TagLength), Encoding.UTF8.GetBytes(bound));
        return sealedBytes;
    }

    /// <summary>Opens what <see cref="Close"/> sealed.</summary>
    /// <exception cref="StorageException">It was sealed with another key, belongs to something else, or was changed.</exception>
    public static byte[] Open(ReadOnlySpan<byte> key, ReadOnlySpan<byte> sealedBytes, string bound)
    {
        if (sealedBytes.Length < HeadLength || sealedBytes[0] != Version)
        {
            throw new StorageException($"What is sealed for {bound} is cut off or of another version.");
        }

        var plain = new byte[sealedBytes.Length - HeadLength];
        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(sealedBytes.Slice(1, NonceLength), sealedBytes[HeadLength..], sealedBytes.Slice(1 + NonceLength, TagLength), plain, Encoding.UTF8.GetBytes(bound));
            return plain;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new StorageException($"What is sealed for {bound} does not open: another master key, another owner, or changed bytes.", e);
        }
    }
}
