using System.Reflection;
using System.Text.Json;
using Auspex.Learning;
using Auspex.Learning.Datasets;
using Auspex.Learning.Runs;
using Auspex.Learning.Train;
using Auspex.Models.Package;

namespace Auspex.Cli;

/// <summary>Keeps one training as it goes, however it ends.</summary>
/// <param name="folder">Where runs are kept.</param>
/// <param name="clock">Stamps the run.</param>
/// <param name="task">failure, rul or anomaly.</param>
/// <param name="seed">Seed of the run.</param>
internal sealed class RunRecord(RunFolder folder, TimeProvider clock, string task, int seed)
{
    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly long _start = clock.GetTimestamp();
    private readonly string _id = RunFolder.NewId(clock.GetUtcNow());
    private string _dataset = "";
    private string? _dataHash;

    /// <summary>Says what the run is on.</summary>
    public void Reads(Dataset dataset) => (_dataset, _dataHash) = (dataset.Description.Name, DatasetFingerprint.Of(dataset));

    /// <summary>Keeps a trial of the run's search.</summary>
    public void Tried(SearchTrial trial) => Keep(Run(
        trial.IsFinal ? TrainingRunStatus.Completed : TrainingRunStatus.Cancelled, trial.Hyperparameters.Recorded().ToDictionary(one => one.Name, one => one.Value)) with
    {
        Id = $"{_id}-t{trial.Number:000}",
        Search = _id,
        StartedAt = trial.StartedAt == default ? _startedAt : trial.StartedAt,
        Seconds = trial.Seconds,
        HeldOutLoss = double.IsFinite(trial.Loss) ? trial.Loss : null,
        Error = trial.IsFinal ? null : $"given up by the search after {trial.Rungs} rungs",
    });

    /// <summary>Keeps the run with its model.</summary>
    public void Completed(TrainedModel trained, string package)
    {
        ModelManifest manifest = trained.Package.Manifest;
        double? loss = manifest.Training.Parameters.TryGetValue("held_out_loss", out string? losses)
            ? losses.Split(' ').Average(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))
            : null;
        Keep(Run(TrainingRunStatus.Completed, manifest.Training.Parameters) with
        {
            Metrics = JsonSerializer.Deserialize<JsonElement>(manifest.Metrics.GetRawText()),
            HeldOutLoss = loss,
            Promotion = trained.Report.Promotion,
            Package = package,
        });
    }

    /// <summary>Keeps the run without one.</summary>
    public void Ended(Exception cause) => Keep(
        Run(cause is OperationCanceledException ? TrainingRunStatus.Cancelled : TrainingRunStatus.Failed, new Dictionary<string, string>()) with { Error = cause.Message });

    // A model that was trained, or the reason why none was, is worth more than its record: a full disk must not hide it.
    private void Keep(TrainingRun run)
    {
        try
        {
            folder.Add(run);
        }
        catch (Exception notKept) when (notKept is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"auspex: run {run.Id} is not kept in {folder.Path}: {notKept.Message}");
        }
    }

    private TrainingRun Run(TrainingRunStatus status, IReadOnlyDictionary<string, string> parameters) => new()
    {
        FormatVersion = TrainingRun.CurrentFormat,
        Id = _id,
        Status = status,
        StartedAt = _startedAt,
        Seconds = clock.GetElapsedTime(_start).TotalSeconds,
        Task = task,
        Dataset = _dataset,
        DataHash = _dataHash,
        CodeVersion = typeof(RunRecord).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        Seed = seed,
        Parameters = parameters,
    };
}
