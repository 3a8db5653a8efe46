using System.Net;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;

namespace Auspex.Server.Tests;

public class SharedLimitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TwoServersOverOneDatabase_KeepOneLimitOfRequests()
    {
        await using RunningServer one = await RunningServer.StartAsync(Dialect.PostgreSql, options => options with { RequestsPerSecond = 2 });
        await using AuspexServer other = await one.StartBesideAsync();
        using var toOther = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(other.Urls.First()) };
        // Both have heard each other's first seconds.
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Ct);
        Assert.Equal(HttpStatusCode.OK, (await toOther.GetAsync(new Uri("/api/health/live", UriKind.Relative), Ct)).StatusCode);

        HttpStatusCode last = HttpStatusCode.OK;
        for (int i = 0; i < 300 && last != HttpStatusCode.TooManyRequests; i++)
        {
            last = (await one.Client.GetAsync(new Uri("/api/health/live", UriKind.Relative), Ct)).StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        // Said each second; five are allowed. Asked seldom enough that its own burst of 40 would last.
        int asked = 0;
        Assert.True(await RunningServer.WithinAsync(TimeSpan.FromSeconds(8), async () =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, Ct);
            asked++;
            return (await toOther.GetAsync(new Uri("/api/health/live", UriKind.Relative), Ct)).StatusCode == HttpStatusCode.TooManyRequests;
        }));
        Assert.InRange(asked, 1, 25);
    }

    [Fact]
    public void Spend_MoreThanIsLeft_TakesWhatIsLeft()
    {
        using var limits = new RequestLimits(new ServerOptions { DataFolder = "unused", RequestsPerSecond = 2 });

        limits.Spend("address x", 1_000_000);

        (string[] subjects, long[] requests) = limits.TakeCounts();
        Assert.Empty(subjects);
        Assert.Empty(requests);
    }
}
