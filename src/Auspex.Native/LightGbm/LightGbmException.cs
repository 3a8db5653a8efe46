namespace Auspex.Native.LightGbm;

/// <summary>LightGBM refused a call; the message is its own, cut by it at 511 bytes.</summary>
public sealed class LightGbmException(string message) : Exception(message);
