using System.Text;
using System.Text.Json;
using Auspex.Models.Package;

namespace Auspex.Models.Tests.Package;

public sealed class ManifestJsonTests
{
    [Fact]
    public void Write_Manifest_IsReadBackWithEveryValue()
    {
        ModelManifest manifest = TestPackage.Manifest() with { Baseline = TestPackage.Baseline(), Files = [new("model.onnx", 5, new string('a', 64))] };

        byte[] json = ManifestJson.Write(manifest);
        ModelManifest back = ManifestJson.Read(json);

        Assert.Equal(json, ManifestJson.Write(back));
        Assert.Equivalent(manifest with { Metrics = default, Features = manifest.Features with { Definition = default } },
            back with { Metrics = default, Features = back.Features with { Definition = default } }, strict: true);
        Assert.Equal(0.91, back.Metrics.GetProperty("auc").GetDouble());
        Assert.Equal("3h", back.Features.Definition.GetProperty("windows")[0].GetString());
    }

    [Fact]
    public void Write_Manifest_HasTheWordsUsersKnow()
    {
        string json = Encoding.UTF8.GetString(ManifestJson.Write(TestPackage.Manifest()));

        Assert.Contains("\n  \"formatVersion\": 1,\n", json, StringComparison.Ordinal);
        Assert.Contains("\n  \"task\": \"failure\",\n", json, StringComparison.Ordinal);
        Assert.Contains("\"createdAt\": \"2026-01-31T12:00:00Z\"", json, StringComparison.Ordinal);
        Assert.Contains("\"end\": \"2025-12-31T23:59:59.123Z\"", json, StringComparison.Ordinal);
        Assert.Contains("\"horizon\": \"1d\"", json, StringComparison.Ordinal);
        Assert.Contains("\"recovery\": \"90m\"", json, StringComparison.Ordinal);
        Assert.Contains("\"failureProbability\": 0.85", json, StringComparison.Ordinal);
        Assert.Contains("\"role\": \"operatingSetting\"", json, StringComparison.Ordinal);
        Assert.Contains("\"unit\": \"°C\"", json, StringComparison.Ordinal);
        Assert.Contains("\"NaN\"", json, StringComparison.Ordinal); // the last golden row is all missing
        Assert.EndsWith("}\n", json, StringComparison.Ordinal);
        Assert.DoesNotContain("\r", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ParametersInAnyOrder_GivesTheSameBytes()
    {
        ModelManifest manifest = TestPackage.Manifest();
        var reversed = new Dictionary<string, string>(manifest.Training.Parameters.Reverse());

        Assert.Equal(ManifestJson.Write(manifest),
            ManifestJson.Write(manifest with { Training = manifest.Training with { Parameters = reversed } }));
    }

    [Theory]
    [InlineData("\"dataset\":", "\"extra\": 1, \"dataset\":")]
    [InlineData("\"dataset\":", "\"name\": \"again\", \"dataset\":")]
    [InlineData("\"dataset\": \"presses\",", "")]
    [InlineData("\"dataset\": \"presses\"", "\"dataset\": null")]
    [InlineData("\"task\": \"failure\"", "\"task\": \"weather\"")]
    [InlineData("\"task\": \"failure\"", "\"task\": 0")]
    [InlineData("\"task\": \"failure\"", "\"task\": null")]
    [InlineData("\"kind\": \"continuous\"", "\"kind\": 0")]
    [InlineData("\"horizon\": \"1d\"", "\"horizon\": \"soon\"")]
    [InlineData("\"horizon\": \"1d\"", "\"horizon\": 86400")]
    [InlineData("\"createdAt\": \"2026-01-31T12:00:00Z\"", "\"createdAt\": \"2026-01-31T12:00:00+02:00\"")]
    [InlineData("\"createdAt\": \"2026-01-31T12:00:00Z\"", "\"createdAt\": \"yesterday\"")]
    [InlineData("\"createdAt\": \"2026-01-31T12:00:00Z\"", "\"createdAt\": 1")]
    [InlineData("\"failureProbability\": 0.85", "\"failureProbability\": \"NaN\"")]
    [InlineData("\"auc\": 0.91", "\"auc\": 0.91, \"auc\": 0.92")]
    [InlineData("\"rows\": 3000", "\"rows\": 1e400")]
    [InlineData("{", "// comment\n{")]
    public void Read_AnotherForm_IsRefused(string good, string bad)
    {
        string json = Encoding.UTF8.GetString(ManifestJson.Write(TestPackage.Manifest()));
        Assert.Contains(good, json, StringComparison.Ordinal);
        int at = json.IndexOf(good, StringComparison.Ordinal);
        string changed = json[..at] + bad + json[(at + good.Length)..];

        Assert.Throws<JsonException>(() => ManifestJson.Read(Encoding.UTF8.GetBytes(changed)));
    }

    [Fact]
    public void Write_DurationOfHalfAMillisecond_IsRefusedRatherThanRounded()
    {
        ModelManifest manifest = TestPackage.Manifest();

        Assert.Throws<JsonException>(() =>
            ManifestJson.Write(manifest with { Label = manifest.Label with { Grace = TimeSpan.FromMilliseconds(0.5) } }));
        Assert.Throws<JsonException>(() => ManifestJson.Write(manifest with { Label = manifest.Label with { Grace = TimeSpan.FromHours(-1) } }));
    }
}
