using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Auspex.Learning.Train;

namespace Auspex.Learning.Tests.Train;

public sealed class NpyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auspex-npy-").FullName;

    private string Target => Path.Combine(_folder, "rows.npy");

    [Fact]
    public void Write_Table_IsTheFormatOfNumPyByteForByte()
    {
        // Header of numpy.lib.format 1.0: magic, version, length, a dictionary padded with blanks to a multiple of 64 that a line feed ends.
        NpyFile.Write<double>(Target, [1, 2, 3, 4, 5, double.NaN], 3, 2);

        byte[] bytes = File.ReadAllBytes(Target);
        Assert.Equal(128 + (6 * 8), bytes.Length);
        Assert.Equal([0x93, .. "NUMPY"u8, 1, 0, 118, 0], bytes[..10]);
        Assert.Equal("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }".PadRight(117) + '\n', Encoding.ASCII.GetString(bytes, 10, 118));
        Assert.Equal([1, 2, 3, 4, 5, double.NaN], MemoryMarshal.Cast<byte, double>(bytes.AsSpan(128)).ToArray());
    }

    [Fact]
    public void Append_Blocks_AreReadByNumPyAsOneArray()
    {
        Assert.SkipUnless(NumPyIsThere(), "python3 with numpy is not on this machine");
        using (var writer = new NpyWriter<float>(Target, 2, 3))
        {
            writer.Append([1, 2, 3, 4, 5, 6]);
            writer.Append([]);
            writer.Append([.. Enumerable.Range(7, 12).Select(i => i / 2f)]);
            writer.Complete();
        }

        NpyFile.Write<double>(Path.Combine(_folder, "d.npy"), [0.1, double.NaN, double.NegativeInfinity, -0.0], 2, 2);
        NpyFile.Write<long>(Path.Combine(_folder, "l.npy"), [long.MinValue, -1, long.MaxValue], 3);
        NpyFile.Write<float>(Path.Combine(_folder, "none.npy"), [], 0, 7);

        Assert.Equal(
            """
            float32 (3, 2, 3) 96.0 9.0
            float64 (2, 2) [[0.1, nan], [-inf, -0.0]]
            int64 (3,) [-9223372036854775808, -1, 9223372036854775807]
            float32 (0, 7)
            """,
            Python($"""
                import numpy as np
                a = np.load(r'{Target}', mmap_mode='r'); print(a.dtype, a.shape, a.sum(), a[2, 1, 2])
                for name in ('d', 'l'):
                    a = np.load(r'{_folder}/' + name + '.npy', allow_pickle=False); print(a.dtype, a.shape, a.tolist())
                a = np.load(r'{_folder}/none.npy'); print(a.dtype, a.shape)
                """));
    }

    [Fact]
    public void Dispose_NotCompleted_LeavesNoFile()
    {
        using (var writer = new NpyWriter<double>(Target, 2))
        {
            writer.Append([1, 2]);
            Assert.True(File.Exists(Target));
        }

        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Append_RowsNotWholeOrAfterTheEnd_AreRefused()
    {
        using var writer = new NpyWriter<double>(Target, 3);

        Assert.Contains("A row has 3 values; 4 values are no whole number of rows",
            Assert.Throws<ArgumentException>(() => writer.Append([1, 2, 3, 4])).Message, StringComparison.Ordinal);
        writer.Complete();
        Assert.Throws<ObjectDisposedException>(() => writer.Append([1, 2, 3]));
        Assert.Throws<ObjectDisposedException>(writer.Complete);
    }

    [Fact]
    public void Write_ShapeThatDoesNotFit_SaysBothNumbersAndWritesNothing()
    {
        Assert.Contains("shape (2, 3) has 6 values, given are 5",
            Assert.Throws<ArgumentException>(() => NpyFile.Write<double>(Target, new double[5], 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("at least one length",
            Assert.Throws<ArgumentException>(() => NpyFile.Write<double>(Target, [1])).Message, StringComparison.Ordinal);
        Assert.Contains("at least 1, was 0",
            Assert.Throws<ArgumentException>(() => new NpyWriter<double>(Target, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("no room in the header",
            Assert.Throws<ArgumentException>(() => new NpyWriter<double>(Target, [.. Enumerable.Repeat(1L, 32)])).Message, StringComparison.Ordinal);
        Assert.Contains("not Int32",
            Assert.Throws<ArgumentException>(() => NpyFile.Write<int>(Target, [1], 1)).Message, StringComparison.Ordinal);
        Assert.Throws<OverflowException>(() => NpyFile.Write<double>(Target, [], long.MaxValue, 2));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static bool NumPyIsThere()
    {
        try
        {
            return Python("import numpy; print('yes')") == "yes";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Python(string program)
    {
        using Process python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", program]) { RedirectStandardOutput = true })!;
        string said = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        return said.Trim().ReplaceLineEndings("\n");
    }
}
