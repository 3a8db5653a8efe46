namespace Auspex.Native;

/// <summary>A native library was not found, could not be loaded, or is too old. The message says where was looked and what to do.</summary>
public sealed class NativeLibraryMissingException(string message) : Exception(message);
