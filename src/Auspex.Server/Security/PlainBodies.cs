namespace Auspex.Server.Security;

/// <summary>Takes bodies as they are: a compressed one might be a thousand times what it looks.</summary>
internal static class PlainBodies
{
    internal static Task OnlyAsync(HttpContext context, RequestDelegate next)
    {
        string encoding = context.Request.Headers.ContentEncoding.ToString();
        return encoding is "" or "identity" || context.GetEndpoint()?.Metadata.GetMetadata<UnpacksBodies>() is not null
            ? next(context)
            : TypedResults.Problem(
                "Content-Encoding: bodies are taken uncompressed; leave it out and send the body as it is.", statusCode: StatusCodes.Status415UnsupportedMediaType).ExecuteAsync(context);
    }
}

/// <summary>On a route that unpacks compressed bodies itself, within a limit.</summary>
internal sealed class UnpacksBodies;
