using System.Globalization;

namespace Auspex.Models.Trees;

/// <summary>The <c>key=value</c> lines of the header or of one tree, each key known and used once; values are parsed when asked for.</summary>
internal sealed class LightGbmBlock
{
    private readonly Dictionary<string, ReadOnlyMemory<char>> _values = new(StringComparer.Ordinal);
    private readonly string _place;

    private LightGbmBlock(string place) => _place = place;

    /// <param name="text">Lines, each ended by a line feed, none empty.</param>
    /// <param name="place">Where this is, for errors.</param>
    /// <param name="known">The keys that may appear.</param>
    public static LightGbmBlock Read(ReadOnlyMemory<char> text, string place, string[] known)
    {
        var block = new LightGbmBlock(place);
        while (!text.IsEmpty)
        {
            int end = text.Span.IndexOf('\n');
            if (end <= 0)
            {
                throw LightGbmModelText.Refused($"{place}: a line is empty or has no end.");
            }

            ReadOnlyMemory<char> line = text[..end];
            text = text[(end + 1)..];
            int equals = line.Span.IndexOf('=');
            ReadOnlySpan<char> key = equals < 0 ? line.Span : line.Span[..equals];
            string? name = Find(known, key);
            if (name is null)
            {
                throw LightGbmModelText.Refused($"{place}: key '{Shortened(key)}' is not known.");
            }

            if (!block._values.TryAdd(name, equals < 0 ? default : line[(equals + 1)..]))
            {
                throw LightGbmModelText.Refused($"{place}: key '{name}' appears twice.");
            }
        }

        return block;
    }

    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>True when the key is there; it must then stand alone.</summary>
    public bool Flag(string key) => Has(key) && (Value(key).IsEmpty ? true : throw Bad(key, Value(key).Span, "no value"));

    public string Text(string key) => Value(key).ToString();

    public int Integer(string key, int least, int most) => ParseInteger(key, Value(key).Span, least, most);

    /// <summary>Number of values of a list.</summary>
    public int Count(string key) => Value(key).IsEmpty ? 0 : Value(key).Span.Count(' ') + 1;

    /// <exception cref="ModelFormatException">There are not <paramref name="count"/> values, or one is out of range.</exception>
    public int[] Integers(string key, int count, int least, int most)
    {
        ReadOnlySpan<char> list = List(key, count);
        var values = new int[count];
        int i = 0;
        foreach (Range part in count == 0 ? default : list.Split(' '))
        {
            values[i++] = ParseInteger(key, list[part], least, most);
        }

        return values;
    }

    /// <param name="key">Which list.</param>
    /// <param name="count">How many values it must have.</param>
    /// <param name="infinite">Whether <c>inf</c> is a value: LightGBM writes it as the threshold of a split that only parts missing from not
    /// missing.</param>
    /// <exception cref="ModelFormatException">There are not <paramref name="count"/> values, or one is no finite number.</exception>
    public double[] Numbers(string key, int count, bool infinite = false)
    {
        ReadOnlySpan<char> list = List(key, count);
        var values = new double[count];
        int i = 0;
        foreach (Range part in count == 0 ? default : list.Split(' '))
        {
            if (infinite && list[part] is "inf")
            {
                values[i++] = double.PositiveInfinity;
                continue;
            }

            const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            if (!double.TryParse(list[part], style, CultureInfo.InvariantCulture, out values[i]) || !double.IsFinite(values[i]))
            {
                throw Bad(key, list[part], infinite ? "a finite number or inf" : "a finite number");
            }

            i++;
        }

        return values;
    }

    private ReadOnlySpan<char> List(string key, int count)
    {
        int found = Count(key);
        if (found != count)
        {
            throw LightGbmModelText.Refused($"{_place}: {key} has {found} values; {count} are needed.");
        }

        return Value(key).Span;
    }

    private ReadOnlyMemory<char> Value(string key) => _values.TryGetValue(key, out ReadOnlyMemory<char> value)
        ? value
        : throw LightGbmModelText.Refused($"{_place}: key '{key}' is missing.");

    private int ParseInteger(string key, ReadOnlySpan<char> text, int least, int most) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw Bad(key, text, string.Create(CultureInfo.InvariantCulture, $"an integer from {least} to {most}"));

    private ModelFormatException Bad(string key, ReadOnlySpan<char> text, string needed) =>
        LightGbmModelText.Refused($"{_place}: {key} holds '{Shortened(text)}'; needed is {needed}.");

    private static string? Find(string[] known, ReadOnlySpan<char> key)
    {
        foreach (string name in known)
        {
            if (key.SequenceEqual(name))
            {
                return name;
            }
        }

        return null;
    }

    private static string Shortened(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : text[..40].ToString() + "…";
}
