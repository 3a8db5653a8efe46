namespace Auspex.Native.LightGbm;

/// <summary>How the trees of a model work together.</summary>
public enum LightGbmBoosting
{
    /// <summary>Each tree corrects those before it; the score is their sum.</summary>
    Gradient,

    /// <summary>Each tree learns the labels from its own draw of rows or columns; the score is their mean. The learning rate has no effect.</summary>
    RandomForest,
}
