namespace Auspex.Models;

/// <summary>Whole groups of rows put together into a few parts that take turns at being judged.</summary>
internal static class Parts
{
    /// <summary>Part of each row, 0 to at most <paramref name="most"/> − 1, none without rows: groups in ascending order are dealt out in turn.</summary>
    public static int[] Of(IReadOnlyList<int> groups, int most)
    {
        Dictionary<int, int> partOf = groups.Distinct().Order().Select((group, i) => (group, i)).ToDictionary(pair => pair.group, pair => pair.i % most);
        return [.. groups.Select(group => partOf[group])];
    }

    /// <summary>The rows of a part, or those of all others; ascending.</summary>
    public static int[] RowsOf(int[] parts, int part, bool inside) =>
        [.. Enumerable.Range(0, parts.Length).Where(row => parts[row] == part == inside)];
}
