using System.ComponentModel.DataAnnotations;

namespace Auspex.Flow.Settle;

/// <summary>How predictions are settled.</summary>
public sealed record SettleOptions
{
    /// <summary>From the end of one round to the next. Default 30 s, the cadence of sources.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Assets of one round trip and one transaction. Default 500.</summary>
    [Range(1, 10_000)]
    public int AssetsAPage { get; init; } = 500;

    /// <summary>Most predictions of an asset that one round looks at; the next goes on behind them. Default 50,000.</summary>
    [Range(1, 10_000_000)]
    public int RowsARound { get; init; } = 50_000;
}
