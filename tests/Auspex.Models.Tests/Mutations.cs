using System.Globalization;
using System.Text;

namespace Auspex.Models.Tests;

/// <summary>Damages a valid file in one of the ways that files are damaged or forged.</summary>
internal static class Mutations
{
    private static readonly ulong[] Lengths = [0, 1, 0x7F, 0x80, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, ulong.MaxValue];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "1000000000", "2147483648", "-2147483649", "nan", "inf", "-inf", "1e999", "1e-999", "", " ", "0x10", "1,5",
    ];

    /// <summary>Bits flipped, bytes written over, a part cut out, repeated or taken from elsewhere, the end cut off, or a forged length.</summary>
    public static byte[] Bytes(Random random, byte[] file)
    {
        var bytes = new List<byte>(file);
        for (int edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            int at = random.Next(bytes.Count);
            int length = random.Next(1, 1 + Math.Min(64, bytes.Count - at));
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    int to = random.Next(bytes.Count - length + 1);
                    byte[] part = [.. bytes.GetRange(at, length)];
                    for (int i = 0; i < length; i++)
                    {
                        bytes[to + i] = part[i];
                    }

                    break;
                default:
                    bytes.RemoveAt(at);
                    bytes.InsertRange(at, Varint(Lengths[random.Next(Lengths.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>The same of a text, or one of its numbers replaced, or two of its lines exchanged, repeated or left out.</summary>
    public static string Text(Random random, string text)
    {
        if (random.Next(2) == 0)
        {
            return Encoding.Latin1.GetString(Bytes(random, Encoding.Latin1.GetBytes(text)));
        }

        string[] lines = text.Split('\n');
        int line = random.Next(lines.Length);
        int other = random.Next(lines.Length);
        switch (random.Next(4))
        {
            case 0:
                lines[line] = lines[other];
                break;
            case 1:
                (lines[line], lines[other]) = (lines[other], lines[line]);
                break;
            case 2:
                lines[line] = "";
                break;
            default:
                int equals = lines[line].IndexOf('=', StringComparison.Ordinal);
                string[] values = lines[line][(equals + 1)..].Split(' ');
                values[random.Next(values.Length)] = random.Next(4) == 0
                    ? random.Next(-40, 40).ToString(CultureInfo.InvariantCulture)
                    : Numbers[random.Next(Numbers.Length)];
                lines[line] = lines[line][..(equals + 1)] + string.Join(' ', values);
                break;
        }

        return string.Join('\n', lines);
    }

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
