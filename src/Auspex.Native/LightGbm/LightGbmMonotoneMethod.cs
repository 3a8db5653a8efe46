namespace Auspex.Native.LightGbm;

/// <summary>How hard LightGBM looks for splits that keep to the monotone constraints; all methods keep to them.</summary>
public enum LightGbmMonotoneMethod
{
    /// <summary>Fast; forbids splits that would have been harmless.</summary>
    Basic,

    /// <summary>Slower; forbids no more splits than it must. Needs every column at every node.</summary>
    Advanced,
}
