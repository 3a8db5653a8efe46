using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>The page about data sets says what the code does.</summary>
public sealed partial class DatasetDocsTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "datasets.md"));

    [Fact]
    public void Examples_OfThePage_AreDescriptions()
    {
        string[] examples = [.. Example().Matches(Page).Select(m => m.Groups[1].Value)];

        Assert.Equal(["azure-pdm", "engines", "pump-rig"], examples.Select((e, i) => DatasetDescriptionReader.Parse(e, $"docs/datasets.md, example {i + 1}").Name));
    }

    [Fact]
    public void Examples_OfPublicData_AreRead()
    {
        string? root = Environment.GetEnvironmentVariable("AUSPEX_REFERENCE_DATA");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine");
        string[] examples = [.. Example().Matches(Page).Select(m => m.Groups[1].Value)];

        Dataset machines = DatasetReader.Read(DatasetDescriptionReader.Parse(examples[0], "docs"), root!, null, null, TestContext.Current.CancellationToken);
        Dataset rig = DatasetReader.Read(DatasetDescriptionReader.Parse(examples[2], "docs"), root!, null, null, TestContext.Current.CancellationToken);

        Assert.Equal(["model1", "model2", "model3", "model4"], machines.Schema.Facts[0].States);
        Assert.Equal(16, rig.Assets.Count);
        Assert.Equal(18_160, rig.Assets.Sum(a => a.History.Count));
        Assert.Equal(["valve"], rig.Schema.Components);
        int failed = rig.Assets.Sum(a => a.History.TimesUnixMs.Count(t => a.FailedSpans.Any(s => s.StartUnixMs <= t && t <= s.EndUnixMs)));
        Assert.Equal(6_309, failed); // the published number of anomalous rows
    }

    [Fact]
    public void Keys_OfTheRecords_AreAllOnThePage()
    {
        string[] keys = [.. Keys(typeof(DatasetDescription), []).Distinct()];

        Assert.Contains("nameColumn", keys);
        Assert.All(keys, k => Assert.Contains($"`{k}`", Page));
    }

    [Fact]
    public void Reasons_OfBadRows_AreAllOnThePage() =>
        Assert.All(Enum.GetNames<BadRowReason>(), r => Assert.Contains($"| `{r}` |", Page));

    private static IEnumerable<string> Keys(Type type, HashSet<Type> seen)
    {
        JsonTypeInfo info = DatasetDescriptionReader.JsonOptions.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable)
        {
            return Keys(info.ElementType!, seen);
        }

        return info.Kind == JsonTypeInfoKind.Object && seen.Add(type)
            ? [.. info.Properties.SelectMany(p => Keys(p.PropertyType, seen).Prepend(p.Name))]
            : [];
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
