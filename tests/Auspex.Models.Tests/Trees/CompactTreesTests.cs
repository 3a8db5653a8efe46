using System.Buffers;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Trees;

public class CompactTreesTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 31)]
    [InlineData(3, 200)]
    public void Score_RandomTrees_AreBitForBitThoseOfTheEnsemble(int targets, int leaves)
    {
        var random = new Random(leaves);
        for (int i = 0; i < 40; i++)
        {
            TreeEnsemble ensemble = RandomTrees.Ensemble(random, features: 7, targets, trees: targets * random.Next(1, 30), maxLeaves: leaves);
            Compare(ensemble, CompactTrees.Of(ensemble), RandomTrees.Rows(random, 30, 7));
        }
    }

    [Fact]
    public void Score_MoreFeaturesThanAByteTells_AreThoseOfTheEnsembleAlsoReadBack()
    {
        var random = new Random(3);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, features: 700, targets: 1, trees: 60, maxLeaves: 60);
        double[] rows = RandomTrees.Rows(random, 20, 700);
        Compare(ensemble, CompactTrees.Of(ensemble), rows);
        ReadOnlySpan<byte> bytes = Write(CompactTrees.Of(ensemble));
        Compare(ensemble, CompactTrees.Read(ref bytes), rows);
    }

    [Fact]
    public void Score_DeepAndLoneLeafTreesAndStrangeValues_AreThoseOfTheEnsemble()
    {
        TreeNode[] chain = [.. Enumerable.Range(0, 500).Select(k => new TreeNode(k % 7 / 7.0, k % 3, k == 499 ? ~500 : k + 1, ~k, k % 2 == 0))];
        var deep = new Tree(0, chain, new double[500], [.. Enumerable.Range(0, 501).Select(k => k * 0.37)], new double[501]);
        var ensemble = new TreeEnsemble(3, [0.25], [deep, new Tree(0, [], [], [1.5], [1]), deep]);
        double[] strange = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0, double.Epsilon, double.MaxValue, 0.5, 1];
        var random = new Random(1);
        Compare(ensemble, CompactTrees.Of(ensemble), [.. Enumerable.Range(0, 300).Select(_ => strange[random.Next(strange.Length)])]);
    }

    [Fact]
    public void Read_WhatWasWritten_ScoresAlikeAndDamageIsToldOrHarmless()
    {
        var random = new Random(9);
        TreeEnsemble ensemble = RandomTrees.Ensemble(random, features: 4, targets: 2, trees: 9, maxLeaves: 50);
        byte[] written = Write(CompactTrees.Of(ensemble));
        ReadOnlySpan<byte> bytes = [.. written, 7];
        CompactTrees read = CompactTrees.Read(ref bytes);
        Assert.Equal([7], bytes.ToArray());
        Compare(ensemble, read, RandomTrees.Rows(random, 50, 4));
        Assert.Equal(CompactTrees.Of(ensemble).Bytes, read.Bytes);
        double[] row = RandomTrees.Rows(random, 1, 4);
        var scores = new double[2];
        int refused = 0;
        for (int at = 0; at < written.Length; at++)
        {
            byte[] damaged = [.. written];
            damaged[at] ^= (byte)(1 << random.Next(8));
            try
            {
                ReadOnlySpan<byte> rest = damaged;
                CompactTrees.Read(ref rest).Score(row, scores); // another threshold or leaf, which the seal around it would have told
            }
            catch (ModelFormatException)
            {
                refused++;
            }
            catch (ArgumentException)
            {
                refused++; // another number of features or targets
            }
        }

        Assert.True(refused > 50);
        for (int length = 0; length < written.Length; length += 13)
        {
            Assert.Throws<ModelFormatException>(() =>
            {
                ReadOnlySpan<byte> cut = written.AsSpan(0, length);
                CompactTrees.Read(ref cut);
            });
        }
    }

    [Fact]
    public void Of_TooManyFeatures_IsRefusedWithTheLimit() => Assert.Contains(
        "40000 features; live models have at most 32767",
        Assert.Throws<ModelFormatException>(() => CompactTrees.Of(RandomTrees.Ensemble(new Random(1), features: 40_000))).Message, StringComparison.Ordinal);

    private static byte[] Write(CompactTrees trees)
    {
        var writer = new ArrayBufferWriter<byte>();
        trees.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static void Compare(TreeEnsemble ensemble, CompactTrees compact, double[] rows)
    {
        var expected = new double[ensemble.TargetCount];
        var actual = new double[ensemble.TargetCount];
        for (int at = 0; at < rows.Length; at += ensemble.FeatureCount)
        {
            ensemble.Score(rows.AsSpan(at, ensemble.FeatureCount), expected);
            compact.Score(rows.AsSpan(at, ensemble.FeatureCount), actual);
            Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));
        }
    }
}
