using System.Security.Cryptography;
using System.Text;
using Auspex.Storage.Db;

namespace Auspex.Storage.Requests;

/// <summary>What a create was answered.</summary>
/// <param name="RequestHash">Of the request it answered.</param>
/// <param name="Location">Address of what was made.</param>
/// <param name="Revision">Its revision then.</param>
/// <param name="Body">The answer, JSON.</param>
public sealed record GivenAnswer(string RequestHash, string Location, long Revision, string Body);

/// <summary>Keeps the answers to creates that carry a key, so that a create sent again makes nothing twice.</summary>
public static class AnswerStore
{
    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private const string Find = """
        select request_hash as RequestHash, location as Location, revision as Revision, body as Body from given_answer
        where organization = @organization and caller = @caller and request_key = @key and created_at > @since
        """;

    private const string Forget = "delete from given_answer where organization = @organization and created_at <= @since";

    private const string Insert = """
        insert into given_answer (organization, caller, request_key, request_hash, location, revision, body, created_at)
        values (@organization, @caller, @key, @RequestHash, @Location, @Revision, @Body, @now)
        """;

    /// <summary>The answer a key of a caller was given within the last day; null where there is none. Another request with the key waits until this transaction ends.</summary>
    public static async Task<GivenAnswer?> FindAsync(OrganizationTransaction transaction, string caller, string key, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        await transaction.AloneAsync($"answer {caller} {key}").ConfigureAwait(false);
        return await transaction.QuerySingleOrDefaultAsync<GivenAnswer>(Find, new { caller, key, since = now - Kept }).ConfigureAwait(false);
    }

    /// <summary>Keeps an answer, in the transaction of what it tells of, and forgets those of the day before.</summary>
    public static async Task KeepAsync(OrganizationTransaction transaction, string caller, string key, GivenAnswer answer, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(answer);
        await transaction.ExecuteAsync(Forget, new { since = now - Kept }).ConfigureAwait(false);
        await transaction.ExecuteAsync(Insert, new { caller, key, answer.RequestHash, answer.Location, answer.Revision, answer.Body, now }).ConfigureAwait(false);
    }

    /// <summary>Hash that tells one request from another.</summary>
    /// <param name="route">Verb and path.</param>
    /// <param name="body">The request as it was understood, JSON.</param>
    public static string HashOf(string route, string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{route}\n{body}")));
}
