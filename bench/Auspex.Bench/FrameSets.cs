using System.Globalization;
using System.IO.Compression;
using Auspex.Core.Assets;
using Auspex.Simulation.Furnace;
using Auspex.Storage.Telemetry;

namespace Auspex.Bench;

/// <summary>Frames as machines send them: public data where it is at hand, the simulated furnace, and a turbofan whose every value is noise.</summary>
internal static class FrameSets
{
    internal static IEnumerable<(string Name, IEnumerable<Frame> Frames)> All()
    {
        if (Environment.GetEnvironmentVariable("AUSPEX_REFERENCE_DATA") is { Length: > 0 } data)
        {
            yield return ("C-MAPSS FD001", Table(Path.Combine(data, "cmapss", "train_FD001.txt.gz"), ' ', 1));
            yield return ("SKAB valve1", Files(Path.Combine(data, "skab", "valve1"), "*.csv*", ';'));
            yield return ("CNC mill", Files(Path.Combine(data, "cnc_mill_tool_wear"), "experiment_*", ','));
        }

        yield return ("simulated furnace", Furnace());
        yield return ("noisy turbofan, 4 decimals", Turbofan(4));
        yield return ("noisy turbofan, full doubles", Turbofan(15));
    }

    // 24 signals that drift over 250 flights of an engine, with Gaussian noise as large as the drift.
    private static IEnumerable<Frame> Turbofan(int decimals)
    {
        const int Signals = 24;
        string[] names = [.. Enumerable.Range(1, Signals).Select(i => $"s{i}")];
        var random = new Random(24);
        for (int engine = 0; engine < 80; engine++)
        {
            for (int flight = 0; flight < 250; flight++)
            {
                long time = 1_600_000_000_000 + (3_600_000L * flight);
                double[] values = [.. Enumerable.Range(1, Signals).Select(i => Math.Round(
                    (100 * i) + (flight / 250.0 * i) + (i * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())), decimals))];
                yield return new Frame(new AssetId($"engine {engine}"), time, time + 1_000, names, values);
            }
        }
    }

    private static IEnumerable<Frame> Files(string folder, string pattern, char separator) =>
        Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal).SelectMany(file => Table(file, separator, 0));

    // Numbers of a table; the first columns (asset and time) are not among the values, nor is text.
    private static IEnumerable<Frame> Table(string file, char separator, int header)
    {
        using Stream stream = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(file), CompressionMode.Decompress) : File.OpenRead(file);
        using var reader = new StreamReader(stream);
        bool cmapss = header == 1;
        string[] names = cmapss ? [] : (reader.ReadLine() ?? "").Split(separator);
        long time = 1_600_000_000_000;
        for (string? line = reader.ReadLine(); line is not null; line = reader.ReadLine())
        {
            string[] cells = line.Split(separator, StringSplitOptions.RemoveEmptyEntries);
            List<(string Name, double Value)> values = [];
            for (int i = cmapss ? 2 : 0; i < cells.Length; i++)
            {
                if (double.TryParse(cells[i], CultureInfo.InvariantCulture, out double value))
                {
                    values.Add((cmapss ? $"s{i - 1}" : names[i], value));
                }
            }

            time += cmapss ? 3_600_000 : 1_000;
            yield return new Frame(
                new AssetId(cmapss ? $"unit {cells[0]}" : Path.GetFileName(file)), time, time + 1_000, [.. values.Select(one => one.Name)], [.. values.Select(one => one.Value)]);
        }
    }

    private static IEnumerable<Frame> Furnace()
    {
        foreach (AssetHistory history in FurnacePlant.Generate(new FurnacePlantOptions()).Assets)
        {
            string[] names = [.. FurnacePlant.Schema.Signals.Select(signal => signal.Name)];
            for (int i = 0; i < history.TimesUnixMs.Length; i++)
            {
                yield return new Frame(history.Asset, history.TimesUnixMs[i], history.TimesUnixMs[i] + 1_000, names, [.. history.Values.Select(column => column[i])]);
            }
        }
    }
}
