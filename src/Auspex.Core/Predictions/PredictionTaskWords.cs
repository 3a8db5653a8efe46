namespace Auspex.Core.Predictions;

/// <summary>What tasks are called outside the program: in files, database, API and on the command line.</summary>
public static class PredictionTaskWords
{
    /// <summary><c>failure</c>, <c>rul</c> or <c>anomaly</c>.</summary>
    public static string Word(this PredictionTask task) => task switch
    {
        PredictionTask.Failure => "failure",
        PredictionTask.RemainingUsefulLife => "rul",
        PredictionTask.Anomaly => "anomaly",
        _ => throw new ArgumentOutOfRangeException(nameof(task), task, "Not a task."),
    };

    /// <summary>The task of a word; null where it is none's.</summary>
    public static PredictionTask? Of(string? word) => word switch
    {
        "failure" => PredictionTask.Failure,
        "rul" => PredictionTask.RemainingUsefulLife,
        "anomaly" => PredictionTask.Anomaly,
        _ => null,
    };
}
