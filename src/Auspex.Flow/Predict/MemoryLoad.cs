namespace Auspex.Flow.Predict;

/// <summary>How much memory the process has and may have, in bytes.</summary>
/// <param name="UsedBytes">Resident now.</param>
/// <param name="LimitBytes">Of its container where there is one, else of the machine.</param>
public readonly record struct MemoryLoad(long UsedBytes, long LimitBytes)
{
    /// <summary>That of this process.</summary>
    public static MemoryLoad OfProcess() => new(Environment.WorkingSet, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
