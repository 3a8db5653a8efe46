namespace Auspex.Storage.Telemetry;

/// <summary>Lists of signal names, compared by what they hold.</summary>
internal sealed class Shapes : IEqualityComparer<string[]>
{
    internal static readonly Shapes Comparer = new();

    public bool Equals(string[]? x, string[]? y) => ReferenceEquals(x, y) || (x is not null && y is not null && x.AsSpan().SequenceEqual(y));

    public int GetHashCode(string[] obj)
    {
        var hash = default(HashCode);
        foreach (string name in obj)
        {
            hash.Add(name, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }
}
