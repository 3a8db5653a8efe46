using System.Globalization;
using System.Text;
using Auspex.Core.Assets;

namespace Auspex.Learning.Datasets;

/// <summary>Tells which asset a row of one file belongs to.</summary>
internal sealed class AssetNames
{
    private readonly AssetColumn _asset;
    private readonly int _column;
    private readonly byte[][] _missing;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private double _counter = double.PositiveInfinity;
    private string _counted = "";

    /// <param name="counted">Assets that earlier files of the same entry were counted into.</param>
    /// <exception cref="DatasetException">The file does not have the column, or its own name cannot be an asset's.</exception>
    internal AssetNames(AssetColumn asset, TextFile file, TextRows rows, int counted)
    {
        _asset = asset;
        _missing = CellReader.MissingCells(file);
        _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        Counted = counted;
        Fixed = asset.Name is { } name ? asset.Prefix + name.Trim() : asset.FileName ? asset.Prefix + FileStem(rows.Name) : null;
        if (Fixed is null)
        {
            _column = rows.Require(asset.Column ?? asset.Counter!);
        }
        else if (!CellText.IsName(Fixed, AssetId.MaxLength))
        {
            throw new DatasetException($"{rows.Name}: the file's name cannot be an asset's: 1 to {AssetId.MaxLength} characters; give asset.name.");
        }
    }

    /// <summary>The asset of all rows; null when the rows tell.</summary>
    internal string? Fixed { get; }

    /// <summary>Number of assets counted so far, when a counter tells them apart.</summary>
    internal int Counted { get; private set; }

    internal string Field => _asset.Column ?? _asset.Counter ?? "(file)";

    internal ReadOnlySpan<byte> Cell(TextRows rows) => Fixed is null ? rows.Cell(_column) : [];

    /// <param name="name">The asset's name with its prefix; the same string object for the same asset of a file.</param>
    /// <param name="reason">Why not, when false.</param>
    internal bool TryRead(TextRows rows, out string name, out BadRowReason reason)
    {
        reason = BadRowReason.UnknownAsset;
        if (Fixed is not null)
        {
            name = Fixed;
            return true;
        }

        ReadOnlySpan<byte> cell = rows.Cell(_column);
        return _asset.Counter is null ? TryReadName(cell, out name) : TryReadCounter(cell, out name, out reason);
    }

    private bool TryReadName(ReadOnlySpan<byte> cell, out string name)
    {
        name = "";
        Span<char> buffer = stackalloc char[AssetId.MaxLength];
        if (CellReader.IsOneOf(cell, _missing) || !Encoding.UTF8.TryGetChars(cell, buffer, out int length))
        {
            return false;
        }

        ReadOnlySpan<char> text = buffer[..length];
        if (_lookup.TryGetValue(text, out string? known))
        {
            name = known;
            return true;
        }

        text = text.Trim();
        string padded = text.ContainsAnyExceptInRange('0', '9') ? text.ToString() : text.ToString().PadLeft(_asset.Digits, '0');
        name = string.Concat(_asset.Prefix, padded);
        if (text.IsEmpty || !CellText.IsName(name, AssetId.MaxLength))
        {
            return false;
        }

        _names[buffer[..length].ToString()] = name;
        return true;
    }

    private bool TryReadCounter(ReadOnlySpan<byte> cell, out string name, out BadRowReason reason)
    {
        name = "";
        if (!CellReader.TryReadNumber(cell, out double counter, out reason))
        {
            return false;
        }

        if (counter < _counter)
        {
            Counted++;
            _counted = string.Create(CultureInfo.InvariantCulture, $"{_asset.Prefix}{Counted}");
        }

        _counter = counter;
        name = _counted;
        return true;
    }

    /// <summary>The file's name without folder and endings: <c>0</c> of <c>valve1/0.csv.gz</c>.</summary>
    private static string FileStem(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        name = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        int dot = name.LastIndexOf('.');
        return (dot > 0 ? name[..dot] : name).Trim();
    }
}
