namespace Auspex.Cli;

/// <summary>What the process says to the shell.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Something outside the input failed: a disk, a missing library, a bug.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The description or the data were refused.</summary>
    public const int DataRefused = 3;

    /// <summary>A model or package was refused.</summary>
    public const int ModelRefused = 4;

    /// <summary>A data folder, its key, its database or its audit log was refused.</summary>
    public const int StorageRefused = 5;

    /// <summary>Interrupted by a signal; nothing half-written is left.</summary>
    public const int Interrupted = 130;
}
