namespace Auspex.Simulation.Furnace;

/// <summary>What the furnace is asked to do: one job after another, more by day than by night, less at the weekend.</summary>
internal sealed class ProductionPlan(SeededRandom random)
{
    private double _jobEndsDays = double.NegativeInfinity;
    private double _jobShare;

    /// <summary>Share of the rated throughput, 0 to about 1.05.</summary>
    internal double LoadShare { get; private set; }

    /// <summary>Set point of the holding zone, °C: hardening temperatures of common steels lie between 820 and 900 °C.</summary>
    internal double SetPoint { get; private set; }

    /// <summary>Belt speed set for the job, mm/s: some four hours through a furnace of 40 m.</summary>
    internal double BeltSpeed { get; private set; }

    /// <summary>Moves to an instant.</summary>
    /// <param name="days">Days since the start of the history.</param>
    /// <param name="local">The same instant on the plant's clock.</param>
    /// <returns>True when a new job begins.</returns>
    internal bool MoveTo(double days, DateTimeOffset local)
    {
        bool newJob = days >= _jobEndsDays;
        if (newJob)
        {
            _jobEndsDays = days + random.Uniform(3.0 / 24, 10.0 / 24);
            _jobShare = random.Uniform(0.75, 1.05);
            SetPoint = 840 + (20 * Math.Floor(random.Uniform(0, 3)));
            BeltSpeed = Math.Round(random.Uniform(2.2, 3.4), 1);
        }

        bool weekend = local.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
        double shift = (weekend, local.Hour) switch
        {
            (true, _) => 0.5,
            (false, >= 6 and < 22) => 1,
            _ => 0.75,
        };
        LoadShare = shift * _jobShare;
        return newJob;
    }
}
