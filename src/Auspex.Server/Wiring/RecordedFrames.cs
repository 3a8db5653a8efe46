using Auspex.Core.Assets;
using Auspex.Storage.Db;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;

namespace Auspex.Server.Wiring;

/// <summary>Whether an asset was measured: then it is not removed without its record.</summary>
/// <param name="telemetry">What was measured.</param>
public sealed class RecordedFrames(TelemetryStore telemetry)
{
    /// <summary>Whether frames of the asset are kept; false where there is no such asset.</summary>
    internal async Task<bool> AreOfAsync(OrganizationDb db, Guid asset, CancellationToken ct) =>
        await FrameNameStore.FindAsync(db, [asset.ToString()], ct).ConfigureAwait(false) is [var known]
        && await telemetry.HasAsync(db.Organization, new AssetId(known.Key), ct).ConfigureAwait(false);
}
