using System.Text.Json;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Runs;

/// <summary>How a run ended.</summary>
public enum TrainingRunStatus
{
    /// <summary>A model was trained and judged.</summary>
    Completed,

    /// <summary>It ended in an error.</summary>
    Failed,

    /// <summary>Somebody stopped it, or the search had seen enough of it.</summary>
    Cancelled,
}

/// <summary>One training, as it is kept: what went in, what came out, so that runs can be compared and done again.</summary>
public sealed record TrainingRun
{
    /// <summary>The form that this version of Auspex writes.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Form of the file; 1.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>Sorts by start: <c>20260131-120000-3f2a90b1c4</c>; trials of a search append <c>-t01</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The search this run is a trial of; null for a run of its own.</summary>
    public string? Search { get; init; }

    /// <summary>How it ended.</summary>
    public required TrainingRunStatus Status { get; init; }

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took, seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>failure, rul or anomaly.</summary>
    public required string Task { get; init; }

    /// <summary>Name of the data set.</summary>
    public required string Dataset { get; init; }

    /// <summary>SHA-256 over the description and every file read, so that equal data are known as equal; null when they were not all read.</summary>
    public string? DataHash { get; init; }

    /// <summary>Version of Auspex with the commit it was built from.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>Seed of every draw.</summary>
    public required int Seed { get; init; }

    /// <summary>Parameters by name, those of the trees and of the run.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>Figures of the test side by their names everywhere; those of the held-out rows under <c>outOfFold</c>. Null without a model.</summary>
    public JsonElement? Metrics { get; init; }

    /// <summary>Loss over the held-out rows, by which trials of a search are compared: log loss, or root mean square error; lower is better.</summary>
    public double? HeldOutLoss { get; init; }

    /// <summary>Whether the model should take the champion's place; null when it was not put beside one.</summary>
    public PromotionVerdict? Promotion { get; init; }

    /// <summary>Where the package was written; null where none was.</summary>
    public string? Package { get; init; }

    /// <summary>Why it failed, or why a search gave it up; null for a completed run.</summary>
    public string? Error { get; init; }
}
