using System.ComponentModel.DataAnnotations;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Assets;

/// <summary>The organization's assets, a page at a time: filtered, searched, in one of the orders of a list.</summary>
internal static class ListAssets
{
    private const string Chosen = """
        with recursive below (id) as (
          select id from tree_node where organization = @organization and id = @under
          union all
          select n.id from tree_node n join below b on n.parent = b.id where n.organization = @organization
        )
        select a.id as Id, a.parent as Parent, a.kind as Kind, a.name as Name, a.external_name as ExternalName, a.asset_class as AssetClass, a.facts as Facts,
          a.revision as Revision, a.created_at as CreatedAt, a.updated_at as UpdatedAt
        from tree_node a where a.organization = @organization and a.kind = 'asset'
          and (@under = '' or a.id in (select id from below))
          and (@assetClass = '' or a.asset_class = @assetClass) and (@externalName = '' or a.external_name = @externalName)
          and (@search = '' or a.key_name like @search escape '!' or upper(a.external_name) like @search escape '!')
        """;

    private const string ByName = $"{Chosen} and (@afterId = '' or (a.key_name, a.id) > (@after, @afterId)) order by a.key_name, a.id limit @most";

    private const string ByNameDown = $"{Chosen} and (@afterId = '' or (a.key_name, a.id) < (@after, @afterId)) order by a.key_name desc, a.id desc limit @most";

    private const string ByCreation = $"{Chosen} and (@afterId = '' or (a.created_at, a.id) > (@afterNumber, @afterId)) order by a.created_at, a.id limit @most";

    private const string ByCreationDown =
        $"{Chosen} and (@afterId = '' or (a.created_at, a.id) < (@afterNumber, @afterId)) order by a.created_at desc, a.id desc limit @most";

    private static readonly Dictionary<string, string> Orders = new(StringComparer.Ordinal)
    {
        ["name"] = ByName,
        ["-name"] = ByNameDown,
        ["createdAt"] = ByCreation,
        ["-createdAt"] = ByCreationDown,
    };

    internal static async Task<Results<Ok<AssetsApi.Page>, ProblemHttpResult>> HandleAsync(
        OrganizationDb db, CancellationToken ct, string sort = "name", Guid? under = null, [StringLength(120)] string? assetClass = null,
        [StringLength(200)] string? externalName = null, [StringLength(120)] string? search = null, string? cursor = null, [Range(1, 1000)] int limit = 100)
    {
        if (!Orders.TryGetValue(sort, out string? sql))
        {
            return TypedResults.Problem(
                $"sort: '{PlainTextAttribute.Shown(sort)}' is none; it is one of {string.Join(", ", Orders.Keys)}.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (Cursor.Read(cursor, sort) is not { } from)
        {
            return Cursor.Fault();
        }

        IReadOnlyList<TreeNode> rows = await db.QueryAsync<TreeNode>(
            sql,
            new
            {
                under = under?.ToString() ?? "",
                assetClass = assetClass ?? "",
                externalName = externalName ?? "",
                search = string.IsNullOrWhiteSpace(search) ? "" : $"%{Escaped(TreeStore.KeyOf(search.Trim()))}%",
                after = from.Text,
                afterNumber = from.Number,
                afterId = from.Id,
                most = limit + 1,
            },
            ct).ConfigureAwait(false);
        AssetsApi.Asset[] items = [.. rows.Take(limit).Select(AssetsApi.Shown)];
        return TypedResults.Ok(new AssetsApi.Page(items, rows.Count > limit ? Behind(rows[limit - 1], sort).ToString() : null));
    }

    private static Cursor Behind(TreeNode last, string sort) => sort.EndsWith("name", StringComparison.Ordinal)
        ? new Cursor(sort, TreeStore.KeyOf(last.Name), 0, last.Id)
        : new Cursor(sort, "", last.CreatedAt.ToUnixTimeMilliseconds(), last.Id);

    private static string Escaped(string text) =>
        text.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal);
}
