using System.Diagnostics;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Features.Windows;

namespace Auspex.Features;

/// <summary>The features of one asset, frame by frame. Live, training and backtest all run this one class.</summary>
/// <remarks>Single-threaded. A row depends only on the frames and events up to its time: never on later ones, and for windows never on
/// when the instance was created.</remarks>
public sealed class AssetFeatures
{
    private const double MsPerHour = 3_600_000;

    private readonly FeaturePlan _plan;
    private readonly double[] _facts;
    private readonly LaggedValue[][] _lags;
    private readonly RollingWindow[][] _windows;
    private readonly EventCount[] _errors;
    private readonly List<AssetEvent> _waiting = [];
    private readonly long[] _lastMaintenance;
    private int _firstWaiting;
    private long? _firstFrame;
    private long _lastFrame = long.MinValue;

    /// <param name="plan">The features to make.</param>
    /// <param name="facts">One value for each fact of the schema; NaN when not known.</param>
    /// <exception cref="ArgumentException">The number of facts is not the schema's.</exception>
    public AssetFeatures(FeaturePlan plan, ReadOnlySpan<double> facts)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (facts.Length != plan.Definition.Schema.Facts.Count)
        {
            throw new ArgumentException($"The schema has {plan.Definition.Schema.Facts.Count} facts, was {facts.Length}.", nameof(facts));
        }

        _plan = plan;
        _facts = facts.ToArray();
        _lags = [.. plan.Channels.Select(channel => channel.Lags.Select(lag => new LaggedValue(lag.LengthMs)).ToArray())];
        _windows = [.. plan.Channels.Select(channel => channel.Windows.Select(window => new RollingWindow(window.LengthMs)).ToArray())];
        _errors = [.. plan.Errors.Select(error => new EventCount(error.LengthMs))];
        _lastMaintenance = new long[plan.Definition.Schema.Components.Count];
        Array.Fill(_lastMaintenance, long.MinValue);
    }

    /// <summary>Tells of an event. It may lie ahead of the frames and is felt from its own time on; an event the schema does not name
    /// has no effect.</summary>
    public void Add(AssetEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        int at = _waiting.Count;
        while (at > _firstWaiting && _waiting[at - 1].TimeUnixMs > happened.TimeUnixMs)
        {
            at--;
        }

        _waiting.Insert(at, happened);
    }

    /// <summary>Takes the next frame in and writes its features.</summary>
    /// <param name="timeUnixMs">Event time; must be later than the frame before.</param>
    /// <param name="values">One value for each signal of the schema; NaN where missing.</param>
    /// <param name="row">Receives one value for each column of the definition.</param>
    /// <exception cref="ArgumentException">A length is wrong, or time does not increase.</exception>
    public void Next(long timeUnixMs, ReadOnlySpan<double> values, Span<double> row)
    {
        if (values.Length != _plan.Definition.Schema.Signals.Count)
        {
            throw new ArgumentException($"The schema has {_plan.Definition.Schema.Signals.Count} signals, was {values.Length}.", nameof(values));
        }

        if (row.Length != _plan.Definition.Columns.Count)
        {
            throw new ArgumentException($"The definition has {_plan.Definition.Columns.Count} columns, was {row.Length}.", nameof(row));
        }

        if (timeUnixMs <= _lastFrame)
        {
            throw new ArgumentException($"Time must increase: {timeUnixMs} ms came after {_lastFrame} ms.", nameof(timeUnixMs));
        }

        _lastFrame = timeUnixMs;
        _firstFrame ??= timeUnixMs;
        TakeEvents(timeUnixMs);
        for (int c = 0; c < _plan.Channels.Length; c++)
        {
            NextOfChannel(c, timeUnixMs, values, row);
        }

        for (int e = 0; e < _errors.Length; e++)
        {
            row[_plan.Errors[e].Column] = _errors[e].At(timeUnixMs);
        }

        foreach ((int component, int column) in _plan.Maintenance)
        {
            row[column] = _lastMaintenance[component] == long.MinValue
                ? double.NaN
                : (timeUnixMs - _lastMaintenance[component]) / MsPerHour;
        }

        foreach (FeaturePlan.FactColumn fact in _plan.Facts)
        {
            row[fact.Column] = Finite(Indicator(_facts[fact.Fact], fact.State));
        }

        if (_plan.AgeColumn >= 0)
        {
            row[_plan.AgeColumn] = (timeUnixMs - _firstFrame.Value) / MsPerHour;
        }
    }

    private void NextOfChannel(int c, long timeUnixMs, ReadOnlySpan<double> values, Span<double> row)
    {
        FeaturePlan.Channel channel = _plan.Channels[c];
        double value = Indicator(values[channel.Signal], channel.State);
        bool present = double.IsFinite(value);
        if (channel.ValueColumn >= 0)
        {
            row[channel.ValueColumn] = Finite(value);
        }

        LaggedValue[] lags = _lags[c];
        for (int i = 0; i < lags.Length; i++)
        {
            if (present)
            {
                lags[i].Add(timeUnixMs, value);
            }

            row[channel.Lags[i].Column] = lags[i].At(timeUnixMs);
        }

        RollingWindow[] windows = _windows[c];
        for (int i = 0; i < windows.Length; i++)
        {
            if (present)
            {
                windows[i].Add(timeUnixMs, value);
            }

            Write(windows[i].At(timeUnixMs), channel.Windows[i], row);
        }
    }

    private static void Write(in WindowAggregate aggregate, FeaturePlan.WindowColumns window, Span<double> row)
    {
        foreach ((FeatureKind kind, int column) in window.Columns)
        {
            // Finite samples near the largest number overflow in a spread or a trend: that says nothing, so it is missing.
            row[column] = Finite(kind switch
            {
                FeatureKind.RollingMean => aggregate.Mean,
                FeatureKind.RollingStandardDeviation => aggregate.StandardDeviation,
                FeatureKind.RollingMin => aggregate.Count == 0 ? double.NaN : aggregate.Min,
                FeatureKind.RollingMax => aggregate.Count == 0 ? double.NaN : aggregate.Max,
                FeatureKind.RollingSlope => aggregate.SlopePerSecond * 3600,
                _ => throw new UnreachableException($"bug: {kind} is no window statistic"),
            });
        }
    }

    private void TakeEvents(long timeUnixMs)
    {
        AssetSchema schema = _plan.Definition.Schema;
        for (; _firstWaiting < _waiting.Count && _waiting[_firstWaiting].TimeUnixMs <= timeUnixMs; _firstWaiting++)
        {
            AssetEvent happened = _waiting[_firstWaiting];
            if (happened.Kind == AssetEventKind.Error)
            {
                for (int e = 0; e < _errors.Length; e++)
                {
                    if (schema.ErrorCodes[_plan.Errors[e].Code] == happened.Name)
                    {
                        _errors[e].Add(happened.TimeUnixMs);
                    }
                }
            }
            else if (happened.Kind == AssetEventKind.Maintenance)
            {
                for (int component = 0; component < _lastMaintenance.Length; component++)
                {
                    if (schema.Components[component] == happened.Name)
                    {
                        _lastMaintenance[component] = Math.Max(_lastMaintenance[component], happened.TimeUnixMs);
                    }
                }
            }
        }

        if (_firstWaiting > 64 && _firstWaiting > _waiting.Count / 2)
        {
            _waiting.RemoveRange(0, _firstWaiting);
            _firstWaiting = 0;
        }
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;

    // An infinite or missing number is no state either.
    private static double Indicator(double value, int state) =>
        state < 0 ? value : double.IsFinite(value) ? (value == state ? 1 : 0) : double.NaN;
}
