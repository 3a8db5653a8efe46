using Auspex.Flow;

namespace Auspex.Server.Wiring;

/// <summary>Reads the data sources of all organizations as long as the server runs.</summary>
internal sealed class SourceLine(SourcePolling polling) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => polling.RunAsync(stoppingToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        await polling.DisposeAsync().ConfigureAwait(false);
    }
}
