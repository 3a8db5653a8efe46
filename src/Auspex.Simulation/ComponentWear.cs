using Auspex.Core.Assets;

namespace Auspex.Simulation;

/// <summary>Wear of one component of a plant that is stepped, as what its degradation does to the asset: level 0 is sound, 1 has failed.</summary>
/// <remarks>
/// A sound life is Weibull of shape 1.6: wear-out, so that renewing in time helps. It ends in one of three ways: the component fails without a
/// sign; it degrades until it fails; it degrades some of the way and recovers. A degradation is incipient first, for one to twenty minutes, and then
/// runs away within seven to eleven minutes: the interval from the first sign to the failure of Nowlan and Heap (1978), compressed to what a watch of
/// minutes can use. Within both the level grows as a gamma process (van Noortwijk 2009). What heals turns back before or at the point from
/// which others run away, so that an early level does not tell which it is.
/// </remarks>
internal sealed class ComponentWear
{
    private const double LifeShape = 1.6;
    private const double MeanOfShape = 0.89657; // Γ(1 + 1 / 1.6)
    private const double IncrementShape = 6; // of the gamma process, per step of 30 s

    private readonly LivePlantOptions _options;
    private readonly SeededRandom _random;
    private readonly double _meanSoundSeconds;
    private Phase _phase;
    private double _soundSeconds;
    private bool _heals;
    private double _turn; // level at which an incipient degradation runs away or turns back
    private double _incipientSeconds;
    private double _finalSeconds;
    private double _fadingSeconds;

    /// <param name="component">Its name.</param>
    /// <param name="components">How many components share the failures of the asset.</param>
    /// <param name="options">Rates and shares.</param>
    /// <param name="random">The asset's stream.</param>
    internal ComponentWear(string component, int components, LivePlantOptions options, SeededRandom random)
    {
        Component = component;
        _options = options;
        _random = random;

        // Of all sound lives these end in a failure; an asset is at full work for about two thirds of a week.
        double failing = FailingShare;
        double failuresPerSecond = options.FailuresPerAssetWeek / (7 * 86_400) / components;
        double workShare = 0.65;
        _meanSoundSeconds = random.LogNormal(workShare * failing / failuresPerSecond, 0.3);
        Renew();
        _soundSeconds *= random.Uniform(0.1, 1); // a plant is not new on its first day
    }

    private enum Phase
    {
        Sound,
        Incipient,
        Final,
        Fading,
        Failed,
    }

    internal string Component { get; }

    /// <summary>0 sound to 1 failed.</summary>
    internal double Level { get; private set; }

    internal bool HasFailed => _phase == Phase.Failed;

    /// <summary>When the present degradation began; null while sound, and for a sudden failure.</summary>
    internal long? OnsetUnixMs { get; private set; }

    private double FailingShare => 1 / (1 + ((1 - _options.SuddenShare) * _options.HealedShare / (1 - _options.HealedShare)));

    /// <summary>A new life.</summary>
    internal void Renew()
    {
        _phase = Phase.Sound;
        Level = 0;
        OnsetUnixMs = null;
        _soundSeconds = _meanSoundSeconds / MeanOfShape * Math.Pow(-Math.Log(1 - _random.Uniform()), 1 / LifeShape);
    }

    /// <summary>Works for a while.</summary>
    /// <param name="asset">Whose it is, for the truth.</param>
    /// <param name="nowUnixMs">Beginning of the while.</param>
    /// <param name="seconds">Length of the while.</param>
    /// <param name="stress">1 at full work.</param>
    /// <param name="truth">Takes what healed.</param>
    internal void Advance(AssetId asset, long nowUnixMs, double seconds, double stress, SimulatedTruth truth)
    {
        switch (_phase)
        {
            case Phase.Sound:
                _soundSeconds -= seconds * stress;
                if (_soundSeconds <= 0)
                {
                    EndSound(nowUnixMs);
                }

                break;
            case Phase.Incipient:
                Level += Increment(_turn * seconds / _incipientSeconds);
                if (Level >= _turn)
                {
                    _phase = _heals ? Phase.Fading : Phase.Final;
                }

                break;
            case Phase.Final:
                Level += Increment((1 - _turn) * seconds / _finalSeconds);
                if (Level >= 1)
                {
                    Level = 1;
                    _phase = Phase.Failed;
                }

                break;
            case Phase.Fading:
                Level *= Math.Exp(-seconds / _fadingSeconds);
                if (Level < 0.03)
                {
                    truth.Add(new SimulatedPrecursor(asset, Component, OnsetUnixMs!.Value, nowUnixMs, PrecursorEnd.Healed));
                    Renew();
                }

                break;
        }
    }

    private void EndSound(long nowUnixMs)
    {
        double draw = _random.Uniform();
        if (draw < FailingShare * _options.SuddenShare)
        {
            _phase = Phase.Failed;
            return;
        }

        _phase = Phase.Incipient;
        OnsetUnixMs = nowUnixMs;
        _heals = draw >= FailingShare;
        _turn = _heals ? _random.Uniform(0.10, 0.27) : _random.Uniform(0.26, 0.36);
        _incipientSeconds = Math.Clamp(_random.LogNormal(300, 0.6), 60, 1_200);
        _finalSeconds = Math.Clamp(_random.LogNormal(545, 0.08), 450, 630);
        _fadingSeconds = _random.Uniform(120, 400);
    }

    private double Increment(double mean) => _random.Gamma(IncrementShape, mean / IncrementShape);
}
