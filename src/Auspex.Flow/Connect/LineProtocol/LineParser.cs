using System.Globalization;

namespace Auspex.Flow.Connect.LineProtocol;

/// <summary>Reads InfluxDB line protocol, line by line: a bad line keeps no good one out.</summary>
/// <remarks>Source: InfluxDB v2 documentation, "Line protocol": <c>measurement[,tag=value…] field=value[,field=value…] [timestamp]</c>; a backslash escapes comma, space and equals
/// sign in names and tags, quote and backslash in text; text may span lines; lines that begin with # are comments.</remarks>
public sealed class LineParser
{
    /// <summary>Longest name or tag value, in characters.</summary>
    public const int MostNameLength = 200;

    /// <summary>Most tags of a point.</summary>
    public const int MostTags = 100;

    /// <summary>Most fields of a point.</summary>
    public const int MostFields = 1_000;

    // Names come again with every line: each is made once.
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _known;
    private readonly char[] _unescaped = new char[MostNameLength];

    private readonly List<(string, string)> _tags = [];
    private readonly List<LineField> _fields = [];

    private string _text = "";
    private int _at;
    private int _lineStart;
    private IReadOnlySet<int>? _wanted;
    private Dictionary<int, string>? _texts;

    /// <summary>A parser for one body.</summary>
    public LineParser() => _known = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Some lines of a body as they were written, by their number; one whose text spans lines is whole.</summary>
    /// <param name="text">The body.</param>
    /// <param name="lines">Numbers that points and faults carry.</param>
    public static IReadOnlyDictionary<int, string> TextsOf(string text, IReadOnlySet<int> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var texts = new Dictionary<int, string>(lines.Count);
        new LineParser { _wanted = lines, _texts = texts }.Read(text, new List<LinePoint>(), new List<LineFault>());
        return texts;
    }

    /// <summary>Reads a body.</summary>
    /// <param name="text">Lines, ended by LF or CR LF.</param>
    /// <param name="points">Receives the good ones.</param>
    /// <param name="faults">Receives the others.</param>
    public void Read(string text, ICollection<LinePoint> points, ICollection<LineFault> faults)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(faults);
        (_text, _at) = (text, 0);
        for (int line = 1; _at < text.Length; line++)
        {
            _lineStart = _at;
            int begun = line;
            Skip(' ', '\t', '\r');
            if (AtEnd || _text[_at] == '#')
            {
                ToNextLine(ref line);
                continue;
            }

            if (Point(begun, out LinePoint? point) is { } reason)
            {
                faults.Add(new LineFault(begun, _at - _lineStart + 1, reason));
            }
            else
            {
                points.Add(point!);
            }

            ToNextLine(ref line);
            if (_wanted?.Contains(begun) == true)
            {
                _texts![begun] = text[_lineStart.._at].TrimEnd('\r', '\n');
            }
        }
    }

    private bool AtEnd => _at >= _text.Length || _text[_at] is '\n' || (_text[_at] == '\r' && (_at + 1 >= _text.Length || _text[_at + 1] == '\n'));

    private string? Point(int line, out LinePoint? point)
    {
        point = null;
        _tags.Clear();
        _fields.Clear();
        if (Name("measurement", equals: false, out string measurement) is { } ofMeasurement)
        {
            return ofMeasurement;
        }

        while (!AtEnd && _text[_at] == ',')
        {
            _at++;
            if (Tag() is { } ofTag)
            {
                return ofTag;
            }
        }

        Skip(' ');
        if (AtEnd)
        {
            return "a field is missing: measurement,tag=value field=value timestamp";
        }

        do
        {
            if (Field() is { } ofField)
            {
                return ofField;
            }
        }
        while (Took(','));

        if (!AtEnd && _text[_at] != ' ')
        {
            return "a comma or a space must follow a field";
        }

        Skip(' ');
        long? timestamp = null;
        if (!AtEnd)
        {
            int from = _at;
            while (!AtEnd && _text[_at] != ' ')
            {
                _at++;
            }

            if (!long.TryParse(_text.AsSpan(from, _at - from), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long parsed))
            {
                _at = from;
                return "the timestamp must be a whole number";
            }

            timestamp = parsed;
            Skip(' ');
            if (!AtEnd)
            {
                return "nothing may follow the timestamp";
            }
        }

        point = new LinePoint(line, measurement, [.. _tags], [.. _fields], timestamp);
        return null;
    }

    private string? Tag()
    {
        if (Name("tag", equals: true, out string key) is { } ofKey)
        {
            return ofKey;
        }

        if (!Took('='))
        {
            return $"tag '{key}' has no value";
        }

        if (Name($"value of tag '{key}'", equals: false, out string value) is { } ofValue)
        {
            return ofValue;
        }

        if (_tags.Count == MostTags)
        {
            return $"a point has {MostTags} tags at most";
        }

        foreach ((string known, _) in _tags)
        {
            if (ReferenceEquals(known, key)) // each name is made once
            {
                return $"tag '{key}' is there twice";
            }
        }

        _tags.Add((key, value));
        return null;
    }

    private string? Field()
    {
        if (Name("field", equals: true, out string name) is { } ofName)
        {
            return ofName;
        }

        if (!Took('='))
        {
            return $"field '{name}' has no value";
        }

        if (_fields.Count == MostFields)
        {
            return $"a point has {MostFields} fields at most";
        }

        foreach (LineField known in _fields)
        {
            if (ReferenceEquals(known.Name, name))
            {
                return $"field '{name}' is there twice";
            }
        }

        return Value(name);
    }

    private string? Value(string name)
    {
        if (Took('"'))
        {
            while (_at < _text.Length && _text[_at] != '"')
            {
                _at += _text[_at] == '\\' && _at + 1 < _text.Length ? 2 : 1;
            }

            if (!Took('"'))
            {
                return $"the text of field '{name}' does not end";
            }

            _fields.Add(new LineField(name, LineFieldKind.Text, double.NaN));
            return null;
        }

        int from = _at;
        while (!AtEnd && _text[_at] is not (',' or ' '))
        {
            _at++;
        }

        ReadOnlySpan<char> value = _text.AsSpan(from, _at - from);
        switch (value)
        {
            case "t" or "T" or "true" or "True" or "TRUE":
                _fields.Add(new LineField(name, LineFieldKind.Boolean, 1));
                return null;
            case "f" or "F" or "false" or "False" or "FALSE":
                _fields.Add(new LineField(name, LineFieldKind.Boolean, 0));
                return null;
        }

        double number = double.NaN;
        bool good = value.Length > 1 && value[^1] == 'i' ? long.TryParse(value[..^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) && Is(whole, out number)
            : value.Length > 1 && value[^1] == 'u' ? ulong.TryParse(value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong natural) && Is(natural, out number)
            : double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number);
        if (!good || !double.IsFinite(number))
        {
            _at = from;
            return $"the value of field '{name}' must be a finite number, a whole one with i or u, true, false, or text in quotes";
        }

        _fields.Add(new LineField(name, LineFieldKind.Number, number));
        return null;

        static bool Is(double value, out double number)
        {
            number = value;
            return true;
        }
    }

    // Ends before an unescaped comma, space or line end, and where asked before an equals sign.
    private string? Name(string what, bool equals, out string name)
    {
        int from = _at;
        int length = 0;
        while (!AtEnd && _text[_at] is not (',' or ' ') && !(equals && _text[_at] == '='))
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length && _text[_at + 1] is ',' or ' ' or '=' or '\\')
            {
                _at++;
            }

            if (_text[_at] < ' ' || _text[_at] is >= '\u007f' and <= '\u009f')
            {
                name = "";
                return $"the {what} has a control character";
            }

            if (length == MostNameLength)
            {
                name = "";
                return $"the {what} is longer than {MostNameLength} characters";
            }

            _unescaped[length++] = _text[_at++];
        }

        if (length == 0)
        {
            name = "";
            _at = from;
            return $"the {what} is empty";
        }

        ReadOnlySpan<char> span = _unescaped.AsSpan(0, length);
        if (!_known.TryGetValue(span, out name!))
        {
            name = span.ToString();
            _names.Add(name, name);
        }

        return null;
    }

    private bool Took(char expected)
    {
        bool took = _at < _text.Length && _text[_at] == expected;
        _at += took ? 1 : 0;
        return took;
    }

    private void Skip(params ReadOnlySpan<char> characters)
    {
        while (_at < _text.Length && characters.Contains(_text[_at]))
        {
            _at++;
        }
    }

    // Text may have spanned lines: they are counted.
    private void ToNextLine(ref int line)
    {
        for (int i = _lineStart; i < Math.Min(_at, _text.Length); i++)
        {
            line += _text[i] == '\n' ? 1 : 0;
        }

        int end = _at >= _text.Length ? -1 : _text.IndexOf('\n', _at);
        _at = end < 0 ? _text.Length : end + 1;
    }
}
