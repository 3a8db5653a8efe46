using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Auspex.Storage;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex log</c>: how much each room of the running server logs.</summary>
internal static class LogVerb
{
    private const string Route = "/api/v1/installation/log-levels";

    private static readonly string[] Levels = ["trace", "debug", "information", "warning", "error"];

    public static Command Create()
    {
        Option<DirectoryInfo> data = VerbOptions.DataFolder();
        Option<string> room = new("--room") { Description = "Change the level of this room; without it the present levels are listed.", HelpName = "ROOM" };
        Option<string> level = new("--level") { Description = "Least level that is logged: trace, debug, information, warning or error.", HelpName = "LEVEL" };
        Option<TimeSpan?> time = new("--for")
        {
            Description = "How long, in whole minutes, such as 10m; at most 24h. Then the level goes back by itself. Default 10m.",
            HelpName = "TIME",
            CustomParser = result => VerbOptions.Duration(result, "--for"),
        };
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "log",
            "List how much each room of the running server logs, or change it for a while.",
            [data, room, level, time, json],
            ["auspex log --data /var/lib/auspex", "auspex log --data /var/lib/auspex --room Storage --level Debug --for 10m"],
            async (parsed, ct) =>
            {
                string? changed = parsed.GetValue(room)?.ToLowerInvariant();
                if (changed is null != parsed.GetValue(level) is null || (changed is null && parsed.GetValue(time) is not null))
                {
                    throw new UsageException("--room and --level go together, and --for with them: --room Storage --level Debug --for 10m.");
                }

                string? least = parsed.GetValue(level)?.ToLowerInvariant();
                if (least is not null && !Levels.Contains(least))
                {
                    throw new UsageException($"--level must be {string.Join(", ", Levels)}, was '{parsed.GetValue(level)}'.");
                }

                TimeSpan length = parsed.GetValue(time) ?? TimeSpan.FromMinutes(10);
                if (length.Ticks % TimeSpan.TicksPerMinute != 0 || length > TimeSpan.FromHours(24))
                {
                    throw new UsageException($"--for must be whole minutes, at most 24h, was '{parsed.GetResult(time)!.Tokens[0].Value}'.");
                }

                using DataFolderAccess access = DataFolderAccess.To(parsed.GetRequiredValue(data));
                if (access.Folder is { } folder)
                {
                    throw new StorageException($"No server runs on {folder.FullPath}: log levels are those of a running server.");
                }

                JsonElement levels = await access.AskAsync(HttpMethod.Get, Route, null, ct);
                if (changed is not null)
                {
                    string[] rooms = [.. levels.EnumerateArray().Select(one => one.GetProperty("room").GetString()!)];
                    if (!rooms.Contains(changed))
                    {
                        throw new UsageException($"--room must be one of {string.Join(", ", rooms)}, was '{parsed.GetValue(room)}'.");
                    }

                    await access.AskAsync(
                        HttpMethod.Put, Route, new { room = changed, level = least, minutes = (int)length.TotalMinutes }, ct);
                    levels = await access.AskAsync(HttpMethod.Get, Route, null, ct);
                }

                if (parsed.GetValue(json))
                {
                    Terminal.PrintJson(levels);
                    return;
                }

                foreach (JsonElement one in levels.EnumerateArray())
                {
                    string until = one.GetProperty("until").ValueKind == JsonValueKind.Null
                        ? ""
                        : string.Create(CultureInfo.InvariantCulture, $"until {one.GetProperty("until").GetDateTimeOffset():u}");
                    Console.WriteLine($"{one.GetProperty("room").GetString(),-12} {one.GetProperty("level").GetString(),-12} {until}".TrimEnd());
                }
            });
    }
}
