using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Auspex.Bench;

/// <summary>A client of a server that a benchmark started.</summary>
internal static class BenchClient
{
    private const string Password = "correct horse battery";

    /// <summary>Signs the first administrator in, and into an organization.</summary>
    internal static async Task SignInAsync(HttpClient client, string first, string organization)
    {
        async Task TokenAsync(string path, object body) => client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", (await PostAsync(client, path, body).ConfigureAwait(false)).GetProperty("accessToken").GetString());
        await TokenAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password = first }).ConfigureAwait(false);
        await PostAsync(client, "/api/v1/auth/password", new { current = first, @new = Password }).ConfigureAwait(false);
        await TokenAsync("/api/v1/auth/sign-in", new { email = "admin@localhost", password = Password }).ConfigureAwait(false);
        await TokenAsync("/api/v1/auth/organization", new { organizationId = organization }).ConfigureAwait(false);
    }

    /// <summary>Posts a body: content as it is, anything else as JSON.</summary>
    /// <exception cref="InvalidOperationException">The answer is not one of success; the message has it.</exception>
    internal static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using HttpContent? json = body is HttpContent ? null : JsonContent.Create(body, body.GetType());
        using HttpResponseMessage answer = await client.PostAsync(new Uri(path, UriKind.Relative), json ?? (HttpContent)body).ConfigureAwait(false);
        string text = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? (text.Length == 0 ? default : JsonElement.Parse(text)) : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
    }
}
