namespace Auspex.Architecture.Tests;

/// <summary>Which room may use which: the table of <c>docs/architecture.md</c>.</summary>
internal static class RoomRule
{
    private const string Core = "Auspex.Core";
    private const string Features = "Auspex.Features";
    private const string Models = "Auspex.Models";
    private const string Native = "Auspex.Native";
    private const string Storage = "Auspex.Storage";
    private const string Flow = "Auspex.Flow";
    private const string Learning = "Auspex.Learning";
    private const string Insight = "Auspex.Insight";
    private const string Simulation = "Auspex.Simulation";
    private const string Server = "Auspex.Server";
    private const string Cli = "Auspex.Cli";

    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        [Core] = [],
        [Features] = [Core],
        [Models] = [Core],
        [Native] = [Core],
        [Storage] = [Core],
        [Flow] = [Core, Features, Models, Storage, Native],
        [Learning] = [Core, Features, Models, Storage, Native],
        [Insight] = [Core, Storage],
        [Simulation] = [Core],
        [Server] = [Core, Features, Models, Storage, Flow, Insight, Simulation],
        [Cli] = [Core, Features, Models, Native, Storage, Flow, Learning, Insight, Simulation, Server],
    };

    /// <summary>What is wrong with one room's references, packages and unsafe code.</summary>
    public static IEnumerable<string> Violations(Room room)
    {
        if (!MayUse.TryGetValue(room.Name, out string[]? allowed))
        {
            yield return $"{room.Name} is no room of the table";
            yield break;
        }

        foreach (string reference in room.References.Except(allowed))
        {
            yield return $"{room.Name} may not use {reference}";
        }

        foreach (string package in room.Name == Core ? room.Packages : [])
        {
            yield return $"{room.Name} uses the base library only, not {package}";
        }

        if (room.AllowsUnsafe && room.Name != Native)
        {
            yield return $"{room.Name} allows unsafe code; only {Native} may";
        }
    }
}
