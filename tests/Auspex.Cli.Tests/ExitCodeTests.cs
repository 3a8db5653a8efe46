using System.Text.Json.Nodes;

namespace Auspex.Cli.Tests;

/// <summary>What goes wrong ends with its own exit code, a line a problem on standard error, and nothing on standard output.</summary>
public sealed class ExitCodeTests(Models models)
{
    [Theory]
    [InlineData("", "a verb is missing; the verbs are train, cross-validate, evaluate, score, inspect, runs, demo, serve, audit, log, key, backup, restore, organization.")]
    [InlineData("predict", "'predict' is no verb; the verbs are train, cross-validate, evaluate, score, inspect, runs, demo, serve, audit, log, key, backup, restore, organization.")]
    [InlineData("train --task rul", "Option '--data' is required.")]
    [InlineData("train --data d.json", "Option '--task' is required.")]
    [InlineData("evaluate --data d.json", "Option '--model' is required.")]
    [InlineData("score --model m --data d.json", "Option '--out' is required.")]
    [InlineData("train --data d.json --task rul --bogus", "Unrecognized command or argument '--bogus'.")]
    [InlineData("train --data d.json --task life", "--task must be failure, rul or anomaly, was 'life'.")]
    [InlineData("train --data d.json --task anomaly --threshold 0.5", "--threshold is for --task failure: the limit of anomalies follows from fit.falseAlarmRate")]
    [InlineData("train --data d.json --task anomaly --horizon 24h", "--horizon is for --task failure: an anomaly is of the present.")]
    [InlineData("train --data d.json --task rul --threads 0", "--threads must be 1 to 1024, was '0'.")]
    [InlineData("train --data d.json --task rul --threads two", "--threads must be 1 to 1024, was 'two'.")]
    [InlineData("train --data d.json --task rul --seed -1", "--seed must be 0 to 2147483647, was '-1'.")]
    [InlineData("train --data d.json --task rul --live-budget 9", "--live-budget must be 10 to 100000 trees, or off; was '9'.")]
    [InlineData("train --data d.json --task rul --live-budget 100001", "--live-budget must be 10 to 100000 trees, or off; was '100001'.")]
    [InlineData("train --data d.json --task rul --live-budget -1", "--live-budget must be 10 to 100000 trees, or off; was '-1'.")]
    [InlineData("train --data d.json --task rul --live-budget 1e3", "--live-budget must be 10 to 100000 trees, or off; was '1e3'.")]
    [InlineData("train --data d.json --task failure --false-alerts 0", "--false-alerts must be more than 0 and at most 1000, or off; was '0'.")]
    [InlineData("train --data d.json --task failure --false-alerts NaN", "--false-alerts must be more than 0 and at most 1000, or off; was 'NaN'.")]
    [InlineData("train --data d.json --task rul --live-budget on", "--live-budget must be 10 to 100000 trees, or off; was 'on'.")]
    [InlineData("train --data d.json --task anomaly --live-budget 100", "--live-budget is for --task failure and rul")]
    [InlineData("train --data d.json --task anomaly --set boosting=rf", "--set and --monotone are for --task failure and rul")]
    [InlineData("train --data d.json --task failure --set boosting=dart", "--set: boosting must be gbdt or rf, was 'dart'.")]
    [InlineData("train --data d.json --task failure --monotone heat", "--monotone must be SIGNAL=up or SIGNAL=down, was 'heat'.")]
    [InlineData("train --data d.json --task failure --monotone heat=more", "--monotone must be SIGNAL=up or SIGNAL=down, was 'heat=more'.")]
    [InlineData("train --data d.json --task anomaly --champion m", "--champion is for --task failure and rul, and needs the test side")]
    [InlineData("train --data d.json --task failure --no-test --champion m", "--champion is for --task failure and rul, and needs the test side")]
    [InlineData("inspect", "give one of --model and --foreign")]
    [InlineData("inspect --model m --foreign f.onnx", "give one of --model and --foreign")]
    [InlineData("train --data d.json --task failure --export /etc", "--export: /etc is not an empty folder; give a new one.")]
    [InlineData("cross-validate --data d.json --task failure --export /etc/passwd", "--export: /etc/passwd is not an empty folder; give a new one.")]
    [InlineData("demo --plant mill", "--plant must be furnace, furnace-line, machine-shop, turbofan; was 'mill'.")]
    [InlineData("demo --days 0", "--days must be 1 to 3650, was '0'.")]
    [InlineData("demo --plants 2", "--plants is for --plant furnace-line, machine-shop and turbofan.")]
    [InlineData("demo --plant turbofan --days 9", "--days is not for --plant turbofan: engines fly until they are removed.")]
    [InlineData("demo --seed 1.5", "--seed must be 0 to 2147483647, was '1.5'.")]
    [InlineData("train --data d.json --task failure --threshold 1.01", "--threshold must be a number from 0 to 1, was '1.01'.")]
    [InlineData("train --data d.json --task failure --threshold 0,5", "--threshold must be a number from 0 to 1, was '0,5'.")]
    [InlineData("train --data d.json --task failure --threshold NaN", "--threshold must be a number from 0 to 1, was 'NaN'.")]
    [InlineData("train --data d.json --task rul --threshold 0.5", "--threshold is for --task failure: a remaining useful life raises no alerts.")]
    [InlineData("train --data d.json --task failure --confidence 1.1", "--confidence must be a number from 0 to 1, was '1.1'.")]
    [InlineData("train --data d.json --task rul --confidence 0.5", "--confidence is for --task failure: other tasks raise no alerts by probability.")]
    [InlineData("train --data d.json --task failure --horizon 24", "at most 36500d; was '24'.")]
    [InlineData("train --data d.json --task failure --horizon -1s", "at most 36500d; was '-1s'.")]
    [InlineData("train --data d.json --task failure --horizon 36501d", "at most 36500d; was '36501d'.")]
    [InlineData("train --data d.json --task rul --report /", "--report must name a file, '/' is a folder.")]
    [InlineData("train --data d.json --task rul --html /dev/full", "--html must name a file on a disk, '/dev/full' is a device.")]
    [InlineData("score --model m --data d.json --out /dev/stdout", "--out must name a file on a disk, '/dev/stdout' is a device.")]
    [InlineData("train --data d.json --task rul --report r --html r", "--report and --html must name two files, both were 'r'.")]
    [InlineData("train --data d.json --task rul --out m --report m/r.json", "--report must lie outside the package's folder ")]
    public async Task Usage_Wrong_IsTwo(string commandLine, string expected)
    {
        Ended ended = await AuspexProcess.RunAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Refused(ended, ExitCode.Usage, expected);
    }

    [Fact]
    public async Task Train_ChampionOfAnotherTask_IsTwoBeforeAnythingIsTrained()
    {
        Ended ended = await AuspexProcess.RunAsync("train", "--data", models.Plant.Failures, "--task", "failure", "--champion", models.Life);

        Refused(ended, ExitCode.Usage, "--champion is a model of RemainingUsefulLife, --task asks for Failure");
    }

    [Fact]
    public async Task Inspect_ForeignFileThatIsNone_IsFourOrOne()
    {
        string none = Path.Combine(models.Plant.NewFolder(), "none.onnx");
        Refused(await AuspexProcess.RunAsync("inspect", "--foreign", none), ExitCode.Failed, "none.onnx");
        File.WriteAllText(none, "not a model");
        Refused(await AuspexProcess.RunAsync("inspect", "--foreign", none), ExitCode.ModelRefused, "The ONNX file is damaged");
        // Ours has formulas behind the trees, which mean something.
        Refused(await AuspexProcess.RunAsync("inspect", "--foreign", Path.Combine(models.Failure, "model.onnx")), ExitCode.ModelRefused, "beside the trees is not supported");
    }

    [Fact]
    public async Task Train_PathBeginsWithAt_IsAPath()
    {
        Ended ended = await AuspexProcess.RunAsync("train", "--data", "@plant.json", "--task", "rul");

        Refused(ended, ExitCode.DataRefused, "@plant.json: cannot be read: ");
    }

    [Fact]
    public async Task Train_NoDescription_IsThree()
    {
        Ended ended = await AuspexProcess.RunAsync("train", "--data", Path.Combine(models.Plant.Folder, "none.json"), "--task", "rul");

        Refused(ended, ExitCode.DataRefused, "none.json: cannot be read: ");
    }

    [Fact]
    public async Task Train_DescriptionWithErrors_TellsEachOnItsLine()
    {
        string description = Path.Combine(models.Plant.NewFolder(), "bad.json");
        string text = File.ReadAllText(models.Plant.Lives)
            .Replace("\"t24\", \"unit\"", "\"t24\", \"unti\"", StringComparison.Ordinal)
            .Replace("\"signals\"", "\"signal\"", StringComparison.Ordinal);
        File.WriteAllText(description, text);

        Ended ended = await AuspexProcess.RunAsync("train", "--data", description, "--task", "rul");

        Refused(ended, ExitCode.DataRefused, "bad.json, line ");
        Assert.True(ended.Complaints.Length >= 2, ended.Error);
        Assert.All(ended.Complaints, line => Assert.StartsWith("auspex: bad.json", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Train_DescriptionNotJson_IsThreeWithTheLine()
    {
        string description = Path.Combine(models.Plant.NewFolder(), "bad.json");
        File.WriteAllText(description, "{\n  \"name\": \"x\",\n  oops\n}\n");

        Refused(await AuspexProcess.RunAsync("train", "--data", description, "--task", "rul"), ExitCode.DataRefused, "bad.json, line 3: ");
    }

    [Fact]
    public async Task Train_TooManyBadRows_IsThreeWithCountsAndExamples()
    {
        string plant = models.Plant.Copy(Path.GetDirectoryName(models.Plant.Lives)!);
        string[] lines = File.ReadAllLines(Path.Combine(plant, "train.txt"));
        for (int i = 0; i < lines.Length; i += 10)
        {
            lines[i] = lines[i][..lines[i].LastIndexOf(' ')] + " n/a";
        }

        File.WriteAllLines(Path.Combine(plant, "train.txt"), lines);

        Ended ended = await AuspexProcess.RunAsync("train", "--data", Path.Combine(plant, "engines.json"), "--task", "rul", "--out", Path.Combine(plant, "m"));

        Refused(ended, ExitCode.DataRefused, "n/a");
        Assert.Contains("train.txt", ended.Error, StringComparison.Ordinal);
        Assert.Contains("NotANumber", ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(plant, "m")));
    }

    [Fact]
    public async Task Train_NothingToLearnFrom_IsThree()
    {
        string plant = models.Plant.Copy(Path.GetDirectoryName(models.Plant.Failures)!);
        File.WriteAllText(Path.Combine(plant, "failures.csv"), "asset,time,component\n");

        Ended ended = await AuspexProcess.RunAsync("train", "--data", Path.Combine(plant, "furnace.json"), "--task", "failure", "--out", Path.Combine(plant, "m"));

        Refused(ended, ExitCode.DataRefused, "Nothing to learn from: ");
        Assert.False(Directory.Exists(Path.Combine(plant, "m")));
    }

    [Fact]
    public async Task Train_NothingToLearnFrom_KeepsThePackageThatIsThere()
    {
        string plant = models.Plant.Copy(Path.GetDirectoryName(models.Plant.Failures)!);
        string package = models.Plant.Copy(models.Failure);
        Dictionary<string, byte[]> before = Directory.GetFiles(package).ToDictionary(file => file, File.ReadAllBytes);
        File.WriteAllText(Path.Combine(plant, "failures.csv"), "asset,time,component\n");

        Ended ended = await AuspexProcess.RunAsync("train", "--data", Path.Combine(plant, "furnace.json"), "--task", "failure", "--out", package);

        Assert.NotEqual(ExitCode.Done, ended.ExitCode);
        Assert.Equal(before.Keys.Order(), Directory.GetFiles(package).Order());
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.Equal(ExitCode.Done, (await AuspexProcess.RunAsync("inspect", "--model", package)).ExitCode);
    }

    [Theory]
    [InlineData("one byte", "model.onnx: Its SHA-256 is not that of the manifest")]
    [InlineData("cut", "model.onnx: It has ")]
    [InlineData("no model", "model.onnx: It is missing in ")]
    [InlineData("no manifest", "manifest.json: It is missing in ")]
    [InlineData("manifest", "manifest.json, ")]
    [InlineData("foreign file", "notes.txt: The manifest does not list it.")]
    [InlineData("no folder", "There is no such folder.")]
    public async Task Inspect_DamagedPackage_IsFour(string damage, string expected)
    {
        string package = models.Plant.Copy(models.Failure);
        string model = Path.Combine(package, "model.onnx");
        string manifest = Path.Combine(package, "manifest.json");
        switch (damage)
        {
            case "one byte":
                byte[] bytes = File.ReadAllBytes(model);
                bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(model, bytes);
                break;
            case "cut":
                File.WriteAllBytes(model, File.ReadAllBytes(model)[..^1]);
                break;
            case "no model":
                File.Delete(model);
                break;
            case "no manifest":
                File.Delete(manifest);
                break;
            case "manifest":
                JsonNode edited = JsonNode.Parse(File.ReadAllText(manifest))!;
                JsonArray scores = edited["goldenRows"]![0]!["scores"]!.AsArray();
                scores[0] = scores[0]!.GetValue<double>() + 0.001;
                File.WriteAllText(manifest, edited.ToJsonString());
                break;
            case "foreign file":
                File.WriteAllText(Path.Combine(package, "notes.txt"), "");
                break;
            default:
                Directory.Delete(package, recursive: true);
                break;
        }

        Refused(await AuspexProcess.RunAsync("inspect", "--model", package), ExitCode.ModelRefused, expected);
    }

    [Fact]
    public async Task Score_DamagedPackage_IsFourAndWritesNothing()
    {
        string package = models.Plant.Copy(models.Failure);
        File.AppendAllText(Path.Combine(package, "model.onnx"), " ");

        Ended scored = await AuspexProcess.RunAsync("score", "--model", package, "--data", models.Plant.Failures, "--out", package + ".csv");

        Refused(scored, ExitCode.ModelRefused, "model.onnx: It has ");
        Assert.False(File.Exists(package + ".csv"));
    }

    [Fact]
    public async Task Train_OutHoldsSomething_IsFourBeforeTraining()
    {
        Ended ended = await AuspexProcess.RunAsync("train", "--data", models.Plant.Failures, "--task", "failure", "--out", models.Failure);

        Refused(ended, ExitCode.ModelRefused, "There is something already.");
        Assert.DoesNotContain("auspex: train\n", ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUSPEX_LIGHTGBM", "LightGBM 4.1.0 could not be loaded.")]
    [InlineData("AUSPEX_ONNXRUNTIME", "ONNX Runtime 1.30.0 could not be loaded.")]
    public async Task Train_NativeLibraryMissing_IsOneBeforeAnythingIsRead(string variable, string expected)
    {
        Ended ended = await AuspexProcess.RunAsync(
            [(variable, "/nowhere/lib.so")], "train", "--data", models.Plant.Failures, "--task", "failure", "--out", Path.Combine(models.Plant.Folder, "m"));

        Refused(ended, ExitCode.Failed, expected);
        Assert.Contains($"Run ./dev native, which puts it into the per-user cache, or set {variable} to a library file.", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("auspex: read", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Score_NativeLibrariesMissing_NeedsNone()
    {
        Ended ended = await AuspexProcess.RunAsync(
            [("AUSPEX_LIGHTGBM", "/nowhere"), ("AUSPEX_ONNXRUNTIME", "/nowhere")],
            "score", "--model", models.Life, "--data", models.Plant.Lives, "--out", Path.Combine(models.Plant.NewFolder(), "p.csv"));

        Assert.Equal(ExitCode.Done, ended.ExitCode);
    }

    [Theory]
    [InlineData("train", "m")]
    [InlineData("score", "p.csv")]
    public async Task Write_DiskFull_IsOneAndLeavesNothing(string verb, string output)
    {
        string folder = models.Plant.NewFolder();
        string[] arguments = verb == "train"
            ? ["train", "--data", models.Plant.Lives, "--task", "rul"]
            : ["score", "--data", models.Plant.Lives, "--model", models.Life];
        Ended allowed = await AuspexProcess.RunInShellAsync("unshare -rm true; echo $?");
        Assert.SkipWhen(allowed.Output != "0\n", "this machine lets nobody make a small disk of their own (unshare -rm)");

        Ended ended = await AuspexProcess.RunInShellAsync(
            $"exec unshare -rm bash -c 'mount -t tmpfs -o size=16k none \"{folder}\" && \"$@\"; code=$?; ls -A \"{folder}\"; exit $code' bash \"$@\"",
            [.. arguments, "--out", Path.Combine(folder, output)]);

        Refused(ended, ExitCode.Failed, "No space left on device"); // which also sees that ls printed nothing
    }

    [Fact]
    public async Task Train_ReportCannotBeWritten_IsOneAndKeepsThePackage()
    {
        string folder = models.Plant.NewFolder();
        string blocked = Path.Combine(folder, "file", "r.json");
        File.WriteAllText(Path.Combine(folder, "file"), "");

        Ended ended = await AuspexProcess.RunAsync(
            "train", "--data", models.Plant.Lives, "--task", "rul", "--out", Path.Combine(folder, "m"), "--report", blocked);

        Refused(ended, ExitCode.Failed, $"{blocked}: the report cannot be written: ");
        Assert.Equal(ExitCode.Done, (await AuspexProcess.RunAsync("inspect", "--model", Path.Combine(folder, "m"))).ExitCode);
    }

    [Fact]
    public async Task Evaluate_LifeWithThreshold_IsTwo() => Refused(
        await AuspexProcess.RunAsync("evaluate", "--model", models.Life, "--data", models.Plant.Lives, "--threshold", "0.5"),
        ExitCode.Usage, "--threshold is for models of failures: ");

    private static void Refused(Ended ended, int exitCode, string expected)
    {
        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode, ended.ExitCode);
        Assert.Equal("", ended.Output);
        Assert.All(ended.Complaints, line => Assert.StartsWith("auspex: ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("bug in Auspex", ended.Error, StringComparison.Ordinal);
    }
}
