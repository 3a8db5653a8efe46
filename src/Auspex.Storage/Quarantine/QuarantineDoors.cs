namespace Auspex.Storage.Quarantine;

/// <summary>How rows come in.</summary>
public static class QuarantineDoors
{
    /// <summary>JSON over HTTP.</summary>
    public const string Http = "http";

    /// <summary>Line protocol.</summary>
    public const string Lines = "line";
}
