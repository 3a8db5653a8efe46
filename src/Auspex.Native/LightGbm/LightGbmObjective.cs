namespace Auspex.Native.LightGbm;

/// <summary>What the trees are fitted to.</summary>
public enum LightGbmObjective
{
    /// <summary>Labels 0 and 1; the raw score is the log odds.</summary>
    Binary,

    /// <summary>Any finite label, squared error; the raw score is the prediction.</summary>
    Regression,

    /// <summary>Any finite label, pinball loss; the raw score is the value that <see cref="LightGbmParameters.Alpha"/> of the labels lie below.</summary>
    Quantile,

    /// <summary>Labels 0 to <see cref="LightGbmParameters.ClassCount"/> - 1; one raw score a class, the softmax of which are the probabilities.</summary>
    Multiclass,
}
