using System.Text;
using Auspex.Models.Calibration;
using Auspex.Models.Onnx;
using Auspex.Models.Package;

namespace Auspex.Models.Tests.Package;

public sealed class PackageHeadTests
{
    private static readonly SigmoidCalibration Sigmoid = new(0.9, -0.5);
    private static readonly VennAbers Table = new([new(-2, 0.1), new(1, 0.5)], [new(-1, 0.3), new(2, 0.9)], 0.01);

    [Fact]
    public void Create_CalibratedModel_IsReadBackWithItsConfidence()
    {
        var package = ModelPackage.Create(Manifest(Sigmoid, Table), Model());
        ModelManifest back = ManifestJson.Read(ManifestJson.Write(package.Manifest));

        Assert.Equal(ManifestJson.Write(package.Manifest), ManifestJson.Write(back));
        Assert.Equal(Sigmoid, back.Calibration![0].Probability);
        Assert.Equal(Sigmoid, ((FailureHead)package.Head).Calibrations[0]);
        Assert.Equal(1 - (0.9 - 0.5), package.Confidence([1.5])!.Value, 1e-12);
        Assert.Equal(1 - 0.3, package.Confidence([-3])!.Value, 1e-12);
        Assert.Null(ModelPackage.Create(Manifest(Sigmoid, null), Model()).Confidence([1.5]));
    }

    [Fact]
    public void Create_ManifestOfAnotherHead_IsRefusedByName()
    {
        Refused("calibration", Manifest(new SigmoidCalibration(0.9, -0.6), Table), Model());
        Refused("calibration", Manifest(Sigmoid, Table) with { Calibration = null }, Model());
        Refused("calibration", Manifest(Sigmoid, Table) with { Calibration = [] }, Model());
        Refused("calibration", Manifest(Sigmoid, Table), TestPackage.Model());
        Refused("exclusiveComponents", Manifest(Sigmoid, Table) with { ExclusiveComponents = true }, Model());
        Refused("intervals.cap", Manifest(Sigmoid, Table) with { Intervals = Heads.Intervals(100) }, Model());
        Refused("training.iterations", Manifest(Sigmoid, Table) with { Intervals = Heads.Intervals(24 * 60) }, Model());
    }

    [Fact]
    public void Write_PlainModel_SaysNothingOfCalibration()
    {
        string json = Encoding.UTF8.GetString(ManifestJson.Write(TestPackage.Manifest()));

        Assert.DoesNotContain("calibration\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("intervals\"", json, StringComparison.Ordinal);
    }

    private static ModelManifest Manifest(ScoreCalibration calibration, VennAbers? table) =>
        TestPackage.Manifest() with { Calibration = [new ManifestCalibration(calibration, table)] };

    private static byte[] Model() =>
        OnnxModelWriter.Write(new OnnxModel(Fixture.Model("binary").Ensemble, new FailureHead([Sigmoid], null), "press", "v1.0.0"));

    private static void Refused(string field, ModelManifest manifest, byte[] model) =>
        Assert.Equal(field, Assert.Throws<ModelPackageException>(() => ModelPackage.Create(manifest, model)).Field);
}
