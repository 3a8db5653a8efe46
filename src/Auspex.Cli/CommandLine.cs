using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Auspex.Learning.Datasets;
using Auspex.Models;
using Auspex.Models.Package;
using Auspex.Native;
using Auspex.Storage;

namespace Auspex.Cli;

/// <summary>Runs the command line: help with examples, one exit code for each kind of ending, errors as one line.</summary>
internal static class CommandLine
{
    /// <summary>How long a verb may take to stop after a signal: at most one training iteration on a large set.</summary>
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(30);

    /// <summary>Set to 1, an unexpected failure is printed with its stack trace.</summary>
    private const string DebugVariable = "AUSPEX_DEBUG";

    // Paths may begin with @, which the parser would else read as a file of further arguments.
    private static readonly ParserConfiguration WithoutResponseFiles = new() { ResponseFileTokenReplacer = null };

    private static readonly Dictionary<Command, string[]> ExamplesOf = [];

    /// <summary>Parses and runs; the verb sees a token that is cancelled by SIGINT and SIGTERM.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        AddExamplesToHelp(root);
        ParseResult parsed = root.Parse(args, WithoutResponseFiles);
        if (parsed.Errors.Count > 0)
        {
            foreach (string problem in Problems(root, parsed))
            {
                await Console.Error.WriteLineAsync($"auspex: {problem}");
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

    // Without a verb the parser speaks of a command that is missing, and of every word after a verb it does not know.
    private static IEnumerable<string> Problems(RootCommand root, ParseResult parsed)
    {
        if (parsed.CommandResult.Command is not RootCommand)
        {
            return parsed.Errors.Select(error => error.Message).Distinct();
        }

        string verbs = string.Join(", ", root.Subcommands.Select(verb => verb.Name));
        return parsed.UnmatchedTokens is [var first, ..]
            ? [$"'{first}' is no verb; the verbs are {verbs}."]
            : [$"a verb is missing; the verbs are {verbs}."];
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
            return await Refuse("interrupted; nothing half-written was left", ExitCode.Interrupted);
        }
        catch (UsageException e)
        {
            return await Refuse(e.Message, ExitCode.Usage);
        }
        catch (DatasetException e)
        {
            return await Refuse(e.Message, ExitCode.DataRefused);
        }
        catch (Exception e) when (e is ModelPackageException or ModelFormatException)
        {
            return await Refuse(e.Message, ExitCode.ModelRefused);
        }
        catch (StorageException e)
        {
            return await Refuse(e.Message, ExitCode.StorageRefused);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NativeLibraryMissingException)
        {
            return await Refuse(e.Message, ExitCode.Failed);
        }
        catch (OutOfMemoryException)
        {
            return await Refuse(
                "not enough memory for this data set; use a machine with more, fewer assets, or fewer lags and windows", ExitCode.Failed);
        }
        catch (Exception e) // the outermost frame: what nobody foresaw still ends as one line and an exit code
        {
            await Refuse($"this is a bug in Auspex: {e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}", ExitCode.Failed);
            bool withTrace = Environment.GetEnvironmentVariable(DebugVariable) == "1";
            return await Refuse(
                withTrace ? e.ToString() : $"please report it with the output of the same command run with {DebugVariable}=1", ExitCode.Failed);
        }
    }

    // A message of several problems has a line for each.
    private static async Task<int> Refuse(string message, int exitCode)
    {
        foreach (string line in message.Split('\n'))
        {
            await Console.Error.WriteLineAsync($"auspex: {line.TrimEnd('\r')}");
        }

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
