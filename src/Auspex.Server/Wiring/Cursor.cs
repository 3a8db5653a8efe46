using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Auspex.Server.Wiring;

/// <summary>Where the next page begins: behind a value of the order, then behind an id. Opaque to callers.</summary>
/// <param name="Sort">The order it was given for.</param>
/// <param name="Text">Value of the order where it is a text; empty else.</param>
/// <param name="Number">Value of the order where it is a number; 0 else.</param>
/// <param name="Id">Id of the last row.</param>
internal sealed record Cursor(string Sort, string Text, long Number, string Id)
{
    private const int MostLength = 2_000;

    /// <summary>Before the first page.</summary>
    internal static Cursor Start(string sort) => new(sort, "", 0, "");

    /// <summary>As a caller gets it.</summary>
    public override string ToString() => WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));

    /// <summary>Reads one; null where it was not given for this order.</summary>
    internal static Cursor? Read(string? text, string sort)
    {
        if (string.IsNullOrEmpty(text))
        {
            return Start(sort);
        }

        try
        {
            return text.Length <= MostLength
                && JsonSerializer.Deserialize<Cursor>(Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(text)), JsonSerializerOptions.Web) is { Text: not null, Id: not null } cursor
                && cursor.Sort == sort ? cursor : null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The cursor is none of this list and order.</summary>
    internal static ProblemHttpResult Fault() => TypedResults.Problem(
        "cursor: it is none of this list in this order; take the next of the page before, or leave it out to begin.", statusCode: StatusCodes.Status400BadRequest);
}
