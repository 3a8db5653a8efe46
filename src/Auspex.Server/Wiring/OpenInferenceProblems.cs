namespace Auspex.Server.Wiring;

/// <summary>Refusals under /v2 in the form of the Open Inference Protocol: <c>{"error": …}</c>, whoever refuses.</summary>
internal sealed class OpenInferenceProblems : IProblemDetailsWriter
{
    /// <summary>Where the protocol begins.</summary>
    public const string Prefix = "/v2";

    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal);

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        HttpResponse response = context.HttpContext.Response;
        response.StatusCode = context.ProblemDetails.Status ?? response.StatusCode;
        await response.WriteAsJsonAsync(
            new OpenInferenceError(context.ProblemDetails.Detail ?? context.ProblemDetails.Title ?? "The request failed."), context.HttpContext.RequestAborted).ConfigureAwait(false);
    }
}

/// <summary>How the Open Inference Protocol says that something failed.</summary>
public sealed record OpenInferenceError(string Error);
