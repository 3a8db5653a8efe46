using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Auspex.Storage.Db;

namespace Auspex.Storage.Schema;

/// <summary>One step of a store's schema: the text both databases read, then what one of them needs besides.</summary>
/// <param name="Number">1, 2, 3 …; without gaps.</param>
/// <param name="Name">File name without number.</param>
/// <param name="Text">The statements.</param>
internal sealed record SchemaScript(int Number, string Name, string Text)
{
    /// <summary>SHA-256 of the text, hexadecimal: a script that was applied is never changed.</summary>
    internal string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>The scripts of a store in their order.</summary>
    /// <param name="store">Name of a folder beside this file.</param>
    /// <param name="dialect">Which database.</param>
    internal static IReadOnlyList<SchemaScript> Of(string store, Dialect dialect)
    {
        Assembly assembly = typeof(SchemaScript).Assembly;
        string own = dialect == Dialect.Sqlite ? ".sqlite" : ".postgresql";
        SchemaScript[] scripts =
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith($"{store}/", StringComparison.Ordinal))
                .Select(name => (Name: name, File: Path.GetFileNameWithoutExtension(name)))
                .Where(file => !file.File.Contains('.', StringComparison.Ordinal) || file.File.EndsWith(own, StringComparison.Ordinal))
                .GroupBy(file => file.File.Split('.')[0], StringComparer.Ordinal)
                .OrderBy(step => step.Key, StringComparer.Ordinal)
                .Select(step => new SchemaScript(
                    int.Parse(step.Key[..4], System.Globalization.CultureInfo.InvariantCulture),
                    step.Key[5..],
                    string.Join('\n', step.OrderBy(file => file.File.Length).Select(file => Read(assembly, file.Name))))),
        ];
        for (int i = 0; i < scripts.Length; i++)
        {
            if (scripts[i].Number != i + 1)
            {
                throw new System.Diagnostics.UnreachableException($"bug: schema script {i + 1} of {store} is missing or stands twice");
            }
        }

        return scripts;
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
