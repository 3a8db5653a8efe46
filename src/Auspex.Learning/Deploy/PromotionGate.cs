using System.Globalization;
using Auspex.Core.Predictions;

namespace Auspex.Learning.Deploy;

/// <summary>Decides whether a candidate takes the champion's place: a pure function of what both did on the same rows. What cannot be told is not promoted.
/// <c>docs/decisions/0021-the-promotion-gate.md</c> has the reasons.</summary>
public static class PromotionGate
{
    /// <summary>Share of bootstrap draws in which a candidate must be better.</summary>
    public const double Confidence = 0.95;

    /// <summary>Fewest assets, or stretches of time, that a bootstrap is made over.</summary>
    public const int FewestUnits = 10;

    private const int Draws = 2_000;

    /// <summary>Decides.</summary>
    /// <param name="compared">The candidate beside the champion.</param>
    /// <param name="seed">Draws the units of the bootstrap.</param>
    public static PromotionVerdict Decide(PromotionCase compared, int seed)
    {
        ArgumentNullException.ThrowIfNull(compared);
        if (compared.Units.Any(unit => !(unit.Candidate >= 0 && unit.Champion >= 0)))
        {
            throw new ArgumentException("Costs and errors are 0 or above.", nameof(compared));
        }

        PromotionVerdict Says(PromotionQuality quality, string reason) =>
            new(quality == PromotionQuality.ThresholdMet, quality, reason, compared.Champion) { Units = compared.Units.Count, Events = compared.Events };

        // What its figures are worth comes before the figures.
        if (compared.KnewItsTest is { } knew)
        {
            return Says(PromotionQuality.Poor, $"Its own figures come from rows it learned from, as by a random split: {knew} Train it with a split by time or by assets.");
        }

        if (compared.Leaks.Count > 0)
        {
            return Says(PromotionQuality.Poor, "It may be better only by what it cannot know in use: " + string.Join(" ", compared.Leaks));
        }

        if (compared.Incomparable is { } why)
        {
            return Says(PromotionQuality.CannotDetermine, $"The two tell different things: {why}");
        }

        if (compared.Units.Count < FewestUnits)
        {
            return Says(PromotionQuality.CannotDetermine, string.Create(CultureInfo.InvariantCulture,
                $"There is too little that neither learned from: {compared.Units.Count} {compared.UnitName}, at least {FewestUnits} are needed. Wait for more, or test on more assets."));
        }

        if (compared.TooFewEvents is { } missing)
        {
            return Says(PromotionQuality.CannotDetermine, missing);
        }

        return Compare(compared, seed, Says);
    }

    private static PromotionVerdict Compare(PromotionCase compared, int seed, Func<PromotionQuality, string, PromotionVerdict> says)
    {
        IReadOnlyList<PromotionUnit> units = compared.Units;
        bool isCost = compared.Measure == PromotionMeasure.Cost;
        double Figure(double sum) => isCost ? sum : Math.Sqrt(sum / units.Count);
        double candidate = Figure(units.Sum(unit => unit.Candidate));
        double champion = Figure(units.Sum(unit => unit.Champion));
        (double lower, double upper, double better) = Bootstrap(units, Figure, seed);
        PromotionVerdict Verdict(PromotionQuality quality, string reason) => says(quality, reason) with
        {
            Measure = isCost ? "cost" : "rmse",
            CandidateFigure = candidate,
            ChampionFigure = champion,
            DifferenceLower = lower,
            DifferenceUpper = upper,
            Confidence = better,
        };

        string figures = string.Create(CultureInfo.InvariantCulture,
            $"{(isCost ? "cost" : "root mean square error")} {candidate:0.###} against {champion:0.###} of {compared.Champion} over {units.Count} {compared.UnitName}");
        if (candidate >= champion)
        {
            return Verdict(PromotionQuality.Poor, $"It is {(candidate == champion ? "no better" : "worse")}: {figures}.");
        }

        if (compared.NeverCost is { } never && candidate >= never)
        {
            return Verdict(PromotionQuality.Poor, string.Create(CultureInfo.InvariantCulture, $"It is better, yet no better than never raising an alert, which costs {never:0.###}: {figures}."));
        }

        (double nasa, double championNasa) = (units.Sum(unit => unit.CandidateNasa), units.Sum(unit => unit.ChampionNasa));
        if (nasa > championNasa)
        {
            return Verdict(PromotionQuality.Poor, string.Create(CultureInfo.InvariantCulture,
                $"Its errors are smaller, yet worse where they hurt, on the late side: NASA score {nasa / units.Count:0.###} an asset against {championNasa / units.Count:0.###}; {figures}."));
        }

        string draws = string.Create(CultureInfo.InvariantCulture, $"better in {100 * better:0.#} % of draws, {100 * Confidence:0} % are asked for; difference {lower:0.###} to {upper:0.###}");
        return better >= Confidence
            ? Verdict(PromotionQuality.ThresholdMet, $"It is better: {figures} ({draws}).")
            : Verdict(PromotionQuality.CannotDetermine, $"It is better by what may be chance: {figures} ({draws}).");
    }

    // B. Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7 (1979): whole units are drawn, with both models' figures of each.
    private static (double Lower, double Upper, double Better) Bootstrap(IReadOnlyList<PromotionUnit> units, Func<double, double> figure, int seed)
    {
        var random = new Random(seed);
        var differences = new double[Draws];
        for (int draw = 0; draw < Draws; draw++)
        {
            (double candidate, double champion) = (0, 0);
            for (int i = 0; i < units.Count; i++)
            {
                PromotionUnit unit = units[random.Next(units.Count)];
                candidate += unit.Candidate;
                champion += unit.Champion;
            }

            differences[draw] = figure(candidate) - figure(champion);
        }

        Array.Sort(differences);
        return (differences[(int)(0.025 * Draws)], differences[(int)(0.975 * Draws)], (double)differences.Count(difference => difference < 0) / Draws);
    }
}
