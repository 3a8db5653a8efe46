using System.Globalization;
using Auspex.Core.Time;

namespace Auspex.Core.Tests.Time;

public class CronPatternTests
{
    // Expected instants by counting on a calendar; 2026-01-01 is a Thursday.
    [Theory]
    [InlineData("*/15 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:15:00Z")]
    [InlineData("*/15 * * * *", "2026-01-01T00:14:59Z", "2026-01-01T00:15:00Z")]
    [InlineData("0 2 * * 0", "2026-01-01T00:00:00Z", "2026-01-04T02:00:00Z")]
    [InlineData("0 2 * * 7", "2026-01-04T02:00:00Z", "2026-01-11T02:00:00Z")]
    [InlineData("30 23 31 * *", "2026-01-31T23:30:00Z", "2026-03-31T23:30:00Z")]
    [InlineData("0 0 29 FEB *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 13 * FRI", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")]
    [InlineData("0 6-8/2 * 6,12 *", "2026-06-30T07:00:00Z", "2026-06-30T08:00:00Z")]
    [InlineData("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z")]
    public void Next_BehindAnInstant_IsTheFirstMinuteNamed(string pattern, string after, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), CronPattern.Parse(pattern).Next(DateTimeOffset.Parse(after, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("* * * *", "has 4 fields")]
    [InlineData("60 * * * *", "has '60' as minute; 0 to 59")]
    [InlineData("0 0 31 2 *", "never comes")]
    [InlineData("0 0 * * MOM", "day of week")]
    public void Parse_WrongPattern_SaysWhat(string pattern, string says)
    {
        Assert.Contains(says, CronPattern.Fault(pattern), StringComparison.Ordinal);
        Assert.Contains(says, Assert.Throws<FormatException>(() => CronPattern.Parse(pattern)).Message, StringComparison.Ordinal);
    }
}
