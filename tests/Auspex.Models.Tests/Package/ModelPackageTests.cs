using System.Text;
using Auspex.Core.Predictions;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Package;

public sealed class ModelPackageTests : IDisposable
{
    private readonly TestPackage _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Load_WrittenPackage_GivesBackModelAndManifest()
    {
        _test.Write();

        ModelPackage package = ModelPackage.Load(_test.Folder);

        Assert.Equal(TestPackage.Model(), package.Model.ToArray());
        Assert.Equal("press", package.Manifest.Name);
        PackageFile file = Assert.Single(package.Manifest.Files);
        Assert.Equal(("model.onnx", (long)TestPackage.Model().Length), (file.Name, file.Bytes));
        Assert.True(double.IsNaN(package.Manifest.GoldenRows[^1].Values[0]));
        var score = new double[1];
        foreach ((double[] row, double[] expected) in Fixture.Rows("binary"))
        {
            package.Ensemble.Score(row, score);
            Assert.Equal(expected, score);
        }
    }

    [Fact]
    public void Load_AnyBitOfTheModelFlipped_NamesTheFile()
    {
        _test.Write();
        byte[] good = File.ReadAllBytes(_test.PathOf("model.onnx"));
        var random = new Random(6);
        for (int i = 0; i < 200; i++)
        {
            byte[] bad = [.. good];
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_test.PathOf("model.onnx"), bad);

            ModelPackageException refusal = Refused("SHA-256 is not that of the manifest");
            Assert.Equal("model.onnx", refusal.File);
        }
    }

    [Fact]
    public void Load_AnyBitOfTheManifestFlipped_NeverEndsOtherwiseThanInAPackageException()
    {
        _test.Write();
        byte[] good = File.ReadAllBytes(_test.PathOf("manifest.json"));
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            byte[] bad = [.. good];
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_test.PathOf("manifest.json"), bad);
            try
            {
                ModelPackage.Load(_test.Folder);
            }
            catch (ModelPackageException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 499); // free texts may change unnoticed: nothing hashes the manifest itself
    }

    [Fact]
    public void Load_MissingFolderOrFile_NamesIt()
    {
        Refused("There is no such folder");
        _test.Write();
        File.Move(_test.PathOf("model.onnx"), Path.Combine(_test.Root, "elsewhere"));
        Assert.Equal("model.onnx", Refused("It is missing").File);
        File.Move(Path.Combine(_test.Root, "elsewhere"), _test.PathOf("model.onnx"));
        File.Delete(_test.PathOf("manifest.json"));
        Assert.Equal("manifest.json", Refused("It is missing").File);
    }

    [Fact]
    public void Load_UnlistedFileOrFolder_IsRefused()
    {
        _test.Write();
        File.WriteAllText(_test.PathOf("notes.txt"), "");
        Assert.Equal("notes.txt", Refused("The manifest does not list it").File);
        File.Delete(_test.PathOf("notes.txt"));
        Directory.CreateDirectory(_test.PathOf("more"));
        Assert.Equal("more", Refused("The manifest does not list it").File);
    }

    [Fact]
    public void Load_TruncatedOrLargeModel_IsRefused()
    {
        _test.Write();
        byte[] good = File.ReadAllBytes(_test.PathOf("model.onnx"));
        File.WriteAllBytes(_test.PathOf("model.onnx"), good[..^1]);
        Refused($"It has {good.Length - 1} bytes, the manifest says {good.Length}");

        File.WriteAllBytes(_test.PathOf("model.onnx"), good);
        var limits = new ModelLimits { MaxOnnxBytes = 100 };
        Assert.Contains("the limit is 100", Assert.Throws<ModelPackageException>(() => ModelPackage.Load(_test.Folder, limits)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_LinkInPlaceOfTheModel_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "making a link needs a privilege on Windows");
        _test.Write();
        string elsewhere = Path.Combine(_test.Root, "elsewhere");
        File.Move(_test.PathOf("model.onnx"), elsewhere);
        File.CreateSymbolicLink(_test.PathOf("model.onnx"), elsewhere);

        Refused("It is a link");
    }

    [Theory]
    [InlineData("../model.onnx")]
    [InlineData("a/model.onnx")]
    [InlineData("a\\model.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("C:model.onnx")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("manifest.json")]
    [InlineData("other.onnx")]
    public void Load_FileNameWithPathOrWithoutModel_IsRefused(string name)
    {
        _test.Write();
        Rewrite("\"name\": \"model.onnx\"", $"\"name\": \"{name.Replace("\\", "\\\\", StringComparison.Ordinal)}\"");

        ModelPackageException refusal = Assert.Throws<ModelPackageException>(() => ModelPackage.Load(_test.Folder));

        Assert.Equal(("manifest.json", "files"), (refusal.File, refusal.Field));
    }

    [Theory]
    [InlineData("\"failureProbability\": 0.85", "\"failureProbability\": \"high\"", "thresholds.failureProbability")]
    [InlineData("\"horizon\": \"1d\"", "\"horizon\": \"soon\"", "label.horizon")]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": 2", "formatVersion")]
    [InlineData("\"slope\"", "\"load\"", "features.names[1]")]
    [InlineData("\"failureProbability\": 0.85", "\"failureProbability\": null", "thresholds.failureProbability")]
    [InlineData("\"components\": [\n      \"pump\"", "\"components\": [\n      null", "schema.components")]
    public void Load_ChangedManifest_NamesTheField(string good, string bad, string field)
    {
        _test.Write();
        Rewrite(good, bad);

        ModelPackageException refusal = Assert.Throws<ModelPackageException>(() => ModelPackage.Load(_test.Folder));

        Assert.Equal(("manifest.json", field), (refusal.File, refusal.Field));
    }

    public static TheoryData<string, Func<ModelManifest, ModelManifest>> Misfits => new()
    {
        { "formatVersion", m => m with { FormatVersion = 0 } },
        { "name", m => m with { Name = "../press" } },
        { "name", m => m with { Name = "other" } },
        { "version", m => m with { Version = "1.0" } },
        { "version", m => m with { Version = "v1.0.1" } },
        { "label.task", m => m with { Label = m.Label with { Task = PredictionTask.RemainingUsefulLife } } },
        {
            "task",
            m => m with
            {
                Task = PredictionTask.RemainingUsefulLife,
                Label = m.Label with { Task = PredictionTask.RemainingUsefulLife },
                Training = m.Training with { Positives = [] },
            }
        },
        {
            "features.names",
            m => m with { Features = m.Features with { Names = [.. m.Features.Names, "more"] }, GoldenRows = [new(new double[7], [0.5])] }
        },
        { "features.names[5]", m => m with { Features = m.Features with { Names = [.. m.Features.Names.Take(5), " "] } } },
        { "features.hash", m => m with { Features = m.Features with { Hash = "" } } },
        { "features.definition", m => m with { Features = m.Features with { Definition = default } } },
        { "metrics", m => m with { Metrics = default } },
        { "thresholds.failureProbability", m => m with { Thresholds = new(1.01) } },
        { "thresholds.failureProbability", m => m with { Thresholds = new(double.NaN) } },
        { "training.end", m => m with { Training = m.Training with { End = m.Training.Start.AddDays(-1) } } },
        { "training.knownUntil", m => m with { Training = m.Training with { KnownUntil = m.Training.Start } } },
        { "training.rows", m => m with { Training = m.Training with { Rows = -1 } } },
        { "training.positives", m => m with { Training = m.Training with { Positives = [] } } },
        { "training.iterations", m => m with { Training = m.Training with { Iterations = [1, 2] } } },
        {
            "label.components",
            m => m with
            {
                Label = m.Label with { Components = ["a", "b"] },
                Training = m.Training with { Positives = [1, 2], Iterations = [1, 2] },
                GoldenRows = [new(new double[6], [0, 0])],
            }
        },
        { "goldenRows", m => m with { GoldenRows = [] } },
        { "goldenRows[0].values", m => m with { GoldenRows = [new([1], [1])] } },
        { "goldenRows[0].scores", m => m with { GoldenRows = [new(new double[6], [double.NaN])] } },
        {
            "goldenRows[1].scores[0]",
            m => m with { GoldenRows = [m.GoldenRows[0], m.GoldenRows[1] with { Scores = [m.GoldenRows[1].Scores[0] + 1e-8] }] }
        },
        { "parity", m => m with { Parity = new(1e-8, 10) } },
        { "parity", m => m with { Parity = new(double.NaN, 10) } },
        { "thresholds.confidenceThreshold", m => m with { Thresholds = new(0.85, 1.01) } },
        { "thresholds.confidenceThreshold", m => m with { Thresholds = new(0.85, double.NaN) } },
        { "thresholds.confidenceThreshold", m => m with { Thresholds = new(0.85, 0.7) } }, // without tables no alert would ever be raised
        { "baseline.normalRows", Baseline(b => b with { NormalRows = 4_000 }) },
        { "baseline.normalRows", Baseline(b => b with { Rows = double.PositiveInfinity }) },
        { "baseline.normalMeans", Baseline(b => b with { NormalMeans = " " }) },
        { "baseline.normalMeans", Baseline(b => b with { NormalMeans = new string('x', 501) }) },
        { "baseline.features", Baseline(b => b with { Features = [b.Features[0]] }) },
        { "baseline.features", Baseline(b => b with { Features = [b.Features[0], null!, .. b.Features.Skip(2)] }) },
        { "baseline.features[0].missing", Feature(f => f with { Missing = 1.1 }) },
        { "baseline.features[0].missing", Feature(f => f with { Missing = double.NaN }) },
        { "baseline.features[0].least", Feature(f => f with { Least = 9 }) },
        { "baseline.features[0].least", Feature(f => f with { Most = null }) },
        { "baseline.features[0].least", Feature(f => f with { Most = double.PositiveInfinity }) },
        { "baseline.features[0].edges", Feature(f => f with { Edges = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }) },
        { "baseline.features[0].edges", Feature(f => f with { Least = null, Most = null }) },
        { "baseline.features[0].edges[1]", Feature(f => f with { Edges = [2, 2], Shares = [0.5, 0.25, 0.25] }) },
        { "baseline.features[0].shares", Feature(f => f with { Shares = [1] }) },
        { "baseline.features[0].shares", Feature(f => f with { Shares = [0.5, 0.4] }) },
        { "baseline.features[0].shares", Feature(f => f with { Shares = [1.5, -0.5] }) },
        { "baseline.features[0].normal", Feature(f => f with { Normal = new(3, 2) }) },
        { "baseline.features[0].normal", Feature(f => f with { Normal = new(double.NaN, 2) }) },
        { "label.grace", m => m with { Label = m.Label with { Grace = TimeSpan.FromTicks(1) } } },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void Create_ManifestThatDoesNotFit_NamesTheField(string field, Func<ModelManifest, ModelManifest> change)
    {
        ModelManifest manifest = change(TestPackage.Manifest());

        ModelPackageException refusal = Assert.Throws<ModelPackageException>(() => ModelPackage.Create(manifest, TestPackage.Model()));

        Assert.Equal("manifest.json", refusal.File);
        Assert.StartsWith(field, refusal.Field ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Create_GoldenScoreWithinTolerance_IsAccepted()
    {
        ModelManifest manifest = TestPackage.Manifest();
        GoldenRow row = manifest.GoldenRows[0];

        ModelPackage.Create(manifest with { GoldenRows = [row with { Scores = [row.Scores[0] + 0.9e-9] }] }, TestPackage.Model());
    }

    [Fact]
    public void Create_DamagedModel_NamesTheModelFile()
    {
        ModelPackageException refusal = Assert.Throws<ModelPackageException>(() =>
            ModelPackage.Create(TestPackage.Manifest(), TestPackage.Model()[..^9]));

        Assert.Equal("model.onnx", refusal.File);
        Assert.IsType<ModelFormatException>(refusal.InnerException);
    }

    [Fact]
    public void Create_LifeModel_NeedsNoThresholdAndNoPositives()
    {
        TreeEnsemble ensemble = Fixture.Model("life").Ensemble;
        ModelManifest manifest = TestPackage.Manifest();
        manifest = manifest with
        {
            Task = PredictionTask.RemainingUsefulLife,
            Label = new LabelDefinition(
                PredictionTask.RemainingUsefulLife, TimeSpan.FromHours(30), TimeSpan.Zero, TimeSpan.Zero, [], "cycle",
                    TimeSpan.FromHours(1), 125),
            Thresholds = new ManifestThresholds(null),
            Training = manifest.Training with { Positives = [] },
            GoldenRows = [.. Fixture.Rows("life").Take(2).Select(row => new GoldenRow(row.Row, row.Scores))],
        };
        byte[] model = OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.RemainingUsefulLife, "press", "v1.0.0"));

        ModelPackageWriter.Write(_test.Folder, ModelPackage.Create(manifest, model), CancellationToken.None);

        Assert.Equal(125, ModelPackage.Load(_test.Folder).Manifest.Label.LifeCap);
    }

    [Theory]
    [InlineData("load slope state delta drift on", "abc123", null)]
    [InlineData("slope load state delta drift on", "abc123", "features.names[0]")]
    [InlineData("load slope state delta drift", "abc123", "features.names[5]")]
    [InlineData("load slope state delta drift on off", "abc123", "features.names[6]")]
    [InlineData("load slope state delta drift on", "abc124", "features.hash")]
    public void RequireFeatures_OtherFeatures_AreRefused(string names, string hash, string? field)
    {
        ModelPackage package = ModelPackage.Create(TestPackage.Manifest(), TestPackage.Model());

        if (field is null)
        {
            package.RequireFeatures(names.Split(' '), hash);
        }
        else
        {
            Assert.Equal(field, Assert.Throws<ModelPackageException>(() => package.RequireFeatures(names.Split(' '), hash)).Field);
        }
    }

    private static Func<ModelManifest, ModelManifest> Baseline(Func<ManifestBaseline, ManifestBaseline> change) => m => m with { Baseline = change(TestPackage.Baseline()) };

    private static Func<ModelManifest, ModelManifest> Feature(Func<FeatureBaseline, FeatureBaseline> change) =>
        Baseline(b => b with { Features = [change(b.Features[0]), .. b.Features.Skip(1)] });

    [Fact]
    public void Load_PackageWithoutBaseline_IsRead()
    {
        ModelPackageWriter.Write(_test.Folder, ModelPackage.Create(TestPackage.Manifest(), TestPackage.Model()), CancellationToken.None);

        Assert.DoesNotContain("baseline", File.ReadAllText(_test.PathOf("manifest.json")), StringComparison.Ordinal);
        Assert.Null(ModelPackage.Load(_test.Folder).Manifest.Baseline);
    }

    [Fact]
    public void Load_BaselineOfTwoThousandFeatures_StaysSmall()
    {
        double[] edges = [.. Enumerable.Range(1, 9).Select(edge => edge * 123.4567)];
        var feature = new FeatureBaseline(
            0.012345, -1234.5678901234567, 12345.678901234567, edges, [.. Enumerable.Repeat(0.100001, 10)], new NormalBand(123.4567, 1111.111));

        byte[] json = ManifestJson.Write(TestPackage.Manifest() with { Baseline = TestPackage.Baseline() with { Features = [.. Enumerable.Repeat(feature, 2_000)] } });

        Assert.InRange(json.Length, 100_000, 2_500_000); // of the 16 MiB that a manifest may have
    }

    private ModelPackageException Refused(string expected)
    {
        ModelPackageException refusal = Assert.Throws<ModelPackageException>(() => ModelPackage.Load(_test.Folder));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        return refusal;
    }

    private void Rewrite(string good, string bad)
    {
        string json = File.ReadAllText(_test.PathOf("manifest.json"));
        Assert.Contains(good, json, StringComparison.Ordinal);
        File.WriteAllText(_test.PathOf("manifest.json"), json.Replace(good, bad, StringComparison.Ordinal), new UTF8Encoding(false));
    }
}
