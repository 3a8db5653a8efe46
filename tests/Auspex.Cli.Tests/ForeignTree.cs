using System.Text;

namespace Auspex.Cli.Tests;

/// <summary>A file as other tools write it, of one tree with one split: x0 at or below 0.5 gives 1, else 2.</summary>
internal static class ForeignTree
{
    public static byte[] File() =>
    [
        .. Number(1, 8), // ir_version
        .. Message(7,
            Message(1,
                Text(1, "x"), Text(2, "raw"), Text(4, "TreeEnsembleRegressor"),
                Integers("nodes_treeids", 0, 0, 0), Integers("nodes_nodeids", 0, 1, 2), Integers("nodes_featureids", 0, 0, 0), Floats("nodes_values", 0.5f, 0, 0),
                Texts("nodes_modes", "BRANCH_LEQ", "LEAF", "LEAF"), Integers("nodes_truenodeids", 1, 0, 0), Integers("nodes_falsenodeids", 2, 0, 0),
                Integers("target_treeids", 0, 0), Integers("target_nodeids", 1, 2), Integers("target_ids", 0, 0), Floats("target_weights", 1, 2),
                Message(5, Text(1, "n_targets"), Number(3, 1), Number(20, 2)),
                Text(7, "ai.onnx.ml")),
            Message(1, Text(1, "raw"), Text(2, "y"), Text(4, "Identity")),
            Text(2, "trees"), Value(11, "x", 2), Value(12, "y", 1)),
        .. Message(8, Text(1, ""), Number(2, 17)),
        .. Message(8, Text(1, "ai.onnx.ml"), Number(2, 3)),
    ];

    private static byte[] Value(int field, string name, int columns) =>
        Message(field, Text(1, name), Message(2, Message(1, Number(1, 1), Message(2, Message(1, Text(2, "rows")), Message(1, Number(1, columns))))));

    private static byte[] Integers(string name, params int[] values) => Message(5, [Text(1, name), .. values.Select(value => Number(8, value)), Number(20, 7)]);

    private static byte[] Floats(string name, params float[] values) =>
        Message(5, [Text(1, name), .. values.Select(value => (byte[])[.. Varint((7 << 3) | 5), .. BitConverter.GetBytes(value)]), Number(20, 6)]);

    private static byte[] Texts(string name, params string[] values) => Message(5, [Text(1, name), .. values.Select(value => Text(9, value)), Number(20, 8)]);

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Message(int field, params byte[][] parts) => [.. Varint((field << 3) | 2), .. Varint(parts.Sum(part => part.Length)), .. parts.SelectMany(part => part)];

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
