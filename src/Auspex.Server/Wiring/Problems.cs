using System.Text.Json;
using Auspex.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace Auspex.Server.Wiring;

/// <summary>What a caller is told when a request fails: problem details (RFC 9457) with the trace id, naming what was wrong where the caller can mend it, and
/// nothing of the inside where not.</summary>
internal sealed partial class Problems(IProblemDetailsService details, ILogger<Problems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            return true; // nobody listens
        }

        (int status, string? detail) = exception switch
        {
            BadHttpRequestException { InnerException: JsonException json } => (StatusCodes.Status400BadRequest, Sentence(json)),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            StorageFullException => (StatusCodes.Status507InsufficientStorage, "The server's disk is full. Nothing of this request was stored; try again once there is space."),
            StorageBusyException busy => (StatusCodes.Status503ServiceUnavailable, busy.Message),
            StorageException => (StatusCodes.Status503ServiceUnavailable, "The server's database does not answer. Nothing of this request was stored."),
            _ => (StatusCodes.Status500InternalServerError, "Something failed inside. The trace id finds it in the server's log."),
        };
        if (exception is StorageBusyException)
        {
            context.Response.Headers.RetryAfter = "1";
        }
        else if (status >= StatusCodes.Status500InternalServerError)
        {
            LogFailed(exception, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "");
        }

        context.Response.StatusCode = status;
        return await details.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = { Status = status, Detail = detail },
        }).ConfigureAwait(false);
    }

    // The serializer names the .NET type; what counts is the place and the fault.
    private static string Sentence(JsonException json)
    {
        string message = json.Message;
        int type = message.IndexOf(", included on", StringComparison.Ordinal);
        return $"The body cannot be read: {(type >= 0 ? message[..type] : message.Split(" Path:")[0])} (at {json.Path ?? "$"}, line {json.LineNumber + 1}).";
    }

    [LoggerMessage(8001, LogLevel.Error, "{Method} {Endpoint} failed")]
    private partial void LogFailed(Exception exception, string method, string endpoint);
}
