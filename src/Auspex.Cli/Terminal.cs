using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Learning.Train;
using Spectre.Console;

namespace Auspex.Cli;

/// <summary>What the user sees while a verb runs: bars with time left on a terminal, one line a step elsewhere, nothing with <c>--json</c>.
/// Progress goes to standard error, results to standard output.</summary>
internal static class Terminal
{
    private static readonly JsonSerializerOptions JsonForm = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new FiniteNumberConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>Runs work away from the terminal's thread and shows its progress.</summary>
    public static async Task<T> RunAsync<T>(bool quiet, Func<Action<LearningProgress>, T> work, CancellationToken ct)
    {
        if (quiet)
        {
            return await Task.Run(() => work(_ => { }), ct);
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Profile.Capabilities.Ansi = !Console.IsErrorRedirected;
        return Console.IsErrorRedirected ? await RunWithLinesAsync(work, ct) : await RunWithBarsAsync(console, work, ct);
    }

    /// <summary>Prints one JSON document to standard output; NaN and infinite numbers are null.</summary>
    public static void PrintJson<T>(T value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, JsonForm));

    private static Task<T> RunWithLinesAsync<T>(Func<Action<LearningProgress>, T> work, CancellationToken ct)
    {
        string step = "";
        return Task.Run(
            () => work(progress =>
            {
                if (progress.Step != step)
                {
                    step = progress.Step;
                    Console.Error.WriteLine($"auspex: {step}");
                }
            }),
            ct);
    }

    private static Task<T> RunWithBarsAsync<T>(IAnsiConsole console, Func<Action<LearningProgress>, T> work, CancellationToken ct) => console
        .Progress()
        .Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
            new RemainingTimeColumn(), new SpinnerColumn())
        .StartAsync(context => Task.Run(
            () =>
            {
                var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
                T result = work(progress =>
                {
                    if (!bars.TryGetValue(progress.Step, out ProgressTask? bar))
                    {
                        Finish(bars.Values);
                        bars[progress.Step] = bar = context.AddTask(Markup.Escape(progress.Step), maxValue: 1);
                    }

                    bar.Value = progress.Done;
                    bar.Description = Markup.Escape(progress.Detail is null ? progress.Step : $"{progress.Step}: {progress.Detail}");
                });
                Finish(bars.Values);
                return result;
            },
            ct));

    private static void Finish(IEnumerable<ProgressTask> bars)
    {
        foreach (ProgressTask bar in bars)
        {
            bar.Value = bar.MaxValue;
        }
    }

    private sealed class FiniteNumberConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }
}
