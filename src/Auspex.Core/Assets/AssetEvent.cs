namespace Auspex.Core.Assets;

/// <summary>What kind of thing happened to an asset.</summary>
public enum AssetEventKind
{
    /// <summary>A component failed; the name is the component.</summary>
    Failure,

    /// <summary>A component was maintained or replaced; the name is the component.</summary>
    Maintenance,

    /// <summary>The asset reported an error that did not stop it; the name is the error code.</summary>
    Error,
}

/// <summary>Something that happened to one asset at one instant, beside its readings.</summary>
/// <param name="Asset">The asset it happened to.</param>
/// <param name="TimeUnixMs">UTC milliseconds since 1970 at the source.</param>
/// <param name="Kind">Failure, maintenance or error.</param>
/// <param name="Name">Component of a failure or maintenance, code of an error; empty where the source names none.</param>
public sealed record AssetEvent(AssetId Asset, long TimeUnixMs, AssetEventKind Kind, string Name);
