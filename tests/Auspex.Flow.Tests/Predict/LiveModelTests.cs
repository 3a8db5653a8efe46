using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Models.Package;
using Auspex.Storage.Models;

namespace Auspex.Flow.Tests.Predict;

public sealed class LiveModelTests
{
    private static readonly ModelVersion Version =
        new("v1.0.0", 1, PredictionTask.Failure, "active", "oven", Guid.Empty, "", null, DateTimeOffset.UnixEpoch, "tests", null);

    [Theory]
    [InlineData(100, 31)]
    [InlineData(20, 8)]
    [InlineData(500, 31)]
    public void Bytes_OfModels_AreWhatTheCollectorCountsWithinAHalf(int trees, int leaves)
    {
        byte[] kept = ScoringForm.Of(OvenPackage.Sized(trees, leaves)).Write();
        var models = new LiveModel[40];
        models[0] = Open(kept);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 1; i < models.Length; i++)
        {
            models[i] = Open(kept);
        }

        double counted = (GC.GetTotalMemory(forceFullCollection: true) - before) / (models.Length - 1.0);
        Assert.InRange(models[0].Bytes, counted / 1.5, counted * 1.5);
        if ((trees, leaves) == (100, 31))
        {
            Assert.True(counted <= 64 * 1_024, $"a model of 100 x 31 holds {counted / 1_024:0.0} KiB; the limit is 64");
        }

        GC.KeepAlive(models);
    }

    [Fact]
    public void Open_OfWhatIsKept_SaysBitForBitWhatThePackageSays()
    {
        ModelPackage package = OvenPackage.Sized();
        LiveModel kept = Open(ScoringForm.Of(package).Write());
        LiveModel whole = LiveModel.Open(Version, package.ToArchive());
        Assert.Equal(50, kept.Plan.Definition.Columns.Count);
        Assert.Equal(whole.Plan.Definition.Hash, kept.Plan.Definition.Hash);
        var random = new Random(2);
        var (a, b, scores) = (new double[whole.Columns.Signals.Length], new double[kept.Columns.Signals.Length], new double[1]);
        for (int i = 0; i < 200; i++)
        {
            double[] row = [.. Enumerable.Range(0, 50).Select(_ => random.Next(12) == 0 ? double.NaN : random.NextDouble() * 100)];
            whole.Score(row, scores, a, degraded: false);
            double expected = scores[0];
            kept.Score(row, scores, b, degraded: false);
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(scores[0]));
            Assert.Equal(a.Select(BitConverter.DoubleToInt64Bits), b.Select(BitConverter.DoubleToInt64Bits));
            package.Ensemble.Score(row, scores);
            Assert.Equal(expected, scores[0]);
        }
    }

    [Fact]
    public void Open_GoldenRowScoredOtherwise_IsRefusedAndNamed()
    {
        ScoringForm form = ScoringForm.Of(OvenPackage.Sized());
        form.GoldenScores[0] += 1e-6;
        ModelPackageException refused = Assert.Throws<ModelPackageException>(() => LiveModel.Open(Version, form, Plan(form)));
        Assert.Contains("golden row 0 has the score", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void N53_Open_FeaturesOfAnotherHash_AreRefused()
    {
        ScoringForm form = ScoringForm.Of(OvenPackage.Sized());
        Assert.Contains("features.hash", Assert.Throws<ModelPackageException>(() => FeaturePlans.Read(form.Definition, "another", null)).Message, StringComparison.Ordinal);
        ScoringForm other = ScoringForm.Of(OvenPackage.Make(false));
        Assert.Contains("features.names", Assert.Throws<ModelPackageException>(() => LiveModel.Open(Version, form, Plan(other))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_OfAnotherModelThanIsKept_NamesTheRow()
    {
        LiveModel model = Open(ScoringForm.Of(OvenPackage.Sized()).Write());
        Assert.Null(model.Fault(ScoringForm.Of(OvenPackage.Sized())));
        Assert.StartsWith("golden row 0", model.Fault(ScoringForm.Of(OvenPackage.Sized(seed: 2))), StringComparison.Ordinal);
        Assert.StartsWith("its features", model.Fault(ScoringForm.Of(OvenPackage.Make(false))), StringComparison.Ordinal);
    }

    [Fact]
    public void Plans_SameDefinition_AreOneForAnOrganizationAndNeverOfTwo()
    {
        var plans = new FeaturePlans();
        ScoringForm form = ScoringForm.Of(OvenPackage.Sized());
        var one = Guid.NewGuid();
        Features.FeaturePlan plan = plans.Of(one, form.Definition, form.FeatureHash);
        Assert.Same(plan, plans.Of(one, form.Definition, form.FeatureHash));
        Assert.NotSame(plan, plans.Of(Guid.NewGuid(), form.Definition, form.FeatureHash));
    }

    private static LiveModel Open(byte[] kept)
    {
        ScoringForm form = ScoringForm.Read(kept)!;
        return LiveModel.Open(Version, form, Plan(form));
    }

    private static Features.FeaturePlan Plan(ScoringForm form) => FeaturePlans.Read(form.Definition, form.FeatureHash, null);
}
