using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Auspex.Learning.Tests;

/// <summary>Reads back what NumPy would read: format 1.0, little-endian, row-major.</summary>
internal static partial class NumPyArray
{
    public static (long[] Shape, double[] Values) Doubles(string path) => Read<double>(path, "<f8");

    public static long[] Longs(string path) => Read<long>(path, "<i8").Values;

    private static (long[] Shape, T[] Values) Read<T>(string path, string type)
        where T : unmanaged
    {
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Equal([0x93, .. "NUMPY"u8, 1, 0], bytes[..8]);
        int header = BitConverter.ToUInt16(bytes, 8);
        Match match = Header().Match(Encoding.ASCII.GetString(bytes, 10, header));
        Assert.True(match.Success);
        Assert.Equal(type, match.Groups[1].Value);
        long[] shape = [.. match.Groups[2].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(long.Parse)];
        T[] values = MemoryMarshal.Cast<byte, T>(bytes.AsSpan(10 + header)).ToArray();
        Assert.Equal(shape.Aggregate(1L, (all, size) => all * size), values.Length);
        return (shape, values);
    }

    [GeneratedRegex(@"'descr': '(.+?)', 'fortran_order': False, 'shape': \((.*?)\)")]
    private static partial Regex Header();
}
