namespace Auspex.Cli;

/// <summary>Options that are well written each, but cannot be meant together or with what they name.</summary>
internal sealed class UsageException(string message) : Exception(message);
