using Auspex.Models.Package;

namespace Auspex.Flow.Predict;

/// <summary>How a model is.</summary>
public enum ModelHealth
{
    /// <summary>It answers as it was packaged to.</summary>
    Healthy,

    /// <summary>It answers other than it was packaged to, or not in time.</summary>
    Degraded,

    /// <summary>It does not load.</summary>
    Failed,
}

/// <summary>What is known of a model whether it is loaded or not: how long it took to load and to answer, and whether it can be used. Safe for many threads.</summary>
/// <remarks>Latencies are counted in steps of a quarter of their size, so a percentile is told up to 19 % too high and never too low.</remarks>
public sealed class ModelRecord
{
    // From 2^6 to 2^40 ns, four steps each.
    private const int FirstPower = 6;
    private const int Steps = (40 - FirstPower) * 4;

    private readonly int[] _latencies = new int[Steps + 1];
    private long _takes;
    private long _hits;
    private long _loads;

    internal ModelRecord(Guid organization, string version, CircuitOptions circuit, TimeProvider clock)
    {
        (Organization, Version) = (organization, version);
        Circuit = new Circuit(circuit, clock);
    }

    /// <summary>Whose model.</summary>
    public Guid Organization { get; }

    /// <summary>Which version.</summary>
    public string Version { get; }

    /// <summary>Whether it is asked at all after it failed.</summary>
    public Circuit Circuit { get; }

    /// <summary>How long the last load took; null before the first.</summary>
    public TimeSpan? LoadTime { get; private set; }

    /// <summary>Bytes it holds while it is loaded, by the last load.</summary>
    public long Bytes { get; private set; }

    /// <summary>Unit of the lives it tells; null for other tasks, and before the first load.</summary>
    public string? LifeUnit { get; private set; }

    /// <summary>When anything of it changed last; null before the first load.</summary>
    public DateTimeOffset? LastUpdated { get; private set; }

    /// <summary>How it is.</summary>
    public ModelHealth Health { get; private set; }

    /// <summary>What is wrong with it, for the log; null where nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>What is wrong with it, for its organization: without paths of the server. Null where nothing is.</summary>
    public string? ShownFault { get; private set; }

    /// <summary>How often it was asked for.</summary>
    public long Takes => Interlocked.Read(ref _takes);

    /// <summary>How often it was there when it was asked for.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>How often it was loaded.</summary>
    public long Loads => Interlocked.Read(ref _loads);

    /// <summary>Rows that it scored.</summary>
    public long Scored => _latencies.Sum(count => (long)count);

    /// <summary>Counts a row that was scored.</summary>
    public void Add(TimeSpan took)
    {
        double ns = Math.Max(took.Ticks * 100.0, 1 << FirstPower);
        Interlocked.Increment(ref _latencies[Math.Min((int)Math.Ceiling((Math.Log2(ns) - FirstPower) * 4), Steps)]);
    }

    /// <summary>Latency that a share of the rows did not exceed, in milliseconds; null before the first row.</summary>
    /// <param name="share">0 to 1.</param>
    public double? Latency(double share)
    {
        long all = Scored;
        if (all == 0)
        {
            return null;
        }

        long sought = Math.Max(1, (long)Math.Ceiling(share * all));
        int step = 0;
        for (long seen = _latencies[0]; seen < sought && step < Steps; seen += _latencies[step])
        {
            step++;
        }

        return Math.Pow(2, FirstPower + (step / 4.0)) / 1e6;
    }

    internal void Taken(bool wasThere)
    {
        Interlocked.Increment(ref _takes);
        if (wasThere)
        {
            Interlocked.Increment(ref _hits);
        }
    }

    internal void Loaded(LiveModel model, TimeSpan took, DateTimeOffset now)
    {
        Interlocked.Increment(ref _loads);
        (LoadTime, Bytes, LifeUnit, LastUpdated, Health, Fault, ShownFault) = (took, model.Bytes, model.LifeUnit, now, ModelHealth.Healthy, null, null);
        Circuit.Succeeded();
    }

    internal void Checked(string? fault, DateTimeOffset now)
    {
        (Health, Fault, LastUpdated) = (fault is null ? ModelHealth.Healthy : ModelHealth.Degraded, fault, now);
        ShownFault = fault is null ? null : $"It does not answer as it was packaged to: {fault}. Deploy another version, or have the server started again.";
    }

    internal void Failed(Exception fault, DateTimeOffset now)
    {
        (Health, Fault, LastUpdated) = (ModelHealth.Failed, fault.Message, now);
        // What a package says of itself is its organization's; what the disk says is not.
        ShownFault = fault is ModelPackageException ? fault.Message : "It does not load; the server's log says why. Restore it from a backup, deploy another version, or add it again.";
        Circuit.Failed();
    }
}
