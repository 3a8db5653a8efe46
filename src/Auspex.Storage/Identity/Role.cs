namespace Auspex.Storage.Identity;

/// <summary>What a member of an organization may do; each role may do what those before it may.</summary>
public enum Role
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Acknowledges, shelves, comments, records events and work orders.</summary>
    Operator,

    /// <summary>Changes rules, mappings and data sources, runs backtests, starts trainings.</summary>
    Engineer,

    /// <summary>Deploys, manages users, keys, channels, configuration, export.</summary>
    Admin,
}

/// <summary>Roles as they stand in the database and in the API.</summary>
public static class Roles
{
    /// <summary>Lower-case name.</summary>
    public static string Name(this Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Operator => "operator",
        Role.Engineer => "engineer",
        Role.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "is no role"),
    };

    /// <summary>The role of a name; null where it is none.</summary>
    public static Role? Parse(string? name) => name switch
    {
        "viewer" => Role.Viewer,
        "operator" => Role.Operator,
        "engineer" => Role.Engineer,
        "admin" => Role.Admin,
        _ => null,
    };
}
