using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Learning.Train;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auspex.Cli;

/// <summary>What the user sees while a verb runs: bars with time left on a terminal, one line a step elsewhere, nothing with <c>--json</c>.
/// Progress goes to standard error, results to standard output.</summary>
internal static class Terminal
{
    private static readonly JsonSerializerOptions JsonForm = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
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
        return Console.IsErrorRedirected ? await RunWithLinesAsync(work, ct) : await RunWithBarsAsync(console, work, ct);
    }

    /// <summary>Prints one JSON document to standard output.</summary>
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

    private static Task<T> RunWithBarsAsync<T>(IAnsiConsole console, Func<Action<LearningProgress>, T> work, CancellationToken ct)
    {
        var detail = new DetailColumn();
        return console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 }, new ShareColumn(), detail)
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
                        bar.IsIndeterminate = progress.Done == 0; // a step that cannot tell how far it is only says that it has begun
                        detail.Text = progress.Detail ?? "";
                    });
                    Finish(bars.Values);
                    return result;
                },
                ct));
    }

    private static void Finish(IEnumerable<ProgressTask> bars)
    {
        foreach (ProgressTask bar in bars)
        {
            bar.IsIndeterminate = false;
            bar.Value = bar.MaxValue;
        }
    }

    /// <summary>Share and time left of a step that knows how far it is.</summary>
    private sealed class ShareColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(
            task.IsFinished ? "done"
            : task.IsIndeterminate ? ""
            : task.RemainingTime is { } left ? string.Create(CultureInfo.InvariantCulture, $"{task.Percentage,3:0} %, {left:hh\\:mm\\:ss} left")
            : string.Create(CultureInfo.InvariantCulture, $"{task.Percentage,3:0} %"));

        public override int? GetColumnWidth(RenderOptions options) => "100 %, 00:00:00 left".Length;
    }

    /// <summary>The figure worth watching while a step is under way. Last, so that its length moves nothing.</summary>
    private sealed class DetailColumn : ProgressColumn
    {
        private volatile string _text = "";

        public string Text { set => _text = value; }

        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.IsFinished ? "" : _text).Overflow(Overflow.Ellipsis);
    }
}
