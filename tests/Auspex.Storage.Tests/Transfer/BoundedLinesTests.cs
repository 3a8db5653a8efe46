using System.Text;
using Auspex.Storage.Transfer;

namespace Auspex.Storage.Tests.Transfer;

public class BoundedLinesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\nbb\n\nc", "a", "bb", "", "c")]
    [InlineData("\n", "")]
    [InlineData("12345678\n12345678", "12345678", "12345678")]
    public async Task Next_WithinTheLimit_GivesTheLines(string text, params string[] expected)
    {
        foreach (int piece in (int[])[1, 3, 100])
        {
            var lines = new BoundedLines(new Pieces(Encoding.UTF8.GetBytes(text), piece), 8);
            var read = new List<string>();
            while (await lines.NextAsync(Ct) is { } line)
            {
                read.Add(Encoding.UTF8.GetString(line.Span));
                Assert.Equal(read.Count, lines.Number);
            }

            Assert.Equal(expected, read);
            Assert.Null(await lines.NextAsync(Ct));
        }
    }

    [Theory]
    [InlineData("123456789")]
    [InlineData("123456789\n")]
    [InlineData("ok\n123456789\nok\n")]
    public async Task Next_LongerThanTheLimit_IsRefused(string text)
    {
        var lines = new BoundedLines(new Pieces(Encoding.UTF8.GetBytes(text), 2), 8);
        if (text.StartsWith("ok", StringComparison.Ordinal))
        {
            Assert.NotNull(await lines.NextAsync(Ct));
        }

        Assert.Contains("more than 8 bytes", (await Assert.ThrowsAsync<InvalidDataException>(async () => await lines.NextAsync(Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_LineWithoutEnd_TakesNoMoreThanTheLimitAllows()
    {
        const int Most = 4 * 1024 * 1024;
        var endless = new Endless();
        var lines = new BoundedLines(endless, Most);
        long before = GC.GetAllocatedBytesForCurrentThread();

        // Nothing of it waits: all of it is done on this thread.
        ValueTask<ReadOnlyMemory<byte>?> next = lines.NextAsync(Ct);

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(next.IsFaulted);
        Assert.IsType<InvalidDataException>(next.AsTask().Exception!.InnerException);
        Assert.Equal(Most + 1, endless.Taken);
        // A buffer that doubles: twice the limit in all, of which the last is held.
        Assert.InRange(allocated, Most, (2 * Most) + (1024 * 1024));
    }

    private sealed class Pieces(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }

    private sealed class Endless : MemoryStream
    {
        public long Taken { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            Taken += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
