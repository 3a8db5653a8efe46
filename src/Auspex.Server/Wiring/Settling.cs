using Auspex.Flow;

namespace Auspex.Server.Wiring;

/// <summary>Settles predictions as long as the server runs.</summary>
internal sealed class Settling(Settlement settlement) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => settlement.RunAsync(stoppingToken);
}
