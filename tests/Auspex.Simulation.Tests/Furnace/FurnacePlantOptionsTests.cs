using Auspex.Simulation.Furnace;

namespace Auspex.Simulation.Tests.Furnace;

public sealed class FurnacePlantOptionsTests
{
    public static TheoryData<FurnacePlantOptions, string> Refused => new()
    {
        { new() { Furnaces = 0 }, "Furnaces must be 1 to 500, was 0." },
        { new() { Start = DateTimeOffset.UnixEpoch.AddYears(-10) }, "Start must be in whole seconds, from 1971 to 2150, was 1960-01-01" },
        { new() { Duration = TimeSpan.FromDays(1) }, "Duration must be 7.00:00:00 to 3650.00:00:00 in whole seconds, was 1.00:00:00." },
        { new() { SamplingPeriod = TimeSpan.FromSeconds(10) }, "SamplingPeriod must be 00:01:00 to 00:30:00 in whole seconds, was 00:00:10." },
        { new() { SamplingPeriod = TimeSpan.FromMilliseconds(60_500) }, "SamplingPeriod must be 00:01:00 to 00:30:00 in whole seconds, was 00:01:00.5" },
        { new() { MedianLife = TimeSpan.Zero }, "MedianLife must be 2.00:00:00 to 1000.00:00:00 in whole seconds, was 00:00:00." },
        { new() { PreventiveInterval = TimeSpan.FromDays(1) }, "PreventiveInterval must be 2.00:00:00 to" },
        { new() { RepairTime = TimeSpan.FromDays(3) }, "RepairTime must be 01:00:00 to 2.00:00:00 in whole seconds, was 3.00:00:00." },
        { new() { SuddenShare = -0.5 }, "SuddenShare must be 0 to 1, was -0.5." },
        { new() { MissingShare = double.NaN }, "MissingShare must be 0 to 0.5, was NaN." },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Generate_OptionOutsideRange_NamesOptionLimitAndValue(FurnacePlantOptions options, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<ArgumentException>(() => FurnacePlant.Generate(options)).Message, StringComparison.Ordinal);
}
