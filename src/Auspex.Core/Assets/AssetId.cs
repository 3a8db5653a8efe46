namespace Auspex.Core.Assets;

/// <summary>Name of one asset inside its organization: stable for life, compared ordinally, never a path.</summary>
/// <param name="Value">1 to 200 characters, no control characters.</param>
public readonly record struct AssetId(string Value) : IComparable<AssetId>
{
    /// <summary>Longest accepted name, in characters.</summary>
    public const int MaxLength = 200;

    /// <inheritdoc/>
    public int CompareTo(AssetId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Ordinal order of the names.</summary>
    public static bool operator <(AssetId left, AssetId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of the names.</summary>
    public static bool operator >(AssetId left, AssetId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of the names.</summary>
    public static bool operator <=(AssetId left, AssetId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of the names.</summary>
    public static bool operator >=(AssetId left, AssetId right) => left.CompareTo(right) >= 0;
}
