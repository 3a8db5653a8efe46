namespace Auspex.Flow;

/// <summary>How the live line is.</summary>
public enum LineState
{
    /// <summary>It has not looked for organizations yet.</summary>
    Starting,

    /// <summary>Frames are judged as they come.</summary>
    Ready,

    /// <summary>An active model is not loaded: frames of its organization are not judged by it.</summary>
    Degraded,

    /// <summary>Frames of a partition wait for more than a minute.</summary>
    Behind,
}
