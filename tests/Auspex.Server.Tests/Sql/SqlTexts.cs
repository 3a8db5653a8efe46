using System.Reflection;
using System.Text.RegularExpressions;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests.Sql;

/// <summary>One SQL text of the program.</summary>
/// <param name="Where">Type and constant.</param>
/// <param name="Text">The statement.</param>
internal sealed partial record SqlText(string Where, string Text)
{
    /// <summary>Whether it runs as an organization.</summary>
    public bool OfOrganization => Text.Contains("@organization", StringComparison.Ordinal);

    /// <summary>Whether it is written for the other database: a text with a twin beside it says so in its name.</summary>
    public bool IsOfOther(Dialect dialect) => dialect == Dialect.Sqlite
        ? Where.EndsWith("PostgreSql", StringComparison.Ordinal) || Text.Contains("pg_advisory", StringComparison.Ordinal) || Text.EndsWith("for update", StringComparison.Ordinal)
        : Where.EndsWith("Sqlite", StringComparison.Ordinal);

    public bool Reads => Start().IsMatch(Text);

    /// <summary>Its parameters.</summary>
    public IEnumerable<string> Parameters => Parameter().Matches(Text).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal);

    /// <summary>Tables of organizations that the statement names without asking for the organization as often.</summary>
    /// <param name="tables">Tables with a column organization.</param>
    public string? Unscoped(IReadOnlySet<string> tables)
    {
        int named = Table().Matches(Text).Count(match => tables.Contains(match.Groups[1].Value));
        int asked = Predicate().Count(Text);
        return named > asked ? $"{Where} names {named} tables of organizations and asks {asked} times for the organization" : null;
    }

    /// <summary>Every constant of the assemblies that is a statement.</summary>
    public static IEnumerable<SqlText> Of(params Assembly[] assemblies) =>
        from assembly in assemblies
        from type in assembly.GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where field is { IsLiteral: true } && field.FieldType == typeof(string)
        let text = (string)field.GetRawConstantValue()!
        where Statement().IsMatch(text)
        select new SqlText($"{type.FullName}.{field.Name}", text);

    [GeneratedRegex(@"^\s*(select|insert into|update|delete from|with)\s", RegexOptions.IgnoreCase)]
    private static partial Regex Statement();

    [GeneratedRegex(@"^\s*(select|with)\s", RegexOptions.IgnoreCase)]
    private static partial Regex Start();

    [GeneratedRegex(@"@([A-Za-z]+)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\b(?:from|join|into|update)\s+([a-z_]+)", RegexOptions.IgnoreCase)]
    private static partial Regex Table();

    // An insert gives the organization among its values.
    [GeneratedRegex(@"\borganization\s*=\s*(?:@organization|[a-z]+\.organization|o\.id)|(?:values\s*\(|select\s+)@organization", RegexOptions.IgnoreCase)]
    private static partial Regex Predicate();
}
