namespace Auspex.Core.Signals;

/// <summary>How far a value can be trusted. The numbers are stored; they are never given another meaning.</summary>
public enum Quality : byte
{
    /// <summary>As measured.</summary>
    Good = 0,

    /// <summary>Measured, but the source doubts it.</summary>
    Uncertain = 1,

    /// <summary>Not to be used. A missing measurement is NaN with this quality.</summary>
    Bad = 2,

    /// <summary>The frame does not hold the signal; the value beside it is NaN.</summary>
    Absent = 3,
}
