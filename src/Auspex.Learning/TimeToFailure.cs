using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Failures;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Train;
using Auspex.Learning.Train.LightGbm;
using Auspex.Models.Intervals;

namespace Auspex.Learning;

/// <summary>A time to failure that was taught.</summary>
/// <param name="Bag">The boosters of the median, in minutes.</param>
/// <param name="Intervals">How far it may be off, fitted on held-out rows.</param>
/// <param name="Coverage">How well intervals held on rows of assets that made no part of them.</param>
internal sealed record TaughtTime(FoldBag Bag, LifeIntervals Intervals, IntervalCoverage Coverage);

/// <summary>Teaches how long until a failure that comes within the horizon.</summary>
internal static class TimeToFailure
{
    /// <summary>Share of true times that the intervals are made to hold.</summary>
    private const double Share = 0.9;

    /// <summary>Most trees of it inside a live budget, over all members.</summary>
    private const int BudgetTrees = 50;

    private const int FreeTrees = 300;

    // A few trees make one or two useful members, not five.
    private const int MembersInside = 2;

    /// <summary>The trees of a live budget that it takes away from the probabilities.</summary>
    public static int? BudgetOf(int? liveBudgetTrees) => liveBudgetTrees is { } all ? Math.Min(BudgetTrees, all / 10) : null;

    /// <summary>Teaches it, where there is enough to learn from.</summary>
    /// <param name="table">All training rows.</param>
    /// <param name="folds">Their folds.</param>
    /// <param name="assets">Their assets.</param>
    /// <param name="label">What the model tells.</param>
    /// <param name="options">Seed, threads, budget.</param>
    /// <param name="notes">Told how good it is, or why there is none.</param>
    /// <param name="progress">Told after each iteration.</param>
    /// <param name="ct">Looked at between iterations.</param>
    /// <returns>Null where there is too little.</returns>
    public static TaughtTime? Teach(TrainingTable table, Folds folds, IReadOnlyList<DatasetAsset> assets, LabelDefinition label, TrainingOptions options,
        ICollection<string> notes, Action<LearningProgress> progress, CancellationToken ct)
    {
        double horizon = label.Horizon.TotalMinutes;
        (int[] rows, TrainingTable before) = TimeToFailureTrainer.RowsBefore(table, Minutes(table, assets, label), horizon);
        Folds? ofRows = folds.Of(rows);
        int[] groups = HeadFit.GroupsOf(before);
        if (ofRows is null || rows.Length < 2 * LifeIntervalsFit.FewestRows || groups.Distinct().Count() < 2)
        {
            notes.Add($"No time to failure is told: {rows.Length} rows of {groups.Distinct().Count()} assets lie before a failure, "
                + $"at least {2 * LifeIntervalsFit.FewestRows} in every fold's training, of 2 assets, are needed.");
            return null;
        }

        int members = options.LiveBudgetTrees is null ? folds.Count : Math.Min(MembersInside, folds.Count);
        FoldBag bag = TimeToFailureTrainer.Train(
            before, ofRows, Math.Max(1, (BudgetOf(options.LiveBudgetTrees) ?? FreeTrees) / members), options, progress, ct).Of(members);
        var lives = new HeldOutLives(
            [.. bag.HeldOutScores.Select(score => Math.Clamp(score, 0, horizon))], [.. before.Labels[0].Select(minutes => (double)minutes)], groups);
        if (!IntervalCoverage.CanJudge(lives))
        {
            notes.Add($"No time to failure is told: {rows.Length} rows before a failure of {groups.Distinct().Count()} assets are too few to tell how far it would be off.");
            return null;
        }

        var coverage = IntervalCoverage.Across(lives, Share, horizon);
        double error = lives.Predicted.Zip(lives.Actual, (said, was) => Math.Abs(said - was)).Average();
        notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"Time to failure, on {rows.Length} held-out rows before a failure: off by {error:0.#} min on average; {Share:0 %} intervals held {coverage.Coverage:0.0 %}, {coverage.MeanWidth:0.#} min wide on average."));
        return new TaughtTime(bag, LifeIntervals.Fit(lives, Share, horizon), coverage);
    }

    private static double[] Minutes(TrainingTable table, IReadOnlyList<DatasetAsset> assets, LabelDefinition label)
    {
        Dictionary<AssetId, long[]> starts = assets.ToDictionary(
            asset => asset.History.Asset,
            asset => FailureEpisodes.Of(asset.History.Asset, asset.History.Events, label)
                .Where(episode => label.Components.Count == 0 || label.Components.Contains(episode.Component))
                .Select(episode => episode.StartUnixMs).Order().ToArray());
        var minutes = new double[table.Rows];
        for (int row = 0; row < minutes.Length; row++)
        {
            long[] of = starts[table.Assets[row]];
            int next = Array.FindIndex(of, start => start > table.TimesUnixMs[row]);
            bool isKnown = next >= 0 && table.Labels.Any(labels => labels[row] > 0);
            minutes[row] = isKnown ? (of[next] - table.TimesUnixMs[row]) / 60_000.0 : double.NaN;
        }

        return minutes;
    }
}
