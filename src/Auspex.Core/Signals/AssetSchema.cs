namespace Auspex.Core.Signals;

/// <summary>What is recorded of each asset of an organization or a data set: the order of these lists is the order of all value arrays.</summary>
/// <param name="Signals">Readings and operating settings, one value in each frame.</param>
/// <param name="Facts">Constants of the asset, one value each.</param>
/// <param name="Components">Components that can fail or be maintained, in ordinal order; empty when failures name none.</param>
/// <param name="ErrorCodes">Codes of error events, in ordinal order.</param>
public sealed record AssetSchema(
    IReadOnlyList<SignalDefinition> Signals,
    IReadOnlyList<SignalDefinition> Facts,
    IReadOnlyList<string> Components,
    IReadOnlyList<string> ErrorCodes);
