using Auspex.Flow;

namespace Auspex.Server.Wiring;

/// <summary>Runs the live line as long as the server runs. What waits in the journal is taken up before the first request is.</summary>
internal sealed class LiveLine(LivePipeline line) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await line.LookAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => line.RunAsync(stoppingToken);
}
