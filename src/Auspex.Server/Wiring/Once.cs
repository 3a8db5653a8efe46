using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Storage.Db;
using Auspex.Storage.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Auspex.Server.Wiring;

/// <summary>What became of a create.</summary>
/// <typeparam name="T">What was made, as it is answered.</typeparam>
internal abstract record Made<T>
{
    private Made()
    {
    }

    /// <summary>It was made.</summary>
    internal sealed record As(T Value, string Location, long Revision) : Made<T>;

    /// <summary>It was not, and nothing was stored.</summary>
    internal sealed record Refused(ProblemHttpResult Why) : Made<T>;
}

/// <summary>Creates that may be sent again: with the header Idempotency-Key the same request is answered for a day as it was the first time, and makes nothing anew.
/// The answer is stored in the transaction of what it tells of.</summary>
/// <param name="context">The request.</param>
/// <param name="caller">Whose key it is: the same key of another caller is another key.</param>
/// <param name="db">The organization.</param>
/// <param name="clock">Ages answers.</param>
/// <param name="json">How answers are written.</param>
public sealed class Once(
    IHttpContextAccessor context, Caller caller, OrganizationDb db, TimeProvider clock, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    private const int MostLength = 200;

    /// <summary>Makes something, or answers as before.</summary>
    /// <param name="request">The request as it was understood.</param>
    /// <param name="make">Checks everything, then writes.</param>
    /// <param name="ct">Ends waiting.</param>
    internal async Task<Results<Created<T>, ProblemHttpResult>> CreateAsync<T>(object request, Func<OrganizationTransaction, Task<Made<T>>> make, CancellationToken ct)
    {
        HttpContext http = context.HttpContext!;
        string key = http.Request.Headers[Header].ToString();
        if (key.Length > 0 && (key.Length > MostLength || !key.All(char.IsAscii) || key.Any(char.IsControl)))
        {
            return TypedResults.Problem($"{Header} has {key.Length} characters; at most {MostLength} of ASCII are taken.", statusCode: StatusCodes.Status400BadRequest);
        }

        JsonSerializerOptions options = json.Value.SerializerOptions;
        string hash = AnswerStore.HashOf($"{http.Request.Method} {http.Request.Path}", JsonSerializer.Serialize(request, options));
        Made<T> made = await db.WriteAsync(
            async transaction =>
            {
                if (key.Length == 0)
                {
                    return await make(transaction).ConfigureAwait(false);
                }

                DateTimeOffset now = clock.Now();
                if (await AnswerStore.FindAsync(transaction, caller.Name, key, now).ConfigureAwait(false) is { } given)
                {
                    return given.RequestHash == hash
                        ? new Made<T>.As(JsonSerializer.Deserialize<T>(given.Body, options)!, given.Location, given.Revision)
                        : new Made<T>.Refused(TypedResults.Problem(
                            $"{Header}: this key came with another request within the last day; take a new key for a new request.", statusCode: StatusCodes.Status422UnprocessableEntity));
                }

                Made<T> anew = await make(transaction).ConfigureAwait(false);
                if (anew is Made<T>.As done)
                {
                    await AnswerStore.KeepAsync(
                        transaction, caller.Name, key, new GivenAnswer(hash, done.Location, done.Revision, JsonSerializer.Serialize(done.Value, options)), now).ConfigureAwait(false);
                }

                return anew;
            },
            ct).ConfigureAwait(false);
        switch (made)
        {
            case Made<T>.As(var value, var location, var revision):
                Revisions.Tell(http.Response, revision);
                return TypedResults.Created(location, value);
            case Made<T>.Refused(var why):
                return why;
            default:
                throw new System.Diagnostics.UnreachableException("bug: neither made nor refused");
        }
    }
}
