using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Auspex.Server.Security;
using Auspex.Storage;

namespace Auspex.Cli;

/// <summary>An installation as a verb works on it: its folder, where no server runs, or the server that holds it.</summary>
internal sealed class DataFolderAccess : IDisposable
{
    private readonly HttpClient? _server;

    private DataFolderAccess(DataFolder? folder, HttpClient? server)
    {
        Folder = folder;
        _server = server;
    }

    /// <summary>The folder, held; null where a server holds it.</summary>
    public DataFolder? Folder { get; }

    /// <summary>Takes the folder, or finds its server.</summary>
    /// <exception cref="StorageException">It is no data folder, or another process than a server holds it.</exception>
    public static DataFolderAccess To(DirectoryInfo data)
    {
        try
        {
            return new DataFolderAccess(DataFolder.HoldPresent(data.FullName), null);
        }
        catch (FolderInUseException inUse)
        {
            using DataFolder folder = DataFolder.LookInto(data.FullName);
            LocalServer server = LocalAdministration.Find(folder)
                ?? throw new StorageException($"{inUse.Message} (It is no server that answers: one that begins or ends, or another verb. Try again in a moment.)", inUse);
            // Without a proxy of the environment, which would see the secret.
            var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
            {
                BaseAddress = new Uri(server.Url),
                Timeout = Timeout.InfiniteTimeSpan, // an organization may be large; who waits ends it
            };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Secret);
            return new DataFolderAccess(null, client);
        }
    }

    /// <summary>Asks the server.</summary>
    /// <param name="method">Verb.</param>
    /// <param name="path">Below its address.</param>
    /// <param name="body">Sent as JSON; null for none.</param>
    /// <returns>The answer's JSON; undefined where it has none.</returns>
    /// <exception cref="UsageException">It refused the request as wrong.</exception>
    /// <exception cref="StorageException">It refused it otherwise, or did not answer.</exception>
    public async Task<JsonElement> AskAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        try
        {
            using HttpResponseMessage response = await _server!.SendAsync(request, ct);
            string text = await response.Content.ReadAsStringAsync(ct);
            JsonElement answer = text.Length == 0 ? default : JsonElement.Parse(text);
            return response.IsSuccessStatusCode ? answer
                : response.StatusCode == HttpStatusCode.BadRequest ? throw new UsageException(Refusal(answer))
                : throw new StorageException($"the server refused: {Refusal(answer)}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new StorageException($"The server at {_server!.BaseAddress} holds the folder and does not answer: {e.Message} Try again in a moment.", e);
        }
    }

    /// <summary>Lets go of the folder.</summary>
    public void Dispose()
    {
        Folder?.Dispose();
        _server?.Dispose();
    }

    // Problem details: a sentence, or one a field.
    private static string Refusal(JsonElement problem) =>
        problem.TryGetProperty("errors", out JsonElement errors)
            ? string.Join('\n', errors.EnumerateObject().SelectMany(field => field.Value.EnumerateArray().Select(sentence => sentence.GetString())))
            : problem.TryGetProperty("detail", out JsonElement detail) ? detail.GetString() ?? ""
            : problem.TryGetProperty("title", out JsonElement title) ? title.GetString() ?? "" : problem.GetRawText();
}
