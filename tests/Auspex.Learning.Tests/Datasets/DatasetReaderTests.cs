using Auspex.Core.Assets;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

public sealed class DatasetReaderTests : IDisposable
{
    private const long Hour = 3_600_000;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_InterleavedAssets_EachKeepsItsRowsInOrder()
    {
        _folder.Write("frames.csv", "at,press,force,ignored\n1,b,10,x\n1,a,1,x\n2,a,2,x\n2,b,20,x\n3,a,,x\n");

        Dataset dataset = _folder.Read(Simple());

        Assert.Equal(["a", "b"], dataset.Assets.Select(a => a.History.Asset.Value));
        Assert.Equal([Hour, 2 * Hour, 3 * Hour], dataset.Assets[0].History.TimesUnixMs);
        Assert.Equal([1, 2, double.NaN], dataset.Assets[0].History.Values[0]);
        Assert.Equal([10, 20], dataset.Assets[1].History.Values[0]);
        Assert.Equal(TimeSpan.FromHours(1), dataset.SamplingPeriod);
        Assert.Equal(("frames.csv", 5L, 5L, 0L), (dataset.Report.Files[0].File, dataset.Report.Files[0].Rows, dataset.Report.Files[0].Good, dataset.Report.Files[0].Skipped));
    }

    [Fact]
    public void Read_Weights_StayWithTheirRowsWhereFilesHaveThemOrNot()
    {
        _folder.Write("frames.csv", "at,press,force,w\n1,a,1,\n1,b,1,1\n2,a,2,0.5\n2,b,1,1\n" + string.Concat(Enumerable.Range(3, 20).Select(i => $"{i},a,1,{i}\n")));
        _folder.Write("more.csv", "at,press,force\n30,a,1\n");
        string[] entries = [.. new[] { ("frames.csv", "\"weightColumn\": \"w\", "), ("more.csv", "") }.Select(file =>
            $$"""{ "file": "{{file.Item1}}", {{file.Item2}}"asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" } }""")];

        Dataset dataset = _folder.Read($$"""{ "name": "t", "signals": [ { "name": "force" } ], "frames": [{{string.Join(", ", entries)}}] }""");

        Assert.Equal([1, 0.5f, .. Enumerable.Range(3, 20).Select(i => (float)i), 1], dataset.Assets[0].Weights);
        Assert.Empty(dataset.Assets[1].Weights); // all of them 1
    }

    [Fact]
    public void Read_QuotesByteOrderMarkCarriageReturnsAndBlanks_AreText()
    {
        _folder.Write("frames.csv", "\uFEFF\"at\",press , \"force\"\r\n1,\"a, b\" , 1.5 \r\n\r\n   \r\n2,\" a, b\",\"-2e3\"\r\n");

        Dataset dataset = _folder.Read(Simple());

        AssetHistory asset = Assert.Single(dataset.Assets).History;
        Assert.Equal("a, b", asset.Asset.Value);
        Assert.Equal([1.5, -2000], asset.Values[0]);
    }

    [Fact]
    public void Read_TabsBetweenCells_KeepEmptyCells()
    {
        _folder.Write("frames.csv", "at\tnote\tpress\tforce\n1\t\ta\t\n2\tsome text\ta\t2\n\t\t\t\n");

        Dataset dataset = _folder.Read(Simple(file: "\"separator\": \"\\t\", ", more: ", \"badRowShare\": 0.5"));

        Assert.Equal([double.NaN, 2], dataset.Assets[0].History.Values[0]);
        Assert.Equal([new(BadRowReason.UnknownAsset, 1)], dataset.Report.Files[0].Bad); // a line of separators is a row
    }

    [Theory]
    [InlineData("1e308", 1e308)]
    [InlineData("-0", -0.0)]
    [InlineData("+5", 5)]
    [InlineData(".5", 0.5)]
    [InlineData("4.9E-324", 4.9E-324)]
    public void Read_NumberForms_AreTheirValues(string cell, double value)
    {
        _folder.Write("frames.csv", $"at,press,force\n1,a,{cell}\n");

        Assert.Equal(value, _folder.Read(Simple()).Assets[0].History.Values[0][0]);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("0", 0)]
    [InlineData("True", 1)]
    [InlineData("FALSE", 0)]
    [InlineData("1.0", 1)]
    [InlineData("", double.NaN)]
    public void Read_BooleanForms_AreZeroOrOne(string cell, double value)
    {
        _folder.Write("frames.csv", $"at,press,force\n1,a,{cell}\n");

        Assert.Equal(value, _folder.Read(Simple(signal: """{ "name": "force", "kind": "boolean" }""")).Assets[0].History.Values[0][0]);
    }

    [Theory]
    [InlineData("1,a,12 kN", "force", "12 kN", BadRowReason.NotANumber)]
    [InlineData("1,a,\"1,5\"", "force", "1,5", BadRowReason.NotANumber)]
    [InlineData("1,a,0x10", "force", "0x10", BadRowReason.NotANumber)]
    [InlineData("6,a,1\u0000", "force", "1\\u0000", BadRowReason.NotANumber)]
    [InlineData("1,a,NaN", "force", "NaN", BadRowReason.NaN)]
    [InlineData("1,a,-nan", "force", "-nan", BadRowReason.NaN)]
    [InlineData("1,a,Infinity", "force", "Infinity", BadRowReason.Infinite)]
    [InlineData("1,a,-inf", "force", "-inf", BadRowReason.Infinite)]
    [InlineData("1,a,1e309", "force", "1e309", BadRowReason.Infinite)]
    [InlineData(",a,1", "at", "", BadRowReason.BadTime)]
    [InlineData("-1,a,1", "at", "-1", BadRowReason.BadTime)]
    [InlineData("1e300,a,1", "at", "1e300", BadRowReason.BadTime)]
    [InlineData("NaN,a,1", "at", "NaN", BadRowReason.BadTime)]
    [InlineData("5,a,1", "at", "5", BadRowReason.DuplicateTime)]
    [InlineData("4,a,1", "at", "4", BadRowReason.TimeGoesBack)]
    [InlineData("6,a", "(line)", "2 columns instead of 3", BadRowReason.WrongColumnCount)]
    [InlineData("6,a,1,", "(line)", "4 columns instead of 3", BadRowReason.WrongColumnCount)]
    [InlineData("6,a,\"1", "(line)", "a quote is not closed", BadRowReason.WrongColumnCount)]
    [InlineData("6,,1", "press", "", BadRowReason.UnknownAsset)]
    [InlineData("6,a\tb,1", "press", "a\\u0009b", BadRowReason.UnknownAsset)]
    public void Read_BadRow_IsSetAsideWithItsReason(string row, string field, string value, BadRowReason reason)
    {
        _folder.Write("frames.csv", $"at,press,force\n5,a,1\n{row}\n7,a,3\n");

        Dataset dataset = _folder.Read(Simple(more: ", \"badRowShare\": 0.5"));

        FileReadReport report = Assert.Single(dataset.Report.Files);
        Assert.Equal(new BadRow("frames.csv", 3, field, value, reason), Assert.Single(report.Examples));
        Assert.Equal([new(reason, 1)], report.Bad);
        Assert.Equal((3L, 2L), (report.Rows, report.Good));
        Assert.Equal([1, 3], dataset.Assets[0].History.Values[0]); // the rows around it stay, the bad row is gone as a whole
    }

    [Fact]
    public void Read_AssetNameTooLong_IsUnknownAsset()
    {
        _folder.Write("frames.csv", $"at,press,force\n1,{new string('a', 200)},1\n1,{new string('b', 201)},1\n");

        Dataset dataset = _folder.Read(Simple(more: ", \"badRowShare\": 0.5"));

        Assert.Equal(200, Assert.Single(dataset.Assets).History.Asset.Value.Length);
        BadRow bad = Assert.Single(dataset.Report.Files[0].Examples);
        Assert.Equal((BadRowReason.UnknownAsset, 80), (bad.Reason, bad.Value.Length));
    }

    [Fact]
    public void Read_StateOutsideTheList_IsABadRow()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,run\n2,a,Run\n3,a,idle\n4,a,\n");

        Dataset dataset = _folder.Read(Simple(signal: """{ "name": "force", "kind": "state", "states": ["run", "idle"] }""", more: ", \"badRowShare\": 0.5"));

        Assert.Equal([0, 1, double.NaN], dataset.Assets[0].History.Values[0]);
        Assert.Equal(new BadRow("frames.csv", 3, "force", "Run", BadRowReason.UnknownState), Assert.Single(dataset.Report.Files[0].Examples));
    }

    [Fact]
    public void Read_StatesWithoutList_AreThoseFoundInOrdinalOrder()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,run\n2,a,idle\n3,a,Setup\n4,a,run\n");

        Dataset dataset = _folder.Read(Simple(signal: """{ "name": "force", "kind": "state" }"""));

        Assert.Equal(["Setup", "idle", "run"], dataset.Schema.Signals[0].States);
        Assert.Equal([2, 1, 0, 2], dataset.Assets[0].History.Values[0]);
    }

    [Fact]
    public void Read_TooManyStates_NamesTheSignalAndTheLine()
    {
        _folder.Write("frames.csv", "at,press,force\n" + string.Concat(Enumerable.Range(1, 1001).Select(i => $"{i},a,s{i}\n")));

        string error = _folder.ErrorOf(Simple(signal: """{ "name": "force", "kind": "state" }"""));

        Assert.StartsWith("frames.csv, line 1002: signal force has more than 1000 states, the next being s1001", error);
    }

    [Fact]
    public void Read_MissingTexts_AreNaNAndTheRowStays()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,n/a\n2,a,-\n3,a,7\n4,a,\n");

        Dataset dataset = _folder.Read(Simple(file: "\"missing\": [\"n/a\", \"-\"], ", more: ", \"badRowShare\": 0.5"));

        Assert.Equal([double.NaN, double.NaN, 7], dataset.Assets[0].History.Values[0]);
        Assert.Equal(BadRowReason.NotANumber, Assert.Single(dataset.Report.Files[0].Examples).Reason); // the empty cell is not in the list
    }

    [Fact]
    public void Read_MoreBadRowsThanAllowed_PrintsShareLimitCountsAndExamples()
    {
        _folder.Write("frames.csv", "at,press,force\n" + string.Concat(Enumerable.Range(1, 16).Select(i => $"{i},a,1\n")) + "17,a,x1\n18,a,x2\n19,a,x3\n20,a,x4\n");

        string error = _folder.ErrorOf(Simple(more: ", \"badRowShare\": 0.15"));

        Assert.Equal("frames.csv: 4 of 20 rows are bad (20 %), more than badRowShare 0.15 allows: NotANumber 4. Correct the file or the description, or raise "
            + "badRowShare.\nframes.csv, line 18: force \"x1\": NotANumber\nframes.csv, line 19: force \"x2\": NotANumber\nframes.csv, line 20: force \"x3\": NotANumber", error);
    }

    [Fact]
    public void Read_AsManyBadRowsAsAllowed_GoesOn()
    {
        _folder.Write("frames.csv", "at,press,force\n" + string.Concat(Enumerable.Range(1, 19).Select(i => $"{i},a,1\n")) + "20,a,x\n");

        Assert.Equal(19, _folder.Read(Simple()).Assets[0].History.Count); // 5 % is the default
    }

    [Fact]
    public void Read_GzipAndBlanksBetweenCells_GiveTheSameAsCsv()
    {
        _folder.Write("frames.txt.gz", "1 1  10.5   \n  1 2 20 \t \r\n\n2 1 30");

        Dataset dataset = _folder.Read("""
            { "name": "t", "signals": [ { "name": "force" } ],
              "frames": [ { "file": "frames.txt.gz", "separator": " ", "columns": [ "press", "at", "force" ], "asset": { "column": "press", "prefix": "p-" },
                            "time": { "counter": "at", "period": "1h" } } ] }
            """);

        Assert.Equal(["p-1", "p-2"], dataset.Assets.Select(a => a.History.Asset.Value));
        Assert.Equal([10.5, 20], dataset.Assets[0].History.Values[0]);
        Assert.Equal([30.0], dataset.Assets[1].History.Values[0]);
    }

    [Fact]
    public void Read_CounterThatFalls_BeginsTheNextAsset()
    {
        _folder.Write("frames.csv", "wear,force\n0,1\n3,2\n5,3\nx,9\n2,4\n4,5\n4,6\n");

        Dataset dataset = _folder.Read("""
            { "name": "t", "signals": [ { "name": "force" } ], "badRowShare": 0.5,
              "frames": [ { "file": "frames.csv", "asset": { "counter": "wear", "prefix": "tool-" }, "time": { "rowNumber": true, "period": "1m", "periodName": "part" } } ] }
            """);

        Assert.Equal(["tool-1", "tool-2"], dataset.Assets.Select(a => a.History.Asset.Value));
        Assert.Equal([1, 2, 3], dataset.Assets[0].History.Values[0]);
        Assert.Equal([4, 5, 6], dataset.Assets[1].History.Values[0]);
        Assert.Equal([60_000, 120_000, 180_000], dataset.Assets[1].History.TimesUnixMs);
    }

    [Fact]
    public void Read_RowNumberAsTime_CountsBadRowsToo()
    {
        _folder.Write("frames.csv", "force,other\n1,\nx,\n3\n4,\n");

        Dataset dataset = _folder.Read("""
            { "name": "t", "signals": [ { "name": "force" } ], "badRowShare": 0.5,
              "frames": [ { "file": "frames.csv", "asset": { "name": "mill" }, "time": { "rowNumber": true, "period": "1s" } } ] }
            """);

        Assert.Equal([1_000, 4_000], dataset.Assets[0].History.TimesUnixMs);
    }

    [Fact]
    public void Read_StarInFileName_ReadsMatchesInNaturalOrder()
    {
        _folder.Write("runs/run10.csv", "at,force\n3,3\n");
        _folder.Write("runs/run2.csv", "at,force\n2,2\n");
        _folder.Write("runs/notes.txt", "none of it");

        Dataset byFile = _folder.Read(Runs("\"fileName\": true"));
        Dataset asOne = _folder.Read(Runs("\"name\": \"rig\""));

        Assert.Equal(["runs/run2.csv", "runs/run10.csv"], byFile.Report.Files.Select(f => f.File));
        Assert.Equal(["run10", "run2"], byFile.Assets.Select(a => a.History.Asset.Value));
        Assert.Equal([2, 3], Assert.Single(asOne.Assets).History.Values[0]);
        Assert.StartsWith("runs/x*.csv: no file below", _folder.ErrorOf(Runs("\"fileName\": true").Replace("run*", "x*")));

        static string Runs(string asset) =>
            $$"""{ "name": "t", "signals": [ { "name": "force" } ], "frames": [ { "file": "runs/run*.csv", "asset": { {{asset}} }, "time": { "counter": "at", "period": "1h" } } ] }""";
    }

    [Fact]
    public void Read_AssetInTwoFiles_MergesWithinOnePartAndIsRefusedAcrossParts()
    {
        _folder.Write("a.csv", "at,press,force\n1,a,1\n3,a,3\n");
        _folder.Write("b.csv", "at,press,force\n2,a,2\n4,a,4\n");
        string both = """
            { "name": "t", "signals": [ { "name": "force" } ], "badRowShare": 0.5, "frames": [
              { "file": "a.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" }, "part": "train" },
              { "file": "b.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" }, "part": "train" } ] }
            """;

        Assert.Equal([1, 3, 4], Assert.Single(_folder.Read(both).Assets).History.Values[0]); // 2 would go back
        string error = _folder.ErrorOf(both.Replace("\"train\" } ]", "\"test\" } ]"));
        Assert.Equal("b.csv: asset a is of part Test here and of part Train in an earlier file; give the files different prefixes, or the same part.", error);
    }

    [Fact]
    public void Read_Facts_ComeFromFactFilesElseFromTheFirstGoodFrame()
    {
        _folder.Write("frames.csv", "at,press,force,rated\n1,a,x,5\n2,a,1,\n3,a,1,7\n4,a,1,8\n1,b,1,\n");
        _folder.Write("facts.csv", "press,model\na,M2\nc,M1\na,M1\n");
        string description = Simple(
            more: """, "badRowShare": 0.5, "assetFacts": [ { "file": "facts.csv", "asset": { "column": "press" }, "otherAssets": "skip" } ]""",
            signal: """{ "name": "force" }, { "name": "rated", "role": "fact" }, { "name": "model", "kind": "state", "role": "fact" }""");

        Dataset dataset = _folder.Read(description);

        Assert.Equal(["rated", "model"], dataset.Schema.Facts.Select(f => f.Name));
        Assert.Equal(["M2"], dataset.Schema.Facts[1].States);
        Assert.Equal([7.0, 0], dataset.Assets[0].History.Facts); // only M2 was kept: M1 is of an asset outside, then of a second row
        Assert.Equal([double.NaN, double.NaN], dataset.Assets[1].History.Facts);
        FileReadReport facts = dataset.Report.Files[1];
        Assert.Equal((3L, 1L, 1L), (facts.Rows, facts.Good, facts.Skipped));
        Assert.Equal(new BadRow("facts.csv", 4, "press", "a", BadRowReason.DuplicateTime), Assert.Single(facts.Examples));
        Assert.Contains("facts.csv has no row for 1 of 2 assets, so facts of theirs are missing: b.", dataset.Report.Notes);
    }

    [Fact]
    public void Read_FactFileWithoutAnyFact_SaysWhatItHas()
    {
        _folder.Write("frames.csv", "at,press,force,rated\n1,a,1,5\n");
        _folder.Write("facts.csv", "press,colour\na,red\n");

        string error = _folder.ErrorOf(Simple(
            more: """, "assetFacts": [ { "file": "facts.csv", "asset": { "column": "press" } } ]""", signal: """{ "name": "force" }, { "name": "rated", "role": "fact" }"""));

        Assert.StartsWith("facts.csv, line 1: there is no column of a fact; the columns are press, colour, the facts rated.", error);
    }

    [Fact]
    public void Read_Events_AreSortedAndNamedAndGiveTheSchemaItsLists()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,1\n1,b,1\n");
        _folder.Write("failures.csv", "at,press,part\n9,a,ram\n2,a,bearing\n2,a,axle\n1,z,cog\n");
        _folder.Write("errors.csv", "at,press,code\n3,b,E2\n3,a,E1\n4,a,\n");
        string description = Simple(more: """
            , "badRowShare": 0.3, "events": [
              { "kind": "failure", "file": "failures.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" }, "nameColumn": "part", "otherAssets": "skip" },
              { "kind": "error", "file": "errors.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" }, "nameColumn": "code" } ]
            """);

        Dataset dataset = _folder.Read(description);

        Assert.Equal(["bearing@2", "axle@2", "E1@3", "@4", "ram@9"], dataset.Assets[0].History.Events.Select(e => $"{e.Name}@{e.TimeUnixMs / Hour}"));
        Assert.Equal(["axle", "bearing", "ram"], dataset.Schema.Components); // cog is of an asset outside the data set
        Assert.Equal(["E1", "E2"], dataset.Schema.ErrorCodes);
        Assert.Equal(1, dataset.Report.Files[1].Skipped);
        FileReadReport refused = _folder.Read(description.Replace(", \"otherAssets\": \"skip\"", "")).Report.Files[1];
        Assert.Equal(new BadRow("failures.csv", 5, "press", "z", BadRowReason.UnknownAsset), Assert.Single(refused.Examples));
    }

    [Fact]
    public void Read_EventNameWithControlCharacter_IsABadRow()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,1\n");
        _folder.Write("failures.csv", "at,press,part\n1,a,ra\u0001m\n2,a,ram\n");

        Dataset dataset = _folder.Read(Simple(more: """
            , "badRowShare": 0.5, "events": [
              { "kind": "failure", "file": "failures.csv", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" }, "nameColumn": "part" } ]
            """));

        Assert.Equal(new BadRow("failures.csv", 2, "part", "ra\\u0001m", BadRowReason.UnknownState), Assert.Single(dataset.Report.Files[1].Examples));
    }

    [Fact]
    public void Read_EndsInFailure_FailsAtTheLastRowEvenIfThatRowIsBad()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,1\n2,a,2\n1,b,1\n2,b,x\n");

        Dataset dataset = _folder.Read(Simple(file: "\"endsInFailure\": true, ", more: ", \"badRowShare\": 0.5"));

        Assert.All(dataset.Assets, a => Assert.Equal(2 * Hour, Assert.Single(a.History.Events).TimeUnixMs));
        Assert.Equal(1, dataset.Assets[1].History.Count);
        Assert.Empty(dataset.Schema.Components);
    }

    [Fact]
    public void Read_RowLabels_FailAtEachChangeToTrueAndKeepTheSpans()
    {
        _folder.Write("frames.csv", "at,press,force,down,ram\n1,a,1,1,0\n2,a,1,1,0\n3,a,1,0,true\n4,a,1,,\n5,a,1,1,true\n6,a,1,1,false\n");

        Dataset dataset = _folder.Read(Simple(more: """, "rowLabels": [ { "column": "down" }, { "column": "ram", "component": "ram" } ]"""));

        DatasetAsset asset = Assert.Single(dataset.Assets);
        Assert.Equal(["1:", "3:ram", "5:"], asset.History.Events.Select(e => $"{e.TimeUnixMs / Hour}:{e.Name}"));
        Assert.Equal([new("", Hour, 2 * Hour), new("ram", 3 * Hour, 5 * Hour), new("", 5 * Hour, 6 * Hour)], asset.FailedSpans);
        Assert.Equal(["ram"], dataset.Schema.Components);
    }

    [Fact]
    public void Read_LifeLabels_FailAfterTheLastFrameInFileOrder()
    {
        _folder.Write("frames.csv", "at,press,force\n1,b,1\n2,b,1\n1,a,1\n");
        _folder.Write("lives.txt", "10 \n\n2.5\n");
        string description = Simple(more: """, "remainingUsefulLife": [ { "file": "lives.txt", "frames": "frames.csv" } ]""");

        Dataset dataset = _folder.Read(description);

        Assert.Equal(1 * Hour + (5 * Hour / 2), Assert.Single(dataset.Assets[0].History.Events).TimeUnixMs); // a is second in the file
        Assert.Equal(12 * Hour, Assert.Single(dataset.Assets[1].History.Events).TimeUnixMs);
        _folder.Write("lives.txt", "10\n");
        Assert.StartsWith("lives.txt: 1 lines for 2 assets of frames.csv", _folder.ErrorOf(description));
        _folder.Write("lives.txt", "10\nten\n");
        Assert.StartsWith("lives.txt, line 2: \"ten\" is no remaining useful life", _folder.ErrorOf(description));
        _folder.Write("lives.txt", "10\n-1\n");
        Assert.StartsWith("lives.txt, line 2: \"-1\" is no remaining useful life", _folder.ErrorOf(description));
    }

    [Fact]
    public void Read_SamplingPeriod_IsTheMedianWithinAssets()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,1\n3,a,1\n5,a,1\n105,a,1\n1000,b,1\n1001,b,1\n");

        Assert.Equal(TimeSpan.FromHours(2), _folder.Read(Simple()).SamplingPeriod); // of 1, 2, 2, 100
    }

    [Fact]
    public void Read_MissingColumn_NamesFileColumnAndHeader()
    {
        _folder.Write("frames.csv", "at;press;Force\n1;a;1\n");

        Assert.Equal("frames.csv, line 1: there is no column press; the columns are at;press;Force. It has one column only: is \",\" the separator?", _folder.ErrorOf(Simple()));
        Assert.Equal("frames.csv, line 1: there is no column force; the columns are at, press, Force.", _folder.ErrorOf(Simple(file: "\"separator\": \";\", ")));
    }

    [Fact]
    public void Read_ColumnTwice_IsRefused()
    {
        _folder.Write("frames.csv", "at,press,force,force\n1,a,1,2\n");

        Assert.StartsWith("frames.csv, line 1: the header has column force twice", _folder.ErrorOf(Simple()));
    }

    [Fact]
    public void Read_Progress_TellsStartAndEndOfEachFile()
    {
        _folder.Write("frames.csv", "at,press,force\n" + string.Concat(Enumerable.Range(1, 70_000).Select(i => $"{i},a,1\n")));
        var told = new List<DatasetReadProgress>();

        _folder.Read(Simple(), progress: new Told(told));

        long length = new FileInfo(_folder.Path("frames.csv")).Length;
        Assert.Equal([0, 65_536, 70_000], told.Select(p => p.Rows));
        Assert.Equal(new DatasetReadProgress("frames.csv", length, length, 70_000), told[^1]);
    }

    [Fact]
    public void Read_CancelledToken_Stops()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,1\n");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
            DatasetReader.Read(DatasetDescriptionReader.Parse(Simple(), "x"), _folder.Root, null, null, cancelled.Token));
    }

    [Fact]
    public void Read_DescriptionMadeInCode_IsCheckedToo()
    {
        DatasetDescription description = DatasetDescriptionReader.Parse(Simple(), "x") with { BadRowShare = 2 };

        string error = Assert.Throws<DatasetException>(() => DatasetReader.Read(description, _folder.Root, null, null, CancellationToken.None)).Message;

        Assert.Equal("t: badRowShare \"2\" must be a share from 0 to 1", error);
    }

    private static string Simple(string file = "", string signal = """{ "name": "force" }""", string more = "") => $$"""
        { "name": "t", "signals": [ {{signal}} ],
          "frames": [ { "file": "frames.csv", {{file}}"asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" } } ]{{more}} }
        """;

    private sealed class Told(List<DatasetReadProgress> into) : IProgress<DatasetReadProgress>
    {
        public void Report(DatasetReadProgress value) => into.Add(value);
    }
}
