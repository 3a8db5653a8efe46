namespace Auspex.Flow;

/// <summary>How the live line is.</summary>
public enum LineState
{
    /// <summary>It has not looked for organizations yet.</summary>
    Starting,

    /// <summary>Frames are judged as they come.</summary>
    Ready,

    /// <summary>The installation judges by rules only.</summary>
    Off,

    /// <summary>An active model cannot be used: frames of its organization are not judged by it, or not as they should be.</summary>
    Degraded,

    /// <summary>Frames of a partition wait for more than a minute.</summary>
    Behind,
}
