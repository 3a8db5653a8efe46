using System.Globalization;
using Auspex.Storage.Transfer;

namespace Auspex.Cli;

/// <summary>How far a copy is, on standard error: one line that changes on a terminal, one line in all elsewhere.</summary>
internal sealed class ByteProgress : IDisposable
{
    private const double Mebi = 1024 * 1024;

    private readonly string _step;
    private readonly bool _quiet;
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private long _toldAt;

    public ByteProgress(string step, bool quiet)
    {
        _step = step;
        _quiet = quiet;
        if (!quiet && !_isTerminal)
        {
            Console.Error.WriteLine($"auspex: {step}");
        }
    }

    /// <summary>Tells how far an export or an import is.</summary>
    public void Tell(TransferProgress progress) =>
        Tell(progress.Bytes, progress.TotalBytes, progress.Checks ? "checked" : string.Create(CultureInfo.InvariantCulture, $"{progress.Rows} lines,"));

    /// <param name="done">Bytes.</param>
    /// <param name="total">Bytes in all; 0 where it is not known.</param>
    public void Tell(long done, long total) => Tell(done, total, "");

    private void Tell(long done, long total, string what)
    {
        if (_quiet || !_isTerminal || TimeProvider.System.GetElapsedTime(_toldAt) < TimeSpan.FromMilliseconds(200))
        {
            return;
        }

        _toldAt = TimeProvider.System.GetTimestamp();
        string share = total > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Min(100, 100.0 * done / total):0} %") : "";
        Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{_step} {what}{(what.Length > 0 ? " " : "")}{done / Mebi:0} MiB {share}   "));
    }

    public void Dispose()
    {
        if (_toldAt != 0)
        {
            Console.Error.WriteLine();
        }
    }
}
