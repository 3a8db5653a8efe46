using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Wiring;

/// <summary>What a caller is told when a change of the tree is refused.</summary>
internal static class TreeRefusals
{
    /// <summary>What became of a change of one node.</summary>
    internal static Results<NoContent, NotFound, ProblemHttpResult> Answer(TreeRefusal refusal, string kind) => refusal switch
    {
        TreeRefusal.None => TypedResults.NoContent(),
        TreeRefusal.Unknown => TypedResults.NotFound(),
        _ => Problem(refusal, kind),
    };

    internal static ProblemHttpResult Problem(TreeRefusal refusal, string kind) => refusal switch
    {
        TreeRefusal.Changed => Revisions.Changed(),
        TreeRefusal.ParentUnknown => Said("parentId: there is no such site, area, line or asset.", StatusCodes.Status422UnprocessableEntity),
        TreeRefusal.ParentUnfit => Said(
            $"parentId: {Word(kind)} stands {Places(kind)}.",
            StatusCodes.Status422UnprocessableEntity),
        TreeRefusal.Cycle => Said("parentId: it stands in what is to be moved.", StatusCodes.Status409Conflict),
        TreeRefusal.TooDeep => Said($"parentId: there it would stand deeper than {TreeStore.MostLevels} levels.", StatusCodes.Status422UnprocessableEntity),
        TreeRefusal.NameTaken => Said("name: something beside it has this name already; case does not count.", StatusCodes.Status409Conflict),
        TreeRefusal.ExternalNameTaken => Said("externalName: another asset has it already.", StatusCodes.Status409Conflict),
        TreeRefusal.NotEmpty => Said(
            "Something stands in it or was recorded of it. Move that first, or send ?subtree=true to remove it too.", StatusCodes.Status409Conflict),
        _ => throw new System.Diagnostics.UnreachableException($"bug: {refusal} is no refusal"),
    };

    private static ProblemHttpResult Said(string detail, int status) => TypedResults.Problem(detail, statusCode: status);

    private static string Word(string kind) => kind is TreeKinds.Area or TreeKinds.Asset ? $"an {kind}" : $"a {kind}";

    private static string Places(string kind) => kind switch
    {
        TreeKinds.Site => "at the top, in nothing",
        TreeKinds.Asset => "in a site, area, line or asset",
        _ => "in a site or an area",
    };
}
