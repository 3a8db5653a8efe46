using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace Auspex.Learning.Datasets;

/// <summary>Tells whether two readings gave the same data.</summary>
public static class DatasetFingerprint
{
    /// <summary>SHA-256 over the schema and every frame, fact, event and failed span, as read: the same data in other files have the same.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Of(Dataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Json(dataset.Schema);
        foreach (DatasetAsset asset in dataset.Assets)
        {
            Json(new { asset.History.Asset, asset.Part, Rows = asset.History.Count, asset.History.Events, asset.FailedSpans });
            hash.AppendData(MemoryMarshal.AsBytes<long>(asset.History.TimesUnixMs));
            hash.AppendData(MemoryMarshal.AsBytes<double>(asset.History.Facts));
            foreach (double[] values in asset.History.Values)
            {
                hash.AppendData(MemoryMarshal.AsBytes<double>(values));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Json<T>(T value) => hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(value));
    }
}
