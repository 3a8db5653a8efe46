using System.Globalization;

namespace Auspex.Native.LightGbm;

/// <summary>Feature names as LightGBM takes them: it splits its model text at blanks, refuses JSON characters, and refuses a name twice.</summary>
internal static class SafeFeatureNames
{
    /// <returns>One name for each given one: ASCII letters, digits, <c>_ - .</c>; others become <c>_</c>, and names that would then be equal
    /// carry their column number.</returns>
    internal static string[] From(IReadOnlyList<string> names)
    {
        var safe = new string[names.Count];
        var taken = new HashSet<string>(StringComparer.Ordinal);
        for (int column = 0; column < names.Count; column++)
        {
            string name = string.Create(names[column].Length, names[column], static (target, source) =>
            {
                for (int i = 0; i < source.Length; i++)
                {
                    target[i] = char.IsAsciiLetterOrDigit(source[i]) || source[i] is '_' or '-' or '.' ? source[i] : '_';
                }
            });
            string candidate = name.Length == 0 ? "_" : name;
            while (!taken.Add(candidate))
            {
                candidate = string.Create(CultureInfo.InvariantCulture, $"{candidate}_{column}");
            }

            safe[column] = candidate;
        }

        return safe;
    }
}
