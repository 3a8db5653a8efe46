namespace Auspex.Storage.Transfer;

/// <summary>How far an export or an import is.</summary>
/// <param name="Checks">Whether the archive is still being compared with its manifest; nothing was taken yet.</param>
/// <param name="Rows">Lines written or taken.</param>
/// <param name="Bytes">Bytes written, compared or taken.</param>
/// <param name="TotalBytes">Of all files; 0 where it is not known.</param>
public readonly record struct TransferProgress(bool Checks, long Rows, long Bytes, long TotalBytes);
