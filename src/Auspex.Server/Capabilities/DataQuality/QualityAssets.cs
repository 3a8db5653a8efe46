using Auspex.Storage.Db;

namespace Auspex.Server.Capabilities.DataQuality;

/// <summary>An asset that a report goes through.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">As people call it.</param>
/// <param name="AssetClass">Its class.</param>
/// <param name="Key">What its frames are kept under.</param>
internal sealed record ReportedAsset(string Id, string Name, string? AssetClass, string Key)
{
    // By properties: SQLite says no type of a column that holds nothing.
    private ReportedAsset()
        : this("", "", null, "")
    {
    }
}

/// <summary>The assets of an organization with the keys of their frames.</summary>
internal static class QualityAssets
{
    private const string Assets = """
        select a.id as Id, a.name as Name, a.asset_class as AssetClass, coalesce(k.name, a.id) as Key
        from tree_node a left join frame_name k on k.organization = @organization and k.asset = a.id and k.kind = 'key'
        where a.organization = @organization and a.kind = 'asset' and (@assetClass = '' or a.asset_class = @assetClass) order by a.id
        """;

    internal static Task<IReadOnlyList<ReportedAsset>> OfAsync(OrganizationDb db, string assetClass, CancellationToken ct) =>
        db.QueryAsync<ReportedAsset>(Assets, new { assetClass }, ct);
}
