using System.Globalization;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;

namespace Auspex.Features;

/// <summary>Operating conditions worked out for running: finds the condition of a frame, and tells readings relative to it.</summary>
internal sealed class ConditionPlan
{
    private readonly (int Signal, int State, double Scale)[] _settings;
    private readonly double[][] _centres;
    private readonly double[] _squaredReaches;
    private readonly double[]?[] _means;
    private readonly double[]?[] _deviations;

    /// <exception cref="FormatException">The conditions name what the schema does not have, or numbers are missing or out of range.</exception>
    internal ConditionPlan(OperatingConditions conditions, AssetSchema schema)
    {
        int count = conditions.Conditions.Count;
        Require(count is >= 1 and <= OperatingConditions.MaxConditions, "conditions", $"1 to {OperatingConditions.MaxConditions} of them", count);
        Require(conditions.Settings.Count >= 1, "settings", "at least one", conditions.Settings.Count);
        _settings = [.. conditions.Settings.Select(setting => (Signal(schema, setting.Signal), State(schema, setting), setting.Scale))];
        foreach (ConditionSetting setting in conditions.Settings)
        {
            Require(double.IsFinite(setting.Scale) && setting.Scale > 0, $"scale of '{setting.Signal}'", "above 0", setting.Scale);
        }

        foreach (OperatingCondition condition in conditions.Conditions)
        {
            Require(condition.Centre.Count == _settings.Length, "centre", $"{_settings.Length} numbers, one for each setting", condition.Centre.Count);
            foreach (double number in condition.Centre)
            {
                Require(double.IsFinite(number), "centre", "finite", number);
            }

            Require(double.IsFinite(condition.Reach) && condition.Reach > 0, "reach", "above 0", condition.Reach);
        }

        _centres = [.. conditions.Conditions.Select(condition => condition.Centre.ToArray())];
        _squaredReaches = [.. conditions.Conditions.Select(condition => condition.Reach * condition.Reach)];
        _means = new double[]?[schema.Signals.Count];
        _deviations = new double[]?[schema.Signals.Count];
        foreach (ConditionReading reading in conditions.Readings)
        {
            int signal = Signal(schema, reading.Signal);
            Require(schema.Signals[signal].Kind != SignalKind.State, $"reading '{reading.Signal}'", "no state", reading.Signal);
            Require(_means[signal] is null, $"reading '{reading.Signal}'", "listed once", 2);
            Require(reading.Means.Count == count, $"means of '{reading.Signal}'", $"{count} numbers, one for each condition", reading.Means.Count);
            Require(reading.Deviations.Count == count, $"deviations of '{reading.Signal}'", $"{count} numbers, one for each condition", reading.Deviations.Count);
            foreach (double deviation in reading.Deviations)
            {
                Require(double.IsFinite(deviation) && deviation > 0, $"deviations of '{reading.Signal}'", "above 0", deviation);
            }

            _means[signal] = [.. reading.Means.Select(mean => mean ?? double.NaN)];
            _deviations[signal] = [.. reading.Deviations];
        }
    }

    internal static void Check(OperatingConditions conditions, AssetSchema schema) => _ = new ConditionPlan(conditions, schema);

    /// <summary>The condition of a frame; −1 when a setting is missing or no condition is near enough.</summary>
    /// <param name="values">One value for each signal of the schema.</param>
    internal int Of(ReadOnlySpan<double> values)
    {
        int nearest = -1;
        double least = double.PositiveInfinity;
        for (int k = 0; k < _centres.Length; k++)
        {
            double sum = 0;
            for (int i = 0; i < _settings.Length; i++)
            {
                (int signal, int state, double scale) = _settings[i];
                double away = (AssetFeatures.Indicator(values[signal], state) - _centres[k][i]) / scale;
                sum += away * away;
            }

            if (sum < least)
            {
                (nearest, least) = (k, sum);
            }
        }

        return nearest >= 0 && least <= _squaredReaches[nearest] ? nearest : -1;
    }

    /// <summary>A reading relative to what is usual; as it is when nothing is told of its signal.</summary>
    /// <param name="condition">From <see cref="Of"/>.</param>
    internal double Relative(int signal, double value, int condition) =>
        _means[signal] is not { } means ? value
        : condition < 0 ? double.NaN
        : (value - means[condition]) / _deviations[signal]![condition];

    /// <summary>What is usual for a signal, to tell relative readings in its units again; null for one that is taken as it is, NaN where the condition or its
    /// mean is not known.</summary>
    /// <param name="signal">Index into the signals of the schema.</param>
    /// <param name="condition">From <see cref="Of"/>.</param>
    internal (double Mean, double Deviation)? Scale(int signal, int condition) =>
        _means[signal] is not { } means ? null
        : condition < 0 ? (double.NaN, double.NaN)
        : (means[condition], _deviations[signal]![condition]);

    private static int Signal(AssetSchema schema, string name)
    {
        int index = schema.Signals.ToList().FindIndex(signal => signal.Name == name);
        return index >= 0 ? index : throw new FormatException($"Operating conditions: the schema has no signal '{name}'.");
    }

    private static int State(AssetSchema schema, ConditionSetting setting) =>
        FeaturePlan.State(schema.Signals[Signal(schema, setting.Signal)], setting.State, "Operating conditions");

    private static void Require(bool holds, string what, string limit, object value)
    {
        if (!holds)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"Operating conditions: {what} must be {limit}, was {value}."));
        }
    }
}
