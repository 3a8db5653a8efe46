using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Auspex.Server.Tests;

/// <summary>Calls as tests make them.</summary>
internal static class Api
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<HttpResponseMessage> SendAsync(
        this HttpClient client, HttpMethod method, string path, object? body = null, string? ifMatch = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body is string text ? new StringContent(text, new MediaTypeHeaderValue("application/json")) : JsonContent.Create(body);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await client.SendAsync(request, Ct);
    }

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        string text = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode}, not {(int)expected}: {text}");
        return text.Length == 0 ? default : JsonElement.Parse(text);
    }

    public static async Task<JsonElement> GetAsync(this HttpClient client, string path, HttpStatusCode expected) =>
        await (await client.SendAsync(HttpMethod.Get, path)).JsonAsync(expected);

    /// <summary>Makes something and gives its id.</summary>
    public static async Task<Guid> CreateAsync(this HttpClient client, string path, object body) =>
        (await (await client.SendAsync(HttpMethod.Post, path, body)).JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();

    /// <summary>What a refusal says, with the status expected of it.</summary>
    public static async Task<string> RefusalAsync(this HttpResponseMessage response, HttpStatusCode expected)
    {
        JsonElement problem = await response.JsonAsync(expected);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        return problem.TryGetProperty("errors", out JsonElement errors) ? errors.GetRawText() : problem.TryGetProperty("detail", out JsonElement detail) ? detail.GetString()! : "";
    }

    public static StringContent Text(string json) => new(json, Encoding.UTF8, "application/json");
}
