using System.CommandLine;
using Auspex.Cli;
using Auspex.Cli.Verbs;

var root = new RootCommand("""
    Auspex: which machine will fail, how soon, and how sure. Trains on described files, evaluates by event, writes models
    as ONNX packages.
    """);
root.Subcommands.Add(TrainVerb.Create());
root.Subcommands.Add(CrossValidateVerb.Create());
root.Subcommands.Add(EvaluateVerb.Create());
root.Subcommands.Add(ScoreVerb.Create());
root.Subcommands.Add(InspectVerb.Create());
root.Subcommands.Add(RunsVerb.Create());
root.Subcommands.Add(DemoVerb.Create());
root.Subcommands.Add(ServeVerb.Create());
root.Subcommands.Add(AuditVerb.Create());
root.Subcommands.Add(LogVerb.Create());
root.Subcommands.Add(KeyVerb.Create());
root.Subcommands.Add(BackupVerb.Create());
root.Subcommands.Add(RestoreVerb.Create());
root.Subcommands.Add(OrganizationVerb.Create());
return await CommandLine.RunAsync(root, args);
