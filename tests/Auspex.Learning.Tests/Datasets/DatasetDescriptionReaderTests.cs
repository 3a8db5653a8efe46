using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

public sealed class DatasetDescriptionReaderTests
{
    // One key a line, so that the expected line of each error can be counted by eye.
    private const string Good = """
        {
          "$schema": "../dataset.schema.json",
          "name": "presses",
          "frames": [
            {
              "file": "frames.csv",
              "separator": ";",
              "asset": { "column": "press" },
              "time": { "column": "at", "format": "dd.MM.yyyy HH:mm:ss", "zone": "Europe/Berlin", "period": "1m" },
              "part": "train"
            }
          ],
          "signals": [
            { "name": "force", "unit": "kN" },
            { "name": "mode", "kind": "state", "role": "operatingSetting", "states": ["idle", "run"] },
            { "name": "age", "role": "fact" }
          ],
          "assetFacts": [
            { "file": "presses.csv", "asset": { "column": "press" }, "otherAssets": "skip" }
          ],
          "events": [
            { "kind": "failure", "file": "failures.csv", "asset": { "column": "press" }, "time": { "column": "at", "zone": "UTC" } }
          ],
          "rowLabels": [
            { "column": "down", "component": "ram" }
          ],
          "remainingUsefulLife": [
            { "file": "lives.txt", "frames": "frames.csv" }
          ],
          "labels": { "horizon": "8h", "grace": "1h", "recovery": "2h", "lifeCap": 0 },
          "split": { "testShare": 0.25 },
          "features": {
            "lags": [],
            "windows": ["1h", "8h"],
            "statistics": { "mean": ["15m"], "fromStart": ["24h"] },
            "ewma": ["12m"],
            "calendar": true,
            "perOperatingCondition": false
          },
          "badRowShare": 0.1
        }
        """;

    [Fact]
    public void Parse_EveryKey_FillsTheRecords()
    {
        DatasetDescription description = DatasetDescriptionReader.Parse(Good, "presses.json");

        Assert.Equal("presses", description.Name);
        FrameFile frames = Assert.Single(description.Frames);
        Assert.Equal(("frames.csv", ";", DatasetPart.Train, "press"), (frames.File, frames.Separator, frames.Part, frames.Asset.Column));
        Assert.Equal(("Europe/Berlin", "1m"), (frames.Time.Zone, frames.Time.Period));
        Assert.Equal((SignalKind.State, SignalRole.OperatingSetting), (description.Signals[1].Kind, description.Signals[1].Role));
        Assert.Equal(["idle", "run"], description.Signals[1].States!);
        Assert.Equal(OtherAssets.Skip, description.AssetFacts[0].OtherAssets);
        Assert.Equal(AssetEventKind.Failure, description.Events[0].Kind);
        Assert.Equal(0, description.Labels.LifeCap);
        Assert.Equal(["15m"], description.Features.Statistics!.Mean);
        Assert.Equal(["24h"], description.Features.Statistics.FromStart);
        Assert.Empty(description.Features.Statistics.Std);
        Assert.Equal(["12m"], description.Features.Ewma!);
        Assert.Equal((true, false), (description.Features.Calendar, description.Features.PerOperatingCondition));
        Assert.Equal(0.25, description.Split!.TestShare);
        Assert.Empty(description.Features.Lags!);
        Assert.Equal(0.1, description.BadRowShare);
    }

    [Fact]
    public void Parse_ByteOrderMark_IsPassedOver() => Assert.Equal("presses", DatasetDescriptionReader.Parse("\uFEFF" + Good, "x").Name);

    [Theory]
    [InlineData("\"name\": \"presses\"", "\"name\": presses", "presses.json, line 3: not JSON")]
    [InlineData("\"name\": \"presses\"", "\"name\": \"presses\", // a remark", "presses.json, line 3: not JSON")]
    [InlineData("\"badRowShare\": 0.1", "\"badRowShare\": 0.1,", "line 41: not JSON")]
    [InlineData("\"badRowShare\": 0.1\n}", "\"badRowShare\": 0.1\n} {}", "line 41: not JSON")]
    [InlineData("\"separator\"", "\"seperator\"", "presses.json, line 7: frames[0].seperator is not known here; the keys are asset, time, part, endsInFailure, weightColumn, file, separator")]
    [InlineData("\"part\": \"train\"", "\"part\": \"train\", \"part\": \"test\"", "line 10: frames[0].part \"test\" is given twice; keep one")]
    [InlineData("\"part\": \"train\"", "\"part\": \"training\"", "line 10: frames[0].part \"training\" is none of unassigned, train, test")]
    [InlineData("\"part\": \"train\"", "\"part\": 1", "line 10: frames[0].part 1 is none of")]
    [InlineData("\"part\": \"train\"", "\"part\": \"Train\"", "line 10: frames[0].part \"Train\" is none of")]
    [InlineData("\"part\": \"train\"", "\"endsInFailure\": \"yes\"", "line 10: frames[0].endsInFailure \"yes\" must be true or false")]
    [InlineData("\"file\": \"frames.csv\",", "", "line 5: frames[0].file is missing; it is required")]
    [InlineData("\"name\": \"presses\",", "", "line 1: name is missing; it is required")]
    [InlineData("\"name\": \"presses\"", "\"name\": null", "line 3: name null needs a value")]
    [InlineData("\"badRowShare\": 0.1", "\"badRowShare\": \"0.1\"", "line 40: badRowShare \"0.1\" must be a number")]
    [InlineData("[\"idle\", \"run\"]", "[\"idle\", null]", "line 15: signals[1].states[1] null must be text in quotes")]
    [InlineData("{ \"testShare\": 0.25 }", "[]", "line 31: split […] must be an object")]
    public void Parse_WrongKeyOrType_NamesFileLineFieldAndValue(string written, string broken, string message) =>
        Assert.Contains(message, ErrorOf(written, broken));

    [Theory]
    [InlineData("\"name\": \"presses\"", "\"name\": \"the presses\"", "line 3: name \"the presses\" must be 1 to 64 letters")]
    [InlineData("\"frames.csv\",", "\"../frames.csv\",", "line 6: frames[0].file \"../frames.csv\" must stay below the root")]
    [InlineData("\"frames.csv\",", "\"a/../../frames.csv\",", "must stay below the root")]
    [InlineData("\"frames.csv\",", "\"/etc/passwd\",", "must stay below the root")]
    [InlineData("\"frames.csv\",", "\"./frames.csv\",", "must stay below the root")]
    [InlineData("\"frames.csv\",", "\"a//frames.csv\",", "must stay below the root")]
    [InlineData("\"frames.csv\",", "\"\",", "line 6: frames[0].file \"\" must be a path of 1 to 500 characters")]
    [InlineData("\"frames.csv\",", "\"..\\\\frames.csv\",", "must not have a backslash")]
    [InlineData("\"frames.csv\",", "\"C:/frames.csv\",", "must not have any of :")]
    [InlineData("\"frames.csv\",", "\"a\\u0000b\",", "no control characters")]
    [InlineData("\"frames.csv\",", "\"*/frames.csv\",", "may have * in its last segment only")]
    [InlineData("\"lives.txt\"", "\"l*.txt\"", "line 28: remainingUsefulLife[0].file \"l*.txt\" must name one file, without *")]
    [InlineData("\"separator\": \";\"", "\"separator\": \"||\"", "line 7: frames[0].separator \"||\" must be one character")]
    [InlineData("\"separator\": \";\"", "\"columns\": []", "line 7: frames[0].columns is empty")]
    [InlineData("\"separator\": \";\"", "\"columns\": [\"a\", \"a\"]", "line 7: frames[0].columns[1] \"a\" is listed twice")]
    [InlineData("\"asset\": { \"column\": \"press\" },\n", "\"asset\": { },\n", "line 8: frames[0].asset must have exactly one of column, counter, name and fileName")]
    [InlineData("\"asset\": { \"column\": \"press\" },\n", "\"asset\": { \"column\": \"press\", \"name\": \"a\" },\n", "line 8: frames[0].asset must have exactly one of")]
    [InlineData("\"asset\": { \"column\": \"press\" }, \"otherAssets\"", "\"asset\": { \"counter\": \"n\" }, \"otherAssets\"", "line 19: assetFacts[0].asset.counter \"n\" finds assets in frame files only")]
    [InlineData("{ \"column\": \"at\", \"zone\": \"UTC\" }", "{ \"column\": \"at\", \"counter\": \"n\", \"period\": \"1s\" }", "line 22: events[0].time must have exactly one of")]
    [InlineData("{ \"column\": \"at\", \"zone\": \"UTC\" }", "{ \"rowNumber\": true, \"period\": \"1s\" }", "events[0].time.rowNumber times rows of frame files only")]
    [InlineData("{ \"column\": \"at\", \"zone\": \"UTC\" }", "{ \"counter\": \"n\" }", "line 22: events[0].time.period is missing")]
    [InlineData("{ \"column\": \"at\", \"zone\": \"UTC\" }", "{ \"counter\": \"n\", \"period\": \"1s\", \"zone\": \"UTC\" }", "events[0].time.zone \"UTC\" belongs to timestamps")]
    [InlineData("Europe/Berlin", "Berlin", "line 9: frames[0].time.zone \"Berlin\" is no IANA time zone; write one such as")]
    [InlineData("Europe/Berlin", "W. Europe Standard Time", "is no IANA time zone")]
    [InlineData("Europe/Berlin", "../../etc/passwd", "is no IANA time zone")]
    [InlineData(", \"zone\": \"Europe/Berlin\"", "", "line 9: frames[0].time.zone is missing; times of this format carry no offset")]
    [InlineData("dd.MM.yyyy HH:mm:ss", "HH:mm:ss", "frames[0].time.format \"HH:mm:ss\" must have year")]
    [InlineData("dd.MM.yyyy HH:mm:ss", "s", "must be a custom .NET format")]
    [InlineData("dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy K", "must not have K")]
    [InlineData("dd.MM.yyyy HH:mm:ss", "dd.MM.yyyy '", "is no .NET date and time format")]
    [InlineData("\"period\": \"1m\"", "\"period\": \"1 minute\"", "line 9: frames[0].time.period \"1 minute\" is no duration above zero; write a number with unit")]
    [InlineData(", \"period\": \"1m\"", "", "line 28: remainingUsefulLife[0].frames \"frames.csv\" has no time.period")]
    [InlineData("\"period\": \"1m\"", "\"periodName\": \"cycle\"", "frames[0].time.periodName \"cycle\" needs period")]
    [InlineData("\"name\": \"force\"", "\"name\": \"force (kN)\"", "line 14: signals[0].name \"force (kN)\" must be a letter")]
    [InlineData("\"name\": \"force\"", "\"name\": \"age\"", "line 16: signals[2].name \"age\" is the name of an earlier signal")]
    [InlineData("\"kind\": \"state\"", "\"kind\": \"boolean\"", "line 15: signals[1].states belongs to signals of kind state")]
    [InlineData("\"kind\": \"state\"", "\"kind\": \"state\", \"monotone\": \"increasing\"", "line 15: signals[1].monotone \"increasing\" is for signals with numbers; states have no order")]
    [InlineData("\"kind\": \"state\"", "\"kind\": \"state\", \"monotone\": \"up\"", "line 15: signals[1].monotone \"up\" is none of free, increasing, decreasing")]
    [InlineData("\"kind\": \"state\"", "\"kind\": \"state\", \"label\": \" \"", "signals[1].label \" \" must be 1 to 100 characters, not blanks alone, no control characters")]
    [InlineData("\"kind\": \"state\"", "\"kind\": \"state\", \"label\": \"a\\u0007b\"", "must be 1 to 100 characters, not blanks alone, no control characters")]
    [InlineData("[\"idle\", \"run\"]", "[]", "signals[1].states must have 1 to 1000 states")]
    [InlineData("[\"idle\", \"run\"]", "[\"idle\", \"idle\"]", "line 15: signals[1].states[1] \"idle\" is listed twice")]
    [InlineData("\"component\": \"ram\" }", "\"component\": \"ram\" }, { \"column\": \"down\" }", "line 25: rowLabels[1].column \"down\" is listed twice")]
    [InlineData("\"frames\": \"frames.csv\"", "\"frames\": \"frame.csv\"", "line 28: remainingUsefulLife[0].frames \"frame.csv\" is no file of frames")]
    [InlineData("\"part\": \"train\"", "\"endsInFailure\": true", "remainingUsefulLife[0].frames \"frames.csv\" ends in failure")]
    [InlineData("\"horizon\": \"8h\"", "\"horizon\": \"-1h\"", "line 30: labels.horizon \"-1h\" is no duration above zero")]
    [InlineData("\"grace\": \"1h\"", "\"grace\": \"-1h\"", "labels.grace \"-1h\" is no duration")]
    [InlineData("\"lifeCap\": 0", "\"lifeCap\": -1", "labels.lifeCap \"-1\" must be a number of periods")]
    [InlineData("\"lifeCap\": 0", "\"lifeCap\": 1e999", "labels.lifeCap")]
    [InlineData("{ \"testShare\": 0.25 }", "{ }", "line 31: split must have exactly one of at, testAssets and testShare")]
    [InlineData("\"testShare\": 0.25", "\"testShare\": 1", "split.testShare \"1\" must be above 0 and below 1")]
    [InlineData("\"testShare\": 0.25", "\"at\": \"2015-03-01T00:00:00\"", "split.at \"2015-03-01T00:00:00\" is no instant")]
    [InlineData("\"testShare\": 0.25", "\"testAssets\": []", "split.testAssets is empty")]
    [InlineData("[\"1h\", \"8h\"]", "[\"1h\", \"60m\"]", "line 34: features.windows[1] \"60m\" is listed twice")]
    [InlineData("\"component\": \"ram\" }", "\"component\": \"ram\" }, { \"column\": \"force\" }", "rowLabels[1].column \"force\" is the column of a signal too")]
    [InlineData("[\"1h\", \"8h\"]", "[\"1h\", \"1h\"]", "line 34: features.windows[1] \"1h\" is listed twice")]
    [InlineData("[\"15m\"]", "[\"15\"]", "line 35: features.statistics.mean[0] \"15\" is no duration above zero")]
    [InlineData("[\"15m\"]", "\"15m\"", "line 35: features.statistics.mean \"15m\" must be a list")]
    [InlineData("\"mean\"", "\"median\"", "features.statistics.median is not known here; the keys are mean, std, min, max, slope, fromStart")]
    [InlineData("[\"24h\"]", "[\"24h\", \"1d\"]", "line 35: features.statistics.fromStart[1] \"1d\" is listed twice")]
    [InlineData("[\"12m\"]", "[\"0s\"]", "line 36: features.ewma[0] \"0s\" is no duration above zero")]
    [InlineData("\"calendar\": true", "\"calendar\": \"yes\"", "line 37: features.calendar \"yes\" must be true or false")]
    [InlineData("\"badRowShare\": 0.1", "\"badRowShare\": 1.5", "line 40: badRowShare \"1.5\" must be a share from 0 to 1")]
    public void Parse_BrokenRule_NamesFileLineFieldAndValue(string written, string broken, string message) =>
        Assert.Contains(message, ErrorOf(written, broken));

    [Fact]
    public void Parse_PerOperatingConditionWithoutASetting_SaysWhatIsNeeded()
    {
        string json = Good.Replace("\"role\": \"operatingSetting\", ", "", StringComparison.Ordinal)
            .Replace("\"perOperatingCondition\": false", "\"perOperatingCondition\": true", StringComparison.Ordinal);

        string message = Assert.Throws<DatasetException>(() => DatasetDescriptionReader.Parse(json, "x.json")).Message;
        Assert.Equal("x.json, line 38: features.perOperatingCondition \"true\" needs a signal of role operatingSetting; give one, or leave it out", message);
    }

    [Fact]
    public void Parse_ManyErrors_TellsTenAndCountsTheRest()
    {
        string signals = string.Join(", ", Enumerable.Range(1, 15).Select(i => $"{{ \"name\": \"{i}\" }}"));

        string[] lines = ErrorOf("{ \"name\": \"force\", \"unit\": \"kN\" }", signals).Split('\n');

        Assert.Equal(11, lines.Length);
        Assert.All(lines[..10], l => Assert.StartsWith("presses.json, line 14: signals[", l));
        Assert.Equal("presses.json: and 5 more errors", lines[10]);
    }

    [Fact]
    public void Parse_LongValue_IsCut()
    {
        string line = ErrorOf("\"name\": \"presses\"", $"\"name\": \"{new string('x', 1000)}\"");

        Assert.InRange(line.Length, 80, 250);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    public void Parse_NoDescription_IsRefused(string text) =>
        Assert.StartsWith("x.json, line 1: ", Assert.Throws<DatasetException>(() => DatasetDescriptionReader.Parse(text, "x.json")).Message);

    [Fact]
    public void Parse_DeepNesting_IsRefused()
    {
        string text = new string('[', 100_000);

        Assert.Contains("not JSON as descriptions are written", Assert.Throws<DatasetException>(() => DatasetDescriptionReader.Parse(text, "x.json")).Message);
    }

    [Fact]
    public void Read_NoFileOrTooLong_SaysSo()
    {
        using var folder = new TestFolder();
        folder.Write("long.json", new string(' ', DatasetDescriptionReader.MaxLength + 1));

        Assert.StartsWith("none.json: cannot be read", Assert.Throws<DatasetException>(() => DatasetDescriptionReader.Read(folder.Path("none.json"))).Message);
        Assert.StartsWith("long.json: 1048577 bytes are too long", Assert.Throws<DatasetException>(() => DatasetDescriptionReader.Read(folder.Path("long.json"))).Message);
    }

    private static string ErrorOf(string written, string broken)
    {
        Assert.Contains(written, Good);
        return Assert.Throws<DatasetException>(() => DatasetDescriptionReader.Parse(Good.Replace(written, broken), "presses.json")).Message;
    }
}
