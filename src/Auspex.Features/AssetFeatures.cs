using System.Buffers.Binary;
using System.Globalization;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Features.Definitions;
using Auspex.Features.Windows;

namespace Auspex.Features;

/// <summary>The features of one asset, frame by frame. Live, training and backtest all run this one class.</summary>
/// <remarks>
/// <para>Single-threaded. A row depends only on the frames and events that came before it: never on later ones, and never on when the instance
/// was created. Windows and lags need the frames of the last <see cref="FeaturePlan.ReachMs"/>; what remembers the whole life (exponentially
/// weighted means, distances from the start, running age, maintenance) is in a <see cref="Checkpoint"/>.</para>
/// <para>A frame may come late, behind frames already judged: it joins what rows judged after it are made from, as if it had come in
/// its place, and changes no row already made. One that is older than the newest frame by <see cref="FeaturePlan.ReachMs"/> or more comes
/// too late and has no effect.</para>
/// </remarks>
public sealed class AssetFeatures
{
    private const double MsPerHour = 3_600_000;
    private const long MsPerDay = 86_400_000;
    private const long Never = long.MinValue;
    private const byte CheckpointForm = 1;
    private const int CheckpointHead = 1 + 32 + 8;

    private static readonly long FirstTime = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long LastTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private readonly FeaturePlan _plan;
    private readonly double[] _facts;
    private readonly double[] _frame;
    private readonly RecentSamples _samples;
    private readonly WindowSet[] _windows;
    private readonly LaggedValues[] _lags;
    private readonly LifeMemory _life;
    // The same without the frames in _samples.
    private readonly LifeMemory _settledLife;
    private readonly EventCount[] _errors;
    private readonly List<AssetEvent> _waiting = [];
    private readonly long[] _lastMaintenance;
    private int _firstWaiting;
    private long _lastFrame = Never;
    private bool _lateFrames;

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
        _frame = new double[plan.Channels.Length];
        _samples = new RecentSamples(plan.Channels.Length);
        _windows = [.. plan.Windows.Select(window => new WindowSet(window))];
        _lags = [.. plan.Lags.Select(lag => new LaggedValues(lag.LengthMs, [.. lag.Channels]))];
        _life = new LifeMemory(plan);
        _settledLife = new LifeMemory(plan);
        _errors = [.. plan.Errors.Select(error => new EventCount(error.LengthMs))];
        _lastMaintenance = new long[plan.Definition.Schema.Components.Count];
        Array.Fill(_lastMaintenance, Never);
    }

    /// <summary>Time of the newest frame taken; the least number before the first.</summary>
    public long NewestUnixMs => _lastFrame;

    /// <summary>Every frame up to this time is in the checkpoint, later ones are not; UTC milliseconds since 1970. The least number before
    /// the first such frame.</summary>
    public long SettledUntilUnixMs { get; private set; } = Never;

    /// <summary>Takes up where a checkpoint was made. Frames and events later than <see cref="SettledUntilUnixMs"/> are to be added again;
    /// the rows that follow are then the same, bit for bit.</summary>
    /// <param name="plan">The plan of the asset that wrote the checkpoint.</param>
    /// <param name="facts">One value for each fact of the schema.</param>
    /// <param name="checkpoint">What <see cref="Checkpoint"/> gave.</param>
    /// <exception cref="FormatException">The bytes are no checkpoint, or one of other features.</exception>
    public static AssetFeatures Restore(FeaturePlan plan, ReadOnlySpan<double> facts, ReadOnlySpan<byte> checkpoint)
    {
        var features = new AssetFeatures(plan, facts);
        int length = features.CheckpointLength;
        if (checkpoint.Length != length || checkpoint[0] != CheckpointForm)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"Not a checkpoint of these features: expected {length} bytes of form {CheckpointForm}, was {checkpoint.Length} of form {(checkpoint.IsEmpty ? -1 : checkpoint[0])}. Make the features from all frames again."));
        }

        if (!checkpoint[1..33].SequenceEqual(Convert.FromHexString(plan.Definition.Hash)))
        {
            throw new FormatException(
                $"The checkpoint is of features {Convert.ToHexStringLower(checkpoint[1..33])}, not of {plan.Definition.Hash}. Make the features from all frames again.");
        }

        features.SettledUntilUnixMs = BinaryPrimitives.ReadInt64LittleEndian(checkpoint[33..]);
        features._lastFrame = features.SettledUntilUnixMs;
        for (int i = 0; i < features._lastMaintenance.Length; i++)
        {
            features._lastMaintenance[i] = BinaryPrimitives.ReadInt64LittleEndian(checkpoint[(CheckpointHead + (8 * i))..]);
        }

        features._settledLife.Read(checkpoint[(CheckpointHead + (8 * features._lastMaintenance.Length))..]);
        features._life.CopyFrom(features._settledLife);
        return features;
    }

    /// <summary>What cannot be made again from the frames of the last <see cref="FeaturePlan.ReachMs"/>, in a compact form.</summary>
    public byte[] Checkpoint()
    {
        // An event that came late may lie before the frames that are given again.
        TakeEvents(_lastFrame);
        var bytes = new byte[CheckpointLength];
        bytes[0] = CheckpointForm;
        Convert.FromHexString(_plan.Definition.Hash).CopyTo(bytes, 1);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(33), SettledUntilUnixMs);
        for (int i = 0; i < _lastMaintenance.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(CheckpointHead + (8 * i)), _lastMaintenance[i]);
        }

        _settledLife.Write(bytes.AsSpan(CheckpointHead + (8 * _lastMaintenance.Length)));
        return bytes;
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

    /// <summary>Takes a frame in that is not judged: one that came late, or one from before the first that is judged.</summary>
    /// <param name="timeUnixMs">Event time.</param>
    /// <param name="values">One value for each signal of the schema; NaN where missing.</param>
    /// <returns>False when the frame has no effect: it came too late, or says what the one of its instant says.</returns>
    /// <exception cref="ArgumentException">The number of values is not the schema's, or the time is outside the years 1 to 9999.</exception>
    public bool Add(long timeUnixMs, ReadOnlySpan<double> values)
    {
        RequireFrame(timeUnixMs, values);
        ReadChannels(values);
        if (timeUnixMs > _lastFrame)
        {
            Append(timeUnixMs);
            return true;
        }

        if (timeUnixMs <= SettledUntilUnixMs || timeUnixMs <= _lastFrame - _plan.ReachMs || !_samples.Put(timeUnixMs, _frame))
        {
            return false;
        }

        // Worked in with the next frame, so that many late frames cost what one costs.
        _lateFrames = true;
        return true;
    }

    /// <summary>Takes the next frame in and writes its features.</summary>
    /// <param name="timeUnixMs">Event time; must be later than all frames before.</param>
    /// <param name="values">One value for each signal of the schema; NaN where missing.</param>
    /// <param name="row">Receives one value for each column of the definition.</param>
    /// <exception cref="ArgumentException">A length is wrong, time does not increase, or it is outside the years 1 to 9999.</exception>
    public void Next(long timeUnixMs, ReadOnlySpan<double> values, Span<double> row)
    {
        RequireFrame(timeUnixMs, values);
        if (row.Length != _plan.Definition.Columns.Count)
        {
            throw new ArgumentException($"The definition has {_plan.Definition.Columns.Count} columns, was {row.Length}.", nameof(row));
        }

        if (timeUnixMs <= _lastFrame)
        {
            throw new ArgumentException($"Time must increase: {timeUnixMs} ms came after {_lastFrame} ms.", nameof(timeUnixMs));
        }

        ReadChannels(values);
        Append(timeUnixMs);
        TakeEvents(timeUnixMs);
        WriteOfChannels(timeUnixMs, row);
        WriteOfAsset(timeUnixMs, row);
    }

    // An infinite or missing number is no state either.
    internal static double Indicator(double value, int state) =>
        !double.IsFinite(value) ? double.NaN : state < 0 ? value : value == state ? 1 : 0;

    private int CheckpointLength => CheckpointHead + (8 * _lastMaintenance.Length) + _settledLife.Length;

    private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;

    private void RequireFrame(long timeUnixMs, ReadOnlySpan<double> values)
    {
        if (values.Length != _plan.Definition.Schema.Signals.Count)
        {
            throw new ArgumentException($"The schema has {_plan.Definition.Schema.Signals.Count} signals, was {values.Length}.", nameof(values));
        }

        if (timeUnixMs < FirstTime || timeUnixMs > LastTime)
        {
            throw new ArgumentException($"Time must lie in the years 1 to 9999, was {timeUnixMs} ms.", nameof(timeUnixMs));
        }
    }

    private void ReadChannels(ReadOnlySpan<double> values)
    {
        int condition = _plan.Conditions?.Of(values) ?? -1;
        for (int c = 0; c < _frame.Length; c++)
        {
            (int signal, int state) = _plan.Channels[c];
            double value = Indicator(values[signal], state);
            _frame[c] = _plan.Conditions is null ? value : Finite(_plan.Conditions.Relative(signal, value, condition));
        }
    }

    private void Append(long timeUnixMs)
    {
        if (_lateFrames)
        {
            TakeAllAgain();
        }

        _lastFrame = timeUnixMs;
        while (_samples.Count > 0 && _samples.TimeAt(0) <= timeUnixMs - _plan.ReachMs)
        {
            SettledUntilUnixMs = _samples.TimeAt(0);
            _settledLife.Take(_samples.TimeAt(0), _samples.At(0));
            _samples.RemoveOldest();
        }

        _samples.Append(timeUnixMs, _frame);
        Take(_samples.Count - 1);
    }

    private void TakeAllAgain()
    {
        _lateFrames = false;
        Array.ForEach(_windows, window => window.Clear());
        Array.ForEach(_lags, lag => lag.Clear());
        _life.CopyFrom(_settledLife);
        for (int i = 0; i < _samples.Count; i++)
        {
            Take(i);
        }
    }

    private void Take(int index)
    {
        foreach (WindowSet window in _windows)
        {
            window.Take(_samples, index);
        }

        foreach (LaggedValues lag in _lags)
        {
            lag.Take(_samples, index);
        }

        _life.Take(_samples.TimeAt(index), _samples.At(index));
    }

    private void WriteOfChannels(long timeUnixMs, Span<double> row)
    {
        foreach ((int channel, int column) in _plan.Values)
        {
            row[column] = _frame[channel];
        }

        foreach (WindowSet window in _windows)
        {
            window.Write(_life, timeUnixMs, row);
        }

        for (int l = 0; l < _lags.Length; l++)
        {
            List<int> columns = _plan.Lags[l].Columns;
            for (int i = 0; i < columns.Count; i++)
            {
                row[columns[i]] = _lags[l].Of(i);
            }
        }

        for (int i = 0; i < _plan.Ewma.Length; i++)
        {
            row[_plan.Ewma[i].Column] = _life.Ewma(i, timeUnixMs);
        }
    }

    private void WriteOfAsset(long timeUnixMs, Span<double> row)
    {
        for (int e = 0; e < _errors.Length; e++)
        {
            row[_plan.Errors[e].Column] = _errors[e].At(timeUnixMs);
        }

        foreach ((int component, int column) in _plan.Maintenance)
        {
            row[column] = _lastMaintenance[component] == Never ? double.NaN : (timeUnixMs - _lastMaintenance[component]) / MsPerHour;
        }

        foreach (FeaturePlan.FactColumn fact in _plan.Facts)
        {
            row[fact.Column] = Indicator(_facts[fact.Fact], fact.State);
        }

        if (_plan.AgeColumn >= 0)
        {
            row[_plan.AgeColumn] = (timeUnixMs - _life.FirstFrame) / MsPerHour;
        }

        foreach ((FeatureKind kind, int column) in _plan.Calendar)
        {
            row[column] = Calendar(kind, timeUnixMs);
        }
    }

    private static double Calendar(FeatureKind kind, long timeUnixMs)
    {
        long day = (long)Math.Floor((double)timeUnixMs / MsPerDay);
        double hour = Math.Tau * (timeUnixMs - (day * MsPerDay)) / MsPerDay;
        // 1970 began on a Thursday, three days after a Monday.
        double dayOfWeek = Math.Tau * ((((day + 3) % 7) + 7) % 7) / 7;
        return kind switch
        {
            FeatureKind.HourSin => Math.Sin(hour),
            FeatureKind.HourCos => Math.Cos(hour),
            FeatureKind.DayOfWeekSin => Math.Sin(dayOfWeek),
            _ => Math.Cos(dayOfWeek),
        };
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
}
