namespace Auspex.Models;

/// <summary>A model file or a tree in it breaks a rule of its format. The message names the tree, node or field, the value and the
/// rule.</summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>A broken rule, in words for the person who brought the file.</summary>
    public ModelFormatException(string message)
        : base(message)
    {
    }

    /// <summary>A broken rule that another reader found first.</summary>
    public ModelFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
