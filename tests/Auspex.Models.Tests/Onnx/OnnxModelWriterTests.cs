using System.Text;
using Auspex.Core.Predictions;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests.Onnx;

public sealed class OnnxModelWriterTests
{
    [Theory]
    [InlineData(1, PredictionTask.Failure, "score componentProbabilities probability", "TreeEnsemble Neg Exp Add Reciprocal Identity")]
    [InlineData(
        3,
        PredictionTask.Failure,
        "score componentProbabilities probability",
        "TreeEnsemble Neg Exp Add Reciprocal Identity Exp Add Reciprocal Log ReduceSum Exp Sub")]
    [InlineData(1, PredictionTask.RemainingUsefulLife, "score remainingUsefulLife", "TreeEnsemble Max")]
    public void Write_Task_HasTheOutputsOfTheTask(int targets, PredictionTask task, string outputs, string operators)
    {
        byte[] bytes = OnnxModelWriter.Write(new OnnxModel(RandomTrees.Ensemble(new Random(1), targets: targets), task, "m", "v1.0.0"));

        // Read by the numbers of the ONNX format itself: ModelProto.graph 7; GraphProto.node 1, input 11, output 12; NodeProto.op_type 4;
        // ValueInfoProto.name 1.
        byte[] graph = Assert.Single(Fields(bytes, 7));
        Assert.Equal(operators, string.Join(' ', Fields(graph, 1).Select(node => Text(node, 4))));
        Assert.Equal("features", string.Join(' ', Fields(graph, 11).Select(input => Text(input, 1))));
        Assert.Equal(outputs, string.Join(' ', Fields(graph, 12).Select(output => Text(output, 1))));
    }

    [Fact]
    public void Write_BaseScores_AreAddedToTheTrees()
    {
        var ensemble = new TreeEnsemble(1, [0.5], [new Tree(0, [], [], [1], [1])]);

        byte[] graph = Assert.Single(
            Fields(OnnxModelWriter.Write(new OnnxModel(ensemble, PredictionTask.RemainingUsefulLife, "m", "v1.0.0")), 7));

        Assert.Equal("TreeEnsemble Add Max", string.Join(' ', Fields(graph, 1).Select(node => Text(node, 4))));
    }

    [Fact]
    public void Write_LifeOfTwoTargets_IsRefused() => Assert.Throws<ArgumentException>(() => OnnxModelWriter.Write(
        new OnnxModel(RandomTrees.Ensemble(new Random(1), targets: 2), PredictionTask.RemainingUsefulLife, "m", "v1.0.0")));

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Assert.Single(Fields(message, field)));

    /// <summary>The length-delimited fields of a number; messages here hold only these and varints.</summary>
    private static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        int at = 0;
        while (at < message.Length)
        {
            int tag = Varint();
            int value = Varint();
            if ((tag & 7) == 2)
            {
                if (tag >> 3 == field)
                {
                    found.Add(message[at..(at + value)]);
                }

                at += value;
            }
        }

        return found;

        int Varint()
        {
            int value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte part = message[at++];
                value |= (part & 0x7F) << shift;
                if (part < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
