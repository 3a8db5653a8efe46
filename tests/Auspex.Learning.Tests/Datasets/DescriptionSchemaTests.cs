using System.Text.Json;

namespace Auspex.Learning.Tests.Datasets;

public sealed class DescriptionSchemaTests
{
    [Fact]
    public void Generate_FromTheRecords_EqualsTheCommittedFile()
    {
        string generated = DescriptionSchema.Generate();
        if (Environment.GetEnvironmentVariable("AUSPEX_WRITE_SCHEMAS") == "1")
        {
            File.WriteAllText(DescriptionSchema.FilePath, generated);
        }

        Assert.True(File.ReadAllText(DescriptionSchema.FilePath) == generated,
            "docs/schemas/dataset.schema.json is not what the records say; run the tests once with AUSPEX_WRITE_SCHEMAS=1 and commit it");
    }

    [Theory]
    [InlineData("azure-pdm.json")]
    [InlineData("cmapss-fd001.json")]
    [InlineData("cmapss-fd003.json")]
    [InlineData("ai4i2020.json")]
    [InlineData("skab.json")]
    [InlineData("cnc-mill.json")]
    public void Check_SampleDescriptions_KeepToTheSchema(string name)
    {
        using JsonDocument sample = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "samples", "datasets", name)));

        Assert.Empty(SchemaCheck.Errors(CommittedSchema(), sample.RootElement));
    }

    [Theory]
    [InlineData("\"kind\": \"failure\"", "\"kind\": \"breakdown\"", "/events/*/kind: breakdown is not in the list")]
    [InlineData("\"kind\": \"failure\",", "", "/events/*: kind is missing")]
    [InlineData("\"nameColumn\": \"comp\"", "\"nameColum\": \"comp\"", "/events/*: nameColum is unknown")]
    [InlineData("\"lags\": []", "\"lags\": \"1h\"", "/features/lags: string is none of array, null")]
    public void Check_BrokenDescription_IsCaught(string written, string broken, string error)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "samples", "datasets", "azure-pdm.json"));
        Assert.Contains(written, text);
        using JsonDocument sample = JsonDocument.Parse(text.Replace(written, broken));

        Assert.Contains(error, SchemaCheck.Errors(CommittedSchema(), sample.RootElement));
    }

    private static JsonElement CommittedSchema() => JsonElement.Parse(File.ReadAllText(DescriptionSchema.FilePath));
}
