using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Learning.Datasets;

namespace Auspex.Learning;

/// <summary>Which columns rise with a signal: its value, lags, and the means, minima, maxima and weighted means of its windows. When the whole record of
/// the signal is raised by the same amount these rise and its other features (spread, slope, growth, change from the start) stay.</summary>
internal static class MonotoneColumns
{
    /// <summary>The constraints of all columns.</summary>
    /// <param name="definition">The features.</param>
    /// <param name="described">The signals of the description. One that makes no features binds nothing.</param>
    /// <param name="asked">Signals of the command line whose rise never lowers the risk (up), or never raises it: these instead of what the description says of them.</param>
    /// <param name="riseIsBad">Whether a higher prediction is a higher risk: true of failures, false of remaining useful life.</param>
    /// <returns>One entry a column, as <see cref="Train.TrainingTable.Monotone"/>; empty where no signal is named.</returns>
    /// <exception cref="DatasetException">A name is no signal with numbers, stands twice, makes no features, or tells operating conditions apart.</exception>
    public static int[] Of(
        FeatureDefinition definition, IReadOnlyList<SignalColumn> described, IReadOnlyList<(string Signal, bool Up)> asked, bool riseIsBad)
    {
        (string Signal, bool Up)[] all = [.. All(described, asked)];
        if (all.Length == 0)
        {
            return [];
        }

        SignalDefinition[] numbers = [.. definition.Schema.Signals.Concat(definition.Schema.Facts).Where(one => one.Kind != SignalKind.State)];
        foreach ((string name, _) in asked)
        {
            if (!Array.Exists(numbers, signal => signal.Name == name) || asked.Count(other => other.Signal == name) > 1)
            {
                throw new DatasetException($"--monotone names '{name}', which is no signal with numbers, or stands twice; signals are "
                    + $"{string.Join(", ", numbers.Select(one => one.Name).Take(20))}.");
            }
        }

        var columns = new int[definition.Columns.Count];
        foreach ((string name, bool up) in all)
        {
            bool isAsked = asked.Any(one => one.Signal == name);
            if (definition.Conditions?.Settings.Any(setting => setting.Signal == name) == true)
            {
                throw new DatasetException($"{(isAsked ? "--monotone" : "The description")} names '{name}'{(isAsked ? "" : " monotone")}, which tells operating conditions apart: "
                    + "a rise of it changes what the other signals are compared with. Set features.perOperatingCondition of the description to false, or name another signal.");
            }

            int[] places = [.. Enumerable.Range(0, columns.Length).Where(i => definition.Columns[i].Source == name && RisesWithItsSignal(definition.Columns[i].Kind))];
            if (places.Length == 0 && isAsked)
            {
                throw new DatasetException($"--monotone names '{name}', which makes no features: it tells nothing on the training side. Name another signal.");
            }

            foreach (int place in places)
            {
                columns[place] = up == riseIsBad ? 1 : -1;
            }
        }

        return columns;
    }

    /// <summary>The signals that are bound, with what the command line says of them, else the description.</summary>
    public static IEnumerable<(string Signal, bool Up)> All(IReadOnlyList<SignalColumn> described, IReadOnlyList<(string Signal, bool Up)> asked) =>
        described.Where(signal => signal.Monotone != MonotoneRisk.Free && !asked.Any(one => one.Signal == signal.Name))
            .Select(signal => (signal.Name, signal.Monotone == MonotoneRisk.Increasing))
            .Concat(asked);

    // An error code or a component may have the name of a signal, but makes none of these.
    private static bool RisesWithItsSignal(FeatureKind kind) => kind is FeatureKind.Value or FeatureKind.Lag or FeatureKind.RollingMean
        or FeatureKind.RollingMin or FeatureKind.RollingMax or FeatureKind.Ewma or FeatureKind.Fact;
}
