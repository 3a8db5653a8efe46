using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Auspex.Server.Wiring;

/// <summary>Revisions as entity tags (RFC 9110): what a caller read, and what it therefore means to change.</summary>
internal static class Revisions
{
    // A tag that is none of ours fits no revision.
    private const long NoRevision = -1;

    /// <summary>The revision the caller wants to change, of If-Match; null where it takes any.</summary>
    internal static long? Expected(HttpRequest request) => request.Headers.IfMatch.ToString() switch
    {
        "" or "*" => null,
        string text => EntityTagHeaderValue.TryParse(text, out EntityTagHeaderValue? tag) && !tag.IsWeak
            && long.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long revision) ? revision : NoRevision,
    };

    /// <summary>Tells the revision of what is answered.</summary>
    internal static void Tell(HttpResponse response, long revision) => response.Headers.ETag = $"\"{revision}\"";

    /// <summary>It was changed since the caller read it.</summary>
    internal static ProblemHttpResult Changed() => TypedResults.Problem(
        "If-Match: it was changed since; read it again and decide anew.", statusCode: StatusCodes.Status412PreconditionFailed);
}
