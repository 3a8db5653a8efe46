using System.Globalization;

namespace Auspex.Flow.Connect.Sql;

/// <summary>Value of a key column: a number, a time or a text, as the database gave it, to the last digit.</summary>
/// <param name="Value">A <see cref="long"/>, <see cref="decimal"/>, <see cref="double"/>, <see cref="DateTime"/> or <see cref="string"/>.</param>
internal readonly record struct SqlKey(object Value)
{
    /// <summary>Longest text.</summary>
    internal const int MostLength = 300;

    /// <summary>A key of what a driver gives; null where it is of no type that can be one.</summary>
    internal static SqlKey? Of(object value) => value switch
    {
        long or double or DateTime or decimal => new SqlKey(value),
        string { Length: <= MostLength } => new SqlKey(value),
        int or short or sbyte or byte or ushort or uint => new SqlKey(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong number => number <= long.MaxValue ? new SqlKey((long)number) : new SqlKey((decimal)number),
        float number => new SqlKey((double)number),
        _ => null,
    };

    /// <summary>Whether nothing can come behind it: a number or time without end would hide all rows to come.</summary>
    internal bool IsEndless => Value is double number ? !double.IsFinite(number) : Value is DateTime time && (time == DateTime.MaxValue || time.Date == DateTime.MaxValue.Date);

    /// <summary>Whether the database sees both as one, whatever type it stores each in.</summary>
    internal bool IsSameAs(SqlKey other) => Value.Equals(other.Value)
        || (Number() is { } number && other.Number() is { } otherNumber && number == otherNumber && (Value is double || other.Value is double));

    /// <summary>As it is kept.</summary>
    internal string ToText() => Value switch
    {
        long number => string.Create(CultureInfo.InvariantCulture, $"i{number}"),
        decimal number => string.Create(CultureInfo.InvariantCulture, $"n{number}"),
        double number => string.Create(CultureInfo.InvariantCulture, $"f{number:R}"),
        DateTime time => $"{(time.Kind == DateTimeKind.Utc ? 'u' : 'l')}{time.Ticks.ToString(CultureInfo.InvariantCulture)}",
        string text => $"t{text}",
        _ => throw new System.Diagnostics.UnreachableException("bug: a key of no known type"),
    };

    /// <summary>Of what was kept.</summary>
    internal static SqlKey Parse(string kept)
    {
        string rest = kept[1..];
        return new SqlKey(kept[0] switch
        {
            'i' => long.Parse(rest, CultureInfo.InvariantCulture),
            'n' => decimal.Parse(rest, CultureInfo.InvariantCulture),
            'f' => double.Parse(rest, CultureInfo.InvariantCulture),
            'u' => new DateTime(long.Parse(rest, CultureInfo.InvariantCulture), DateTimeKind.Utc),
            'l' => new DateTime(long.Parse(rest, CultureInfo.InvariantCulture), DateTimeKind.Unspecified),
            't' => rest,
            _ => throw new System.Diagnostics.UnreachableException("bug: a key was kept in no known form"),
        });
    }

    /// <summary>As people read it.</summary>
    public override string ToString() => Value switch
    {
        DateTime time => time.ToString(time.Kind == DateTimeKind.Utc ? "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        string text => text,
        _ => Convert.ToString(Value, CultureInfo.InvariantCulture)!,
    };

    private double? Number() => Value is long or decimal or double ? Convert.ToDouble(Value, CultureInfo.InvariantCulture) : null;
}
