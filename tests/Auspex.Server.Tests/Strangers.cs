using System.Net;
using System.Text.RegularExpressions;

namespace Auspex.Server.Tests;

/// <summary>Whether somebody of another organization can tell an id that exists from one that does not.</summary>
internal static partial class Strangers
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The stranger's answer for an id of others is the 404 for an id of nobody: the same body but for the trace id, the same headers.</summary>
    /// <param name="stranger">Signed in to another organization.</param>
    /// <param name="method">Verb.</param>
    /// <param name="path">With {0} for the id.</param>
    /// <param name="id">Of somebody else.</param>
    /// <param name="body">Request, or null.</param>
    public static async Task SameAsUnknownAsync(HttpClient stranger, HttpMethod method, string path, Guid id, object? body)
    {
        HttpResponseMessage others = await stranger.SendAsync(method, string.Format(null, path, id), body);
        HttpResponseMessage unknown = await stranger.SendAsync(method, string.Format(null, path, Guid.NewGuid()), body);

        Assert.True(others.StatusCode == HttpStatusCode.NotFound, $"{method} {path}: {(int)others.StatusCode} {await others.Content.ReadAsStringAsync(Ct)}");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(await WithoutTraceAsync(unknown), await WithoutTraceAsync(others));
        Assert.Equal(Headers(unknown), Headers(others));
    }

    private static async Task<string> WithoutTraceAsync(HttpResponseMessage response) => TraceId().Replace(await response.Content.ReadAsStringAsync(Ct), "");

    private static IEnumerable<string> Headers(HttpResponseMessage response) =>
        response.Headers.Where(header => header.Key is not ("Date" or "X-Correlation-Id")).Select(header => $"{header.Key}: {string.Join(',', header.Value)}").Order(StringComparer.Ordinal);

    [GeneratedRegex("\"(traceId|correlationId)\":\"[^\"]*\"")]
    private static partial Regex TraceId();
}
