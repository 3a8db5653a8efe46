using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Auspex.Server.Tests;

/// <summary>Connections that hold on, send too much, or send what is more than it looks; numbers are those of the checklist of faults.</summary>
public class HostileConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task N79_ManySlowClients_AreCutAndOthersServed()
    {
        await using RunningServer server = await RunningServer.StartAsync(with: options => options with { HeadersTimeout = TimeSpan.FromSeconds(1) });
        var slow = new List<TcpClient>();
        for (int i = 0; i < 200; i++)
        {
            slow.Add(await ConnectAsync(server));
            await slow[i].GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /api/health/live HTTP/1.1\r\nHost: x\r\nX-Slow: "), Ct);
        }

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/api/health/live", Ct)).StatusCode);
        foreach (TcpClient client in slow)
        {
            Assert.DoesNotContain(" 200 ", await EverythingAsync(client), StringComparison.Ordinal);
            client.Dispose();
        }
    }

    [Fact]
    public async Task N79_BodyThatNeverComes_IsCut()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using TcpClient client = await ConnectAsync(server);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes("POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"), Ct);

        Assert.Contains(" 408 ", await EverythingAsync(client), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 104857600\r\n\r\n", " 413 ")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n6400000\r\n", " 413 ")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n", " 400 ")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n", " 400 ")]
    [InlineData("Content-Length: -1\r\n\r\n", " 400 ")]
    [InlineData("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", " 400 ")]
    public async Task N78_N79_BodyOfBadOrHugeLength_IsRefused(string headers, string expected)
    {
        await using RunningServer server = await RunningServer.StartAsync();
        using TcpClient client = await ConnectAsync(server);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + headers), Ct);
        if (expected == " 413 " && headers.Contains("chunked", StringComparison.Ordinal))
        {
            await TrySendAsync(stream, 12 * 1024 * 1024);
        }

        Assert.Contains(expected, await EverythingAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task N79_CompressedBody_IsRefusedUnopened()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync("{\"kind\":\"site\",\"name\":\""u8.ToArray(), Ct);
            byte[] letters = Encoding.ASCII.GetBytes(new string('a', 1024 * 1024));
            for (int i = 0; i < 500; i++)
            {
                await gzip.WriteAsync(letters, Ct);
            }
        }

        var body = new ByteArrayContent(packed.ToArray());
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        body.Headers.ContentEncoding.Add("gzip");
        long before = GC.GetTotalAllocatedBytes();

        HttpResponseMessage answer = await client.PostAsync("/api/v1/tree", body, Ct);

        Assert.Contains("Content-Encoding", await answer.RefusalAsync(HttpStatusCode.UnsupportedMediaType), StringComparison.Ordinal);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 300L * 1024 * 1024);
    }

    [Fact]
    public async Task N79_ManyRanges_AreNoneOfOurs()
    {
        await using RunningServer server = await RunningServer.StartAsync();
        (_, HttpClient client) = await server.OrganizationAsync("plant");
        Guid site = await client.CreateAsync("/api/v1/tree", new { kind = "site", name = "Graz" });
        Guid asset = await client.CreateAsync("/api/v1/assets", new { name = "Press", parentId = site });
        Guid document = (await (await client.PostAsync(
            $"/api/v1/assets/{asset}/documents?name=notes.txt", new ByteArrayContent([.. Enumerable.Repeat((byte)'a', 1000)]), Ct)).JsonAsync(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/assets/{asset}/documents/{document}/content");
        request.Headers.TryAddWithoutValidation("Range", "bytes=" + string.Join(',', Enumerable.Range(0, 500).Select(i => $"{i}-")));

        HttpResponseMessage answer = await client.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1000, (await answer.Content.ReadAsByteArrayAsync(Ct)).Length);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    private static async Task<TcpClient> ConnectAsync(RunningServer server)
    {
        var address = new Uri(server.Server.Urls.First());
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, Ct);
        return client;
    }

    private static async Task TrySendAsync(NetworkStream stream, int bytes)
    {
        var blank = new byte[bytes];
        blank.AsSpan().Fill((byte)' ');
        try
        {
            await stream.WriteAsync(blank, Ct);
        }
        catch (IOException)
        {
            // The server hung up, as it should.
        }
    }

    // What is answered until the server hangs up.
    private static async Task<string> EverythingAsync(TcpClient client)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(Patience);
        try
        {
            int read;
            while ((read = await client.GetStream().ReadAsync(buffer, patience.Token)) > 0)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Cut off.
        }

        return text.ToString();
    }
}
