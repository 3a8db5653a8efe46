namespace Auspex.Native.LightGbm;

/// <summary>What the trees are fitted to.</summary>
public enum LightGbmObjective
{
    /// <summary>Labels 0 and 1; the raw score is the log odds.</summary>
    Binary,

    /// <summary>Any finite label, squared error; the raw score is the prediction.</summary>
    Regression,
}
