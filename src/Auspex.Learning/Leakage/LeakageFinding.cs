namespace Auspex.Learning.Leakage;

/// <summary>How a feature may know what it cannot know when a model is in use.</summary>
public enum LeakageForm
{
    /// <summary>It is the label, moved by a row or not at all.</summary>
    ShiftedLabel,

    /// <summary>It is another signal, ahead of its time.</summary>
    FutureValue,

    /// <summary>It begins exactly where the label begins: a cause, mode or consequence written down because of the failure.</summary>
    CauseColumn,

    /// <summary>It tells assets apart and nothing else: a number, code or position in the file, which a model learns by heart.</summary>
    Identifier,

    /// <summary>Its values are the mean labels of the rows that have them.</summary>
    TargetEncoding,
}

/// <summary>One feature that looks like a leak.</summary>
/// <param name="Feature">Name of the feature.</param>
/// <param name="Form">What it looks like.</param>
/// <param name="Evidence">A sentence with the numbers it was found by.</param>
public sealed record LeakageFinding(string Feature, LeakageForm Form, string Evidence);
