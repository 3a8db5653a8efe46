using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Auspex.Core.Assets;
using Auspex.Core.Csv;
using Auspex.Core.Signals;
using Auspex.Flow.Map;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Frames;

/// <summary>Frames as a CSV file: <c>asset, time, quality</c> and a column for each signal that occurs; asset by asset as they are asked for, by time.</summary>
internal static class ExportFrames
{
    private const int MostAssets = 100;

    // One read holds so many values about, however many signals there are.
    private const int ValuesARead = 1_000_000;
    private const int MostFramesARead = 5_000;

    internal static async Task<Results<PushStreamHttpResult, NotFound, ProblemHttpResult>> HandleAsync(
        OrganizationDb db,
        TelemetryStore telemetry,
        FrameAssets assets,
        Caller caller,
        TimeProvider clock,
        [MinLength(1), MaxLength(MostAssets), PlainText(AssetId.MaxLength)] string[] asset,
        string from,
        string to,
        CancellationToken ct,
        [AllowedValues(CsvDownload.Comma, CsvDownload.Semicolon)] string separator = CsvDownload.Comma)
    {
        var chosen = new List<(string Asked, FramesApi.Stretch Stretch)>();
        foreach (string name in asset)
        {
            (FramesApi.Stretch? stretch, ProblemHttpResult? problem) = await FramesApi.StretchAsync(db, telemetry, assets, name, from, to, "from", ct).ConfigureAwait(false);
            if (stretch is null)
            {
                return problem is null ? TypedResults.NotFound() : problem;
            }

            chosen.Add((name, stretch));
        }

        chosen = [.. chosen.DistinctBy(one => one.Stretch.Key)];
        // The header comes first and names every signal; and what is damaged is found before anything is answered.
        var columns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((_, FramesApi.Stretch stretch) in chosen)
        {
            await foreach (FrameColumns read in ReadAsync(telemetry, db.Organization, stretch, columns).WithCancellation(ct).ConfigureAwait(false))
            {
                Array.ForEach(read.Signals, signal => columns.TryAdd(signal, columns.Count));
            }
        }

        return CsvDownload.Of(
            $"frames-{Stamp(chosen[0].Stretch.FromMs)}-{Stamp(chosen[0].Stretch.ToMs)}.csv",
            separator,
            new CsvDownload.Export(db, caller, clock, "FRAMES_EXPORTED", "frames", new { assets = chosen.Select(one => one.Asked), from, to }),
            async file =>
            {
                await WriteHeaderAsync(file, columns, ct).ConfigureAwait(false);
                foreach ((string asked, FramesApi.Stretch stretch) in chosen)
                {
                    await foreach (FrameColumns read in ReadAsync(telemetry, db.Organization, stretch, columns).WithCancellation(ct).ConfigureAwait(false))
                    {
                        await WriteAsync(file, asked, read, columns, ct).ConfigureAwait(false);
                    }
                }
            });
    }

    private static async IAsyncEnumerable<FrameColumns> ReadAsync(
        TelemetryStore telemetry, Guid organization, FramesApi.Stretch stretch, Dictionary<string, int> columns,
        [EnumeratorCancellation] CancellationToken ct = default)
    {
        FrameColumns read;
        long fromMs = stretch.FromMs;
        do
        {
            int frames = Math.Min(MostFramesARead, ValuesARead / Math.Max(IncomingFrames.MostSignals, columns.Count));
            read = await telemetry.ReadAsync(organization, stretch.Key, fromMs, stretch.ToMs, null, frames, ct).ConfigureAwait(false);
            yield return read;
            fromMs = read.Times.Length > 0 ? read.Times[^1] + 1 : stretch.ToMs;
        }
        while (read.More);
    }

    private static ValueTask WriteHeaderAsync(CsvDownload file, Dictionary<string, int> columns, CancellationToken ct)
    {
        foreach (string name in (IEnumerable<string>)["asset", "time", "quality", .. columns.OrderBy(column => column.Value).Select(column => column.Key)])
        {
            file.Cells.Text(name);
        }

        return file.EndRowAsync(ct);
    }

    private static async Task WriteAsync(CsvDownload file, string asset, FrameColumns read, Dictionary<string, int> columns, CancellationToken ct)
    {
        // Of each column of the file the one that was read; a signal that came first after the header was written has none.
        int[] places = new int[columns.Count];
        Array.Fill(places, -1);
        for (int i = 0; i < read.Signals.Length; i++)
        {
            if (columns.TryGetValue(read.Signals[i], out int place))
            {
                places[place] = i;
            }
        }

        for (int row = 0; row < read.Times.Length; row++)
        {
            CsvWriter cells = file.Cells;
            cells.Text(asset);
            cells.Time(DateTimeOffset.FromUnixTimeMilliseconds(read.Times[row]));
            cells.Text(QualityOf(read, places, row));
            foreach (int place in places)
            {
                cells.Number(place < 0 ? double.NaN : read.Values[place][row]);
            }

            await file.EndRowAsync(ct).ConfigureAwait(false);
        }
    }

    // As frames carry it: an object of the signals that are not good; null where all are.
    private static string? QualityOf(FrameColumns read, int[] places, int row)
    {
        Dictionary<string, string>? words = null;
        foreach (int place in places)
        {
            if (place >= 0 && read.Qualities[place]?[row] is { } quality and not (Quality.Good or Quality.Absent))
            {
                (words ??= []).Add(read.Signals[place], FramesApi.Word(quality));
            }
        }

        return words is null ? null : JsonSerializer.Serialize(words, JsonSerializerOptions.Web);
    }

    private static string Stamp(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
