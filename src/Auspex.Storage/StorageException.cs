namespace Auspex.Storage;

/// <summary>Something outside the program keeps the storage from its work.</summary>
public class StorageException : Exception
{
    /// <summary>A message that says what is wrong and what to do.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>The same with what the database said.</summary>
    public StorageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The disk is full: what was to be written was refused as a whole, what is stored is untouched, and writing goes on once there is space.</summary>
public sealed class StorageFullException(string message, Exception inner) : StorageException(message, inner);

/// <summary>More comes in than is worked off: what was to be written was refused as a whole, and is to be sent again a little later.</summary>
public sealed class StorageBusyException(string message) : StorageException(message);

/// <summary>A write did not reach the disk. Nothing more is acknowledged by this process; a new start reads back what is durable.</summary>
public sealed class StorageFailedException(string message, Exception inner) : StorageException(message, inner);

/// <summary>Another process holds the data folder.</summary>
public sealed class FolderInUseException(string message, Exception inner) : StorageException(message, inner);
