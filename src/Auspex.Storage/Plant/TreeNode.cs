namespace Auspex.Storage.Plant;

/// <summary>A site, area, line or asset.</summary>
/// <param name="Id">Stable for life, wherever it is moved.</param>
/// <param name="Parent">What it stands under; null for a site.</param>
/// <param name="Kind">One of <see cref="TreeKinds"/>.</param>
/// <param name="Name">As shown; unique among siblings, whatever its case.</param>
/// <param name="ExternalName">As sources call the asset; unique in the organization; null where they do not.</param>
/// <param name="AssetClass">What the asset is one of, such as <c>furnace</c>; null where nobody said.</param>
/// <param name="Facts">Constants of the asset, a JSON object of numbers, texts and booleans.</param>
/// <param name="Revision">1, 2, 3 …; grows with each change.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it was changed last.</param>
public sealed record TreeNode(
    string Id, string? Parent, string Kind, string Name, string? ExternalName, string? AssetClass, string Facts, long Revision, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A place a node was moved from and to.</summary>
/// <param name="FromParent">Id of the parent before; it may be gone.</param>
/// <param name="FromPath">Names from the site down to it, as they were.</param>
/// <param name="ToParent">Id of the parent after.</param>
/// <param name="ToPath">Names from the site down to it, as they were.</param>
/// <param name="MovedAt">When.</param>
/// <param name="MovedBy">By whom.</param>
public sealed record TreeMove(string FromParent, string FromPath, string ToParent, string ToPath, DateTimeOffset MovedAt, string MovedBy);

/// <summary>Kinds of nodes (ISA-95), from the top down.</summary>
public static class TreeKinds
{
    /// <summary>Stands at the top.</summary>
    public const string Site = "site";

    /// <summary>Stands in a site or an area.</summary>
    public const string Area = "area";

    /// <summary>Stands in a site or an area.</summary>
    public const string Line = "line";

    /// <summary>Stands in anything, also in an asset.</summary>
    public const string Asset = "asset";

    /// <summary>Whether one kind may stand in another.</summary>
    public static bool MayStandIn(string kind, string parent) => kind switch
    {
        Area or Line => parent is Site or Area,
        Asset => parent is Site or Area or Line or Asset,
        _ => false,
    };
}

/// <summary>Why a change of the tree was refused.</summary>
public enum TreeRefusal
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>There is no such node in this organization.</summary>
    Unknown,

    /// <summary>It was changed since the caller saw it.</summary>
    Changed,

    /// <summary>There is no such parent in this organization.</summary>
    ParentUnknown,

    /// <summary>A node of this kind cannot stand in one of that.</summary>
    ParentUnfit,

    /// <summary>It would stand in itself.</summary>
    Cycle,

    /// <summary>It would stand deeper than <see cref="TreeStore.MostLevels"/>.</summary>
    TooDeep,

    /// <summary>A sibling has the name.</summary>
    NameTaken,

    /// <summary>Another asset has the external name.</summary>
    ExternalNameTaken,

    /// <summary>Something stands in it or was recorded of it, and the caller did not ask to remove that too.</summary>
    NotEmpty,
}
