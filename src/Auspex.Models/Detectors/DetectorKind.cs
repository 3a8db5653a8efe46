namespace Auspex.Models.Detectors;

/// <summary>How a detector tells what is not normal.</summary>
public enum DetectorKind
{
    /// <summary>Principal components: how far a row lies from the middle of normal along the directions in which normal rows vary (Hotelling's T²), and how
    /// far beside them (Q, the squared prediction error).</summary>
    Pca,

    /// <summary>Isolation forest: how few random cuts set a row apart from the normal ones.</summary>
    IsolationForest,
}
