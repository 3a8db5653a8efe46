using System.Globalization;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>Times of rows. Expected instants are written with their offset, from the published clock changes of the zones.</summary>
public sealed class DatasetTimeTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("2015-03-01", "2015-03-01T00:00:00Z")]
    [InlineData("2015-03-01T06:30", "2015-03-01T06:30:00Z")]
    [InlineData("2015-03-01 06:30:15", "2015-03-01T06:30:15Z")]
    [InlineData("2015-03-01t06:30:15.5", "2015-03-01T06:30:15.500Z")]
    [InlineData("2015-03-01T06:30:15,25", "2015-03-01T06:30:15.250Z")]
    [InlineData("2015-03-01T06:30:15.1239999", "2015-03-01T06:30:15.123Z")]
    [InlineData("2015-03-01T06:30:15Z", "2015-03-01T06:30:15Z")]
    [InlineData("2015-03-01T06:30:15+01:00", "2015-03-01T05:30:15Z")]
    [InlineData("2015-03-01T06:30:15 -0530", "2015-03-01T12:00:15Z")]
    [InlineData("2015-03-01T06:30+14", "2015-02-28T16:30:00Z")]
    [InlineData("2016-02-29", "2016-02-29T00:00:00Z")]
    [InlineData("1971-01-01", "1971-01-01T00:00:00Z")]
    [InlineData("2200-01-01", "2200-01-01T00:00:00Z")]
    public void Read_IsoTimestamp_IsItsInstant(string cell, string instant) => Assert.Equal([Ms(instant)], Times("\"zone\": \"UTC\"", cell));

    [Theory]
    [InlineData("2015-02-29")]
    [InlineData("2015-13-01")]
    [InlineData("2015-3-1")]
    [InlineData("0000-01-01")]
    [InlineData("2015-03-01T24:00")]
    [InlineData("2015-03-01T06:60")]
    [InlineData("2015-03-01T06:30:60")]
    [InlineData("2015-03-01T06")]
    [InlineData("2015-03-01T06:30:15.")]
    [InlineData("2015-03-01T06:30:15+15:00")]
    [InlineData("2015-03-01T06:30:15+1")]
    [InlineData("2015-03-01T06:30:15 UTC")]
    [InlineData("01.03.2015 06:30")]
    [InlineData("1970-12-31T23:59:59Z")]
    [InlineData("2200-01-01T00:00:01Z")]
    [InlineData("9999-12-31T23:59:59")]
    public void Read_NoIsoTimestamp_IsABadTime(string cell)
    {
        Write(cell, "2015-03-02");

        FileReadReport report = _folder.Read(Description("\"zone\": \"UTC\"")).Report.Files[0];

        Assert.Equal(new BadRow("frames.csv", 2, "at", cell, BadRowReason.BadTime), Assert.Single(report.Examples));
    }

    [Theory]
    [InlineData("dd.MM.yyyy HH:mm:ss", "Europe/Berlin", "01.03.2015 06:30:15", "2015-03-01T06:30:15+01:00")]
    [InlineData("MM/dd/yyyy hh:mm tt", "America/New_York", "07/04/2015 03:05 PM", "2015-07-04T15:05:00-04:00")]
    [InlineData("yyyyMMddTHHmmsszzz", null, "20150301T063015+05:30", "2015-03-01T06:30:15+05:30")]
    public void Read_StatedFormat_IsReadInItsZone(string format, string? zone, string cell, string instant) =>
        Assert.Equal([Ms(instant)], Times($"\"format\": \"{format}\"" + (zone is null ? "" : $", \"zone\": \"{zone}\""), cell));

    [Fact]
    public void Read_OffsetInTheCell_WinsOverTheZone() =>
        Assert.Equal([Ms("2015-03-01T06:00:00+03:00"), Ms("2015-03-01T06:00:00+01:00")],
            Times("\"zone\": \"Europe/Berlin\"", "2015-03-01T06:00:00+03:00", "2015-03-01T06:00:00"));

    [Theory] // the European summer of 2015 is from 29 March 01:00 UTC to 25 October 01:00 UTC
    [InlineData("Europe/Berlin", "2015-03-29T01:59:59", "2015-03-29T00:59:59Z")]
    [InlineData("Europe/Berlin", "2015-03-29T03:00:00", "2015-03-29T01:00:00Z")]
    [InlineData("Europe/Berlin", "2015-03-29T23:00:00", "2015-03-29T21:00:00Z")]
    [InlineData("Europe/Berlin", "2015-10-25T01:59:59", "2015-10-24T23:59:59Z")]
    [InlineData("Europe/Berlin", "2015-10-25T02:30:00", "2015-10-25T00:30:00Z")] // shown twice: the first
    [InlineData("Europe/Berlin", "2015-10-25T03:00:00", "2015-10-25T02:00:00Z")]
    [InlineData("Australia/Lord_Howe", "2015-04-05T01:45:00", "2015-04-04T14:45:00Z")] // shown twice, half an hour apart
    [InlineData("America/Sao_Paulo", "2015-02-21T23:30:00", "2015-02-22T01:30:00Z")] // clocks set back at midnight: shown twice
    public void Read_LocalTimeAroundAClockChange_IsTheEarlierInstant(string zone, string cell, string instant)
    {
        Assert.Equal([Ms(instant)], Times($"\"zone\": \"{zone}\"", cell));
        // The same after other rows of the day and the day before, which the reader remembers the offset of.
        string date = cell[..10];
        string before = DateTime.ParseExact(date, "yyyy-MM-dd", CultureInfo.InvariantCulture).AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Equal(Ms(instant), Times($"\"zone\": \"{zone}\"", $"{before}T12:00:00", $"{date}T00:00:01", cell)[^1]);
    }

    [Theory]
    [InlineData("Europe/Berlin", "2015-03-29T02:00:00")]
    [InlineData("Europe/Berlin", "2015-03-29T02:59:59")]
    [InlineData("America/Sao_Paulo", "2015-10-18T00:30:00")] // clocks set forward at midnight
    public void Read_LocalTimeThatDidNotHappen_IsABadTime(string zone, string cell)
    {
        Write("2015-01-01", cell);

        FileReadReport report = _folder.Read(Description($"\"zone\": \"{zone}\"")).Report.Files[0];

        Assert.Equal(new BadRow("frames.csv", 3, "at", cell, BadRowReason.BadTime), Assert.Single(report.Examples));
    }

    [Fact]
    public void Read_HourlyRowsThroughTheEndOfSummer_LoseTheHourShownTwice()
    {
        Write("2015-10-25T01:00:00", "2015-10-25T02:00:00", "2015-10-25T02:00:00", "2015-10-25T03:00:00");

        Dataset dataset = _folder.Read(Description("\"zone\": \"Europe/Berlin\""));

        Assert.Equal([Ms("2015-10-24T23:00:00Z"), Ms("2015-10-25T00:00:00Z"), Ms("2015-10-25T02:00:00Z")], dataset.Assets[0].History.TimesUnixMs);
        Assert.Equal([new(BadRowReason.DuplicateTime, 1)], dataset.Report.Files[0].Bad);
    }

    [Fact]
    public void Read_NoOffsetAndNoZone_AsksForTheZone()
    {
        Write("2015-10-25T01:00:00");

        Assert.Equal("frames.csv, line 2: at \"2015-10-25T01:00:00\" carries no offset from UTC; write time.zone in the description, such as \"UTC\" or "
            + "\"Europe/Berlin\".", _folder.ErrorOf(Description("\"format\": null")));
    }

    [Fact]
    public void Read_UnixSeconds_AreACounterOfSeconds()
    {
        _folder.Write("frames.csv", "at,force\n1425191415.25,1\n");
        string description = Description("").Replace("\"column\": \"at\", ", "\"counter\": \"at\", \"period\": \"1s\"");

        Assert.Equal([Ms("2015-03-01T06:30:15.250Z")], _folder.Read(description).Assets[0].History.TimesUnixMs);
    }

    private static long Ms(string instant) => DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    private long[] Times(string time, params string[] cells)
    {
        Write(cells);
        return _folder.Read(Description(time)).Assets[0].History.TimesUnixMs;
    }

    private void Write(params string[] cells) => _folder.Write("frames.csv", "at,force\n" + string.Concat(cells.Select(c => $"\"{c}\",1\n")));

    private static string Description(string time) => $$"""
        { "name": "t", "signals": [ { "name": "force" } ], "badRowShare": 0.5,
          "frames": [ { "file": "frames.csv", "asset": { "name": "a" }, "time": { "column": "at", {{time}} } } ] }
        """;
}
