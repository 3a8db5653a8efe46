using Auspex.Core.Predictions;
using System.Globalization;

namespace Auspex.Learning.Evaluate;

/// <summary>Whether there were failures enough to say how many of them a model catches.</summary>
/// <param name="CanJudge">The 95 % interval of the recall is narrower than <see cref="WidestInterval"/>.</param>
/// <param name="Missing">What is missing, in one sentence; null when nothing is.</param>
public sealed record Judgeability(bool CanJudge, string? Missing)
{
    /// <summary>From this width on, an interval of the recall holds good models and poor ones alike.</summary>
    public const double WidestInterval = 0.3;

    /// <summary>Looks at the recall of counted failures.</summary>
    public static Judgeability Of(EventCounts counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        int failures = counts.Failures;
        Estimate recall = counts.Recall;
        if (failures > 0 && recall.Upper - recall.Lower < WidestInterval)
        {
            return new Judgeability(true, null);
        }

        // Without a failure nothing is known of the recall: one half needs most.
        int more = FailuresNeeded(failures == 0 ? 0.5 : recall.Value) - failures;
        string found = failures == 0
            ? "no failure could be judged"
            : string.Create(CultureInfo.InvariantCulture,
                $"{counts.Caught} of {failures} failures caught is a recall anywhere from {100 * recall.Lower:0} to {100 * recall.Upper:0} %");
        return new Judgeability(false, string.Create(CultureInfo.InvariantCulture,
            $"Cannot judge this: {found}. About {more} more {(more == 1 ? "failure" : "failures")} at {(failures == 0 ? "any" : "this")} recall would narrow it to less than {100 * WidestInterval:0} points."));
    }

    /// <summary>The fewest failures at which Wilson's interval of a recall is narrower than <see cref="WidestInterval"/>.</summary>
    /// <param name="recall">0 to 1.</param>
    internal static int FailuresNeeded(double recall)
    {
        int failures = 1;
        while (Estimate.ShareWidth(recall, failures) >= WidestInterval)
        {
            failures++;
        }

        return failures;
    }
}
