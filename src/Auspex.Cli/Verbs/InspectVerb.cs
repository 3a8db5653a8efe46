using System.CommandLine;
using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Core.Time;
using Auspex.Learning;
using Auspex.Learning.Package;
using Auspex.Models;
using Auspex.Models.Detectors;
using Auspex.Models.Onnx;
using Auspex.Models.Package;
using Auspex.Models.Trees;

namespace Auspex.Cli.Verbs;

/// <summary><c>auspex inspect</c>: what a package is, after checking all of it.</summary>
internal static class InspectVerb
{
    public static Command Create()
    {
        Option<DirectoryInfo> model = VerbOptions.Model(required: false);
        var foreign = new Option<FileInfo>("--foreign")
        {
            Description = "ONNX file of trees that another tool wrote, instead of a package: what is in it, and whether it is scored here as ONNX Runtime scores it.",
            HelpName = "FILE.onnx",
        };
        Option<bool> json = VerbOptions.Json();
        return CommandLine.Verb(
            "inspect",
            "Check a package (hashes, model, golden rows) and show what it is, was trained on and promises; or an ONNX file of another tool.",
            [model, foreign, json],
            ["auspex inspect --model models/azure", "auspex inspect --model models/azure --json", "auspex inspect --foreign forest.onnx"],
            (parsed, _) =>
            {
                if ((parsed.GetValue(model) is null) == (parsed.GetValue(foreign) is null))
                {
                    throw new UsageException("give one of --model and --foreign: a package of Auspex, or an ONNX file of another tool.");
                }

                if (parsed.GetValue(foreign) is { } file)
                {
                    Foreign(file, parsed.GetValue(json));
                    return Task.CompletedTask;
                }

                var package = ModelPackage.Load(parsed.GetValue(model)!.FullName);
                LearningPipeline.PlanOf(package); // checks the feature definition against its hash
                if (parsed.GetValue(json))
                {
                    Terminal.PrintJson(Results.Summary(package.Manifest));
                }
                else
                {
                    Print(package);
                }

                return Task.CompletedTask;
            });
    }

    private static void Foreign(FileInfo file, bool json)
    {
        if (file is { Exists: true, Length: var length } && length > ModelLimits.Default.MaxOnnxBytes)
        {
            throw new ModelFormatException($"{file.Name} has {length} bytes; the limit is {ModelLimits.Default.MaxOnnxBytes}.");
        }

        ForeignModel model = OnnxForeignReader.Read(File.ReadAllBytes(file.FullName));
        ForeignParityResult parity = ForeignParity.Check(model);
        TreeEnsemble trees = model.Ensemble;
        string precision = model.RowsAreFloat ? "single" : "double";
        if (json)
        {
            Terminal.PrintJson(new
            {
                Input = new { Name = model.Input, Features = trees.FeatureCount, Precision = precision },
                model.Outputs,
                model.Operators,
                Transform = model.Transform.ToString(),
                Trees = new { Count = trees.TreeCount, Leaves = trees.LeafCount, Scores = trees.TargetCount },
                Parity = parity,
            });
            return;
        }

        Line("input", $"{model.Input}: rows of {trees.FeatureCount} numbers in {precision} precision");
        Line("outputs", $"{string.Join(", ", model.Outputs)}");
        Line("operators", $"{string.Join(", ", model.Operators)}");
        Line("trees", $"{trees.TreeCount} trees, {trees.LeafCount} leaves, {trees.TargetCount} {(trees.TargetCount == 1 ? "score" : "scores")}{(model.IsOneScoreOfTwoClasses ? " for two classes" : "")}");
        Line("transform", $"{(model.Transform == ScoreTransform.None ? "none" : model.Transform.ToString().ToLowerInvariant() + ", which the file applies to the scores")}");
        Line("parity", $"largest difference {parity.MaxDifference:0.0e+0} of a raw score to ONNX Runtime over {parity.Rows} rows, {parity.HostileRows} of them hostile; rounding explains {parity.Allowed:0.0e+0}");
        Console.WriteLine("checked      the file is read here as ONNX Runtime reads it");
    }

    private static void Line(string name, FormattableString value) => Console.WriteLine($"{name,-12} {value.ToString(CultureInfo.InvariantCulture)}");

    private static void Print(ModelPackage package)
    {
        ModelManifest manifest = package.Manifest;
        LabelDefinition label = manifest.Label;

        Line("model", $"{manifest.Name} {manifest.Version}, packaged {manifest.CreatedAt:u} by Auspex {manifest.AuspexVersion}");
        if (label.Task == PredictionTask.Failure)
        {
            Line("tells", $"probability of a failure within {DurationText.Format(label.Horizon)}");
            Line("components", $"{(label.Components.Count == 0 ? "none told apart" : string.Join(", ", label.Components))}");
            Line("threshold", $"{manifest.Thresholds.FailureProbability} ({manifest.Training.ThresholdSource})");
            Line("confidence", $"{(manifest.Thresholds.ConfidenceThreshold is { } least ? string.Create(CultureInfo.InvariantCulture, $"{least} or more is asked for") : "not asked for")}");
        }
        else if (manifest.Detector is { } detector)
        {
            Line("tells", $"whether a row is as normal rows are: {(detector.Kind == DetectorKind.Pca ? "principal components, T² and Q" : "isolation forest")}");
            Line("fitted", $"{(detector.PerAsset ? $"on the first {detector.First} rows of each asset, where it is used; model.onnx on those of the training side together" : "on the normal rows of the training side")}");
            Line("limit", $"{manifest.Training.ThresholdSource}; smoothing {DurationText.Format(detector.Smoothing)}, normal follows drift over {DurationText.Format(detector.Level)}");
        }
        else
        {
            Line("tells", $"remaining useful life in {label.LifeUnit} (each {DurationText.Format(label.LifeUnitLength!.Value)}), taught up to {label.LifeCap?.ToString(CultureInfo.InvariantCulture) ?? "any length"}");
        }

        if (package.Detector is null)
        {
            Line("trees", $"{package.Ensemble.TreeCount} trees, {package.Ensemble.LeafCount} leaves, {package.Ensemble.FeatureCount} features");
        }

        Line("features", $"{manifest.Features.Names[0]} … {manifest.Features.Names[^1]}, hash {manifest.Features.Hash[..12]}");
        Line("trained on", $"{manifest.Dataset}: {manifest.Training.Rows} rows of {manifest.Training.Assets.Count} assets, {manifest.Training.Start:u} to {manifest.Training.End:u}, seed {manifest.Training.Seed}");
        if (manifest.Baseline is { } baseline)
        {
            Line("baseline", $"{baseline.Features.Count} features over {baseline.Rows:0} rows; normal are {baseline.NormalMeans} ({baseline.NormalRows:0})");
        }

        Line("parity", $"largest difference {manifest.Parity.MaxDifference:0.0e+0} over {manifest.Parity.Rows} rows, at most {ModelPackage.Tolerance:0e+0} accepted");
        foreach (PackageFile file in manifest.Files)
        {
            Line("file", $"{file.Name}, {file.Bytes} bytes, SHA-256 {file.Sha256}");
        }

        Console.WriteLine("checked      hashes, features, model and golden rows agree");
        Console.WriteLine("metrics      " + string.Join(", ", manifest.Metrics.EnumerateObject()
            .Where(metric => metric.Value.ValueKind == System.Text.Json.JsonValueKind.Number)
            .Select(metric => $"{metric.Name} {metric.Value.GetDouble().ToString("G4", CultureInfo.InvariantCulture)}")));
    }
}
