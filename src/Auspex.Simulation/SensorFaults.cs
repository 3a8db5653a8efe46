using Auspex.Core.Signals;

namespace Auspex.Simulation;

/// <summary>What goes wrong between an asset and its records: frames that do not come, readings that are missing, stuck or spiked.</summary>
/// <param name="signals">Signals of the frames. States are never distorted but may be missing; only continuous readings stick or spike.</param>
/// <param name="rate">Times the usual.</param>
/// <param name="random">The asset's stream.</param>
internal sealed class SensorFaults(IReadOnlyList<SignalDefinition> signals, double rate, SeededRandom random)
{
    private const double SilencesPerDay = 0.5; // two to twenty minutes without a frame
    private const double StuckPerDay = 0.3; // one signal that tells the same for five to sixty minutes
    private const double LostShare = 0.002; // of the frames
    private const double MissingShare = 0.003; // of the readings
    private const double SpikeShare = 0.00004; // of the readings

    private readonly bool[] _distorts = [.. signals.Select(signal => signal is { Kind: SignalKind.Continuous, Role: SignalRole.Reading })];
    private readonly double _missing = MissingShare * rate;
    private readonly double _missingOrSpiked = (MissingShare + SpikeShare) * rate;
    private double _silentSeconds;
    private double _stuckSeconds;
    private int _stuck = -1;
    private double _stuckValue = double.NaN;

    /// <summary>Distorts one frame in place.</summary>
    /// <returns>False when the frame does not come at all.</returns>
    internal bool Distort(Span<double> values, double seconds)
    {
        if (rate == 0)
        {
            return true;
        }

        _silentSeconds -= seconds;
        if (random.Chance(SilencesPerDay * rate * seconds / 86_400))
        {
            _silentSeconds = random.Uniform(120, 1_200);
        }

        _stuckSeconds -= seconds;
        if (_stuckSeconds <= 0)
        {
            _stuck = -1;
            if (random.Chance(StuckPerDay * rate * seconds / 86_400))
            {
                _stuck = (int)random.Uniform(0, values.Length);
                _stuckSeconds = random.Uniform(300, 3_600);
                _stuckValue = values[_stuck];
            }
        }

        for (int signal = 0; signal < values.Length; signal++)
        {
            double draw = random.Uniform();
            if (draw < _missing)
            {
                values[signal] = double.NaN;
            }
            else if (draw < _missingOrSpiked && _distorts[signal])
            {
                values[signal] *= random.Chance(0.5) ? random.Uniform(1.3, 3) : random.Uniform(0, 0.7);
            }
            else if (signal == _stuck && _distorts[signal])
            {
                values[signal] = _stuckValue;
            }
        }

        return _silentSeconds <= 0 && !random.Chance(LostShare * rate);
    }
}
