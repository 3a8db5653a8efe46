using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Auspex.Learning.Datasets;
using Auspex.Models;
using Auspex.Models.Package;
using Auspex.Native;

namespace Auspex.Cli;

/// <summary>Runs the command line: help with examples, one exit code for each kind of ending, errors as one line.</summary>
internal static class CommandLine
{
    /// <summary>How long a verb may take to stop after a signal: at most one training iteration on a large set.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<Command, string[]> ExamplesOf = [];

    /// <summary>Parses and runs; the verb sees a token that is cancelled by SIGINT and SIGTERM.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        AddExamplesToHelp(root);
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (string message in parsed.Errors.Select(error => error.Message))
            {
                await Console.Error.WriteLineAsync($"auspex: {message}");
            }

            string verb = parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ";
            await Console.Error.WriteLineAsync($"auspex: see 'auspex {verb}--help'");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopWithin });
    }

    /// <summary>A verb with its action and the examples its help ends with.</summary>
    public static Command Verb(string name, string description, IEnumerable<Option> options, string[] examples, Func<ParseResult, CancellationToken, Task> run)
    {
        var command = new Command(name, description);
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        ExamplesOf[command] = examples;
        command.SetAction((parsed, ct) => Guarded(() => run(parsed, ct)));
        return command;
    }

    private static async Task<int> Guarded(Func<Task> run)
    {
        try
        {
            await run();
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("auspex: interrupted; nothing half-written was left");
            return ExitCode.Interrupted;
        }
        catch (DatasetException e)
        {
            return await Refuse(e, ExitCode.DataRefused);
        }
        catch (Exception e) when (e is ModelPackageException or ModelFormatException)
        {
            return await Refuse(e, ExitCode.ModelRefused);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NativeLibraryMissingException)
        {
            return await Refuse(e, ExitCode.Failed);
        }
    }

    private static async Task<int> Refuse(Exception e, int exitCode)
    {
        await Console.Error.WriteLineAsync($"auspex: {e.Message}");
        return exitCode;
    }

    private static void AddExamplesToHelp(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        // Who asks for help need not have given the required options.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            int exitCode = help.Invoke(parseResult);
            if (ExamplesOf.TryGetValue(parseResult.CommandResult.Command, out string[]? examples))
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (string example in examples)
                {
                    output.WriteLine("  " + example);
                }

                output.WriteLine();
            }

            return exitCode;
        }
    }
}
