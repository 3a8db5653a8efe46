using System.Runtime.InteropServices;
using Auspex.Core.Assets;
using Auspex.Core.Signals;

namespace Auspex.Storage.Telemetry;

/// <summary>The bytes of one journal row: frames in arrival order, names once, values as they are.</summary>
internal static class JournalRow
{
    private const byte Version = 1;

    internal static byte[] Encode(Guid organization, int part, long sequence, IReadOnlyList<Frame> frames)
    {
        var assets = new Dictionary<AssetId, int>();
        var shapes = new Dictionary<string[], int>(Shapes.Comparer);
        var names = new BodyWriter(1_024);
        var rows = new BodyWriter(64 + frames.Sum(frame => 24 + (8 * frame.Values.Length)));
        long time = 0;
        long arrived = 0;
        string[]? lastShape = null;
        int shape = 0;
        foreach (Frame frame in frames)
        {
            if (!ReferenceEquals(lastShape, frame.Signals))
            {
                lastShape = frame.Signals;
                ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(shapes, lastShape, out bool seen);
                known = seen ? known : shapes.Count - 1;
                shape = known;
            }

            ref int asset = ref CollectionsMarshal.GetValueRefOrAddDefault(assets, frame.Asset, out bool met);
            asset = met ? asset : assets.Count - 1;
            rows.Unsigned((uint)asset);
            rows.Unsigned((uint)shape);
            rows.Signed(frame.TimeUnixMs - time);
            rows.Signed(frame.ArrivedUnixMs - arrived);
            time = frame.TimeUnixMs;
            arrived = frame.ArrivedUnixMs;
            rows.Byte(frame.Qualities is null ? (byte)0 : (byte)1);
            if (frame.Qualities is not null)
            {
                rows.Bytes(MemoryMarshal.AsBytes(frame.Qualities.AsSpan()));
            }

            rows.Doubles(frame.Values);
        }

        names.Unsigned((uint)assets.Count);
        foreach (AssetId asset in assets.Keys)
        {
            names.Text(asset.Value);
        }

        names.Unsigned((uint)shapes.Count);
        foreach (string[] signals in shapes.Keys)
        {
            names.Unsigned((uint)signals.Length);
            foreach (string signal in signals)
            {
                names.Text(signal);
            }
        }

        names.Unsigned((uint)frames.Count);
        names.Bytes(rows.Written);
        return names.Sealed(Version, KeyOf(organization, part, sequence));
    }

    /// <exception cref="StorageException">The row is damaged.</exception>
    internal static Frame[] Decode(Guid organization, int part, long sequence, ReadOnlySpan<byte> body)
    {
        BodyReader reader = BodyReader.Open(body, Version, KeyOf(organization, part, sequence));
        var assets = new AssetId[reader.Count()];
        for (int i = 0; i < assets.Length; i++)
        {
            assets[i] = new AssetId(reader.Text());
        }

        string[][] shapes = new string[reader.Count()][];
        for (int i = 0; i < shapes.Length; i++)
        {
            shapes[i] = new string[reader.Count()];
            for (int j = 0; j < shapes[i].Length; j++)
            {
                shapes[i][j] = reader.Text();
            }
        }

        var frames = new Frame[reader.Count()];
        long time = 0;
        long arrived = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            AssetId asset = assets[reader.Count()];
            string[] signals = shapes[reader.Count()];
            time += reader.Signed();
            arrived += reader.Signed();
            Quality[]? qualities = reader.Byte() == 0 ? null : MemoryMarshal.Cast<byte, Quality>(reader.Bytes(signals.Length)).ToArray();
            double[] values = new double[signals.Length];
            reader.Doubles(values);
            frames[i] = new Frame(asset, time, arrived, signals, values, qualities);
        }

        return frames;
    }

    private static string KeyOf(Guid organization, int part, long sequence) =>
        $"telemetry_journal row (organization {organization}, part {part}, sequence {sequence})";
}
