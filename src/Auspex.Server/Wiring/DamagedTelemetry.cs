using System.Collections.Concurrent;

namespace Auspex.Server.Wiring;

/// <summary>Organizations whose telemetry cannot be read, as they were found.</summary>
public sealed class DamagedTelemetry
{
    private readonly ConcurrentDictionary<Guid, bool> _organizations = new();

    /// <summary>Whether there is one.</summary>
    public bool Any => !_organizations.IsEmpty;

    /// <summary>Remembers one.</summary>
    /// <returns>Whether it was not known to be.</returns>
    internal bool IsDamaged(Guid organization) => _organizations.TryAdd(organization, true);

    /// <summary>It could be read.</summary>
    internal void IsWhole(Guid organization) => _organizations.TryRemove(organization, out _);
}
