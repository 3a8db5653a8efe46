using System.IO.Compression;
using System.Text;
using Auspex.Learning.Datasets;

namespace Auspex.Learning.Tests.Datasets;

/// <summary>Files that are damaged, or made to do harm: each ends in a message that names the file, or in a report; none in silence.</summary>
public sealed class DatasetReaderHostileTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_UnclosedQuotes_CostTheirOwnLinesOnly()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,1\n2,a,\"2\n3,\"a,3\n4,a,\"4\n5\"\n6,a,6\n");

        Dataset dataset = _folder.Read(Description(badRowShare: 0.9));

        Assert.Equal([1, 6], dataset.Assets[0].History.Values[0]);
        FileReadReport report = dataset.Report.Files[0];
        Assert.Equal(6, report.Rows);
        Assert.Equal([new(BadRowReason.WrongColumnCount, 4)], report.Bad);
        Assert.Equal([3, 4, 5], report.Examples.Select(e => e.Line));
    }

    [Theory]
    [InlineData("frames.csv", ",")]
    [InlineData("frames.csv", " ")]
    [InlineData("frames.csv.gz", ",")]
    [InlineData("frames.csv.gz", " ")]
    public void Read_MillionColumns_IsRefusedAsTooLong(string file, string separator)
    {
        _folder.Write(file, $"at press force\n".Replace(" ", separator) + string.Join(separator, Enumerable.Repeat("1", 1_000_000)) + "\n");

        string error = _folder.ErrorOf(Description(file, separator));

        Assert.Equal($"{file}, line 2: the line is longer than 1048576 bytes; is it a text file with one row a line?", error);
    }

    [Theory]
    [InlineData(",")]
    [InlineData(" ")]
    public void Read_HundredThousandColumns_IsABadRow(string separator)
    {
        _folder.Write("frames.csv", "at press force\n1 a 1\n".Replace(" ", separator) + string.Join(separator, Enumerable.Repeat("1", 100_000)) + "\n");

        Dataset dataset = _folder.Read(Description(separator: separator, badRowShare: 0.9));

        Assert.Equal("100000 columns instead of 3", Assert.Single(dataset.Report.Files[0].Examples).Value);
    }

    [Theory]
    [InlineData(",")]
    [InlineData(" ")]
    public void Read_ZeroBytesOnly_IsRefused(string separator)
    {
        _folder.Write("frames.csv", new string('\0', 5_000));

        Assert.StartsWith("frames.csv, line 1: there is no column press; the columns are \\u0000\\u0000", _folder.ErrorOf(Description(separator: separator)));
    }

    [Theory]
    [InlineData("frames.csv", "frames.csv: is empty; a header line")]
    [InlineData("frames.csv.gz", "frames.csv.gz: is empty; a header line")]
    public void Read_EmptyFile_IsRefused(string file, string message)
    {
        File.WriteAllBytes(_folder.Path(file), []);

        Assert.StartsWith(message, _folder.ErrorOf(Description(file)));
    }

    [Fact]
    public void Read_HeaderOnly_HasNoFrames()
    {
        _folder.Write("frames.csv", "at,press,force\n");

        Assert.Equal("t: there are no frames: no good row in frames.csv.", _folder.ErrorOf(Description()));
    }

    [Fact]
    public void Read_UnclosedQuoteInTheHeader_IsRefused()
    {
        _folder.Write("frames.csv", "at,press,\"force\n1,a,1\n");

        Assert.Equal("frames.csv, line 1: a quote in the header is not closed.", _folder.ErrorOf(Description()));
    }

    [Theory]
    [InlineData("frames.csv", ",")]
    [InlineData("frames.csv", " ")]
    [InlineData("frames.csv.gz", ",")]
    public void Read_FilesWithRandomDamage_EndInAReportOrAMessage(string file, string separator)
    {
        string quote = separator == " " ? "" : "\"";
        _folder.Write(file, "at,press,force\n".Replace(",", separator)
            + string.Concat(Enumerable.Range(1, 30).Select(i => $"{i}{separator}a{separator}{quote}{i * 7}{quote}\n")));
        byte[] whole = File.ReadAllBytes(_folder.Path(file));
        var random = new Random(20150301);
        int read = 0;
        int refused = 0;
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = [.. whole];
            for (int i = 0; i < 1 + (round % 5); i++)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(_folder.Path(file), damaged[..random.Next(damaged.Length / 2, damaged.Length + 1)]);
            try
            {
                FileReadReport report = _folder.Read(Description(file, separator, badRowShare: 1)).Report.Files[0];
                Assert.Equal(report.Rows, report.Good + report.Bad.Values.Sum());
                read++;
            }
            catch (DatasetException e)
            {
                Assert.StartsWith(e.Message.StartsWith("t:", StringComparison.Ordinal) ? "t: there are no frames" : file, e.Message);
                refused++;
            }
        }

        Assert.True(refused > 0 && (read > 0 || file.EndsWith(".gz", StringComparison.Ordinal)), $"{read} read, {refused} refused");
    }

    [Fact]
    public void Read_FileThatIsNotThere_IsNamed() => Assert.StartsWith("frames.csv: there is no such file below ", _folder.ErrorOf(Description()));

    [Fact]
    public void Read_FolderAsFile_IsRefused()
    {
        Directory.CreateDirectory(_folder.Path("frames.csv"));

        Assert.StartsWith("frames.csv: there is no such file below ", _folder.ErrorOf(Description()));
    }

    [Fact]
    public void Read_RootThatIsNotThere_IsNamed()
    {
        DatasetDescription description = DatasetDescriptionReader.Parse(Description(), "x");

        Assert.StartsWith("The root folder /no/such does not exist",
            Assert.Throws<DatasetException>(() => DatasetReader.Read(description, "/no/such", null, null, CancellationToken.None)).Message);
    }

    [Fact]
    public void Read_NoGzipUnderItsName_IsRefused()
    {
        File.WriteAllText(_folder.Path("frames.csv.gz"), "at,press,force\n1,a,1\n");

        Assert.StartsWith("frames.csv.gz: the name ends in .gz but the file is not gzip", _folder.ErrorOf(Description("frames.csv.gz")));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(4)]
    [InlineData(1)]
    public void Read_GzipCutOff_IsRefused(int cut)
    {
        _folder.Write("frames.csv.gz", "at,press,force\n" + string.Concat(Enumerable.Range(1, 1000).Select(i => $"{i},a,{i * 7}\n")));
        byte[] whole = File.ReadAllBytes(_folder.Path("frames.csv.gz"));
        File.WriteAllBytes(_folder.Path("frames.csv.gz"), whole[..^cut]);

        Assert.StartsWith("frames.csv.gz: is damaged after line ", _folder.ErrorOf(Description("frames.csv.gz")));
    }

    [Theory]
    [InlineData(0.5)] // in the middle of the data
    [InlineData(1.0)] // in the checksum
    public void Read_GzipWithAFlippedBit_IsRefused(double where)
    {
        _folder.Write("frames.csv.gz", "at,press,force\n" + string.Concat(Enumerable.Range(1, 1000).Select(i => $"{i},a,{i * 7}\n")));
        byte[] bytes = File.ReadAllBytes(_folder.Path("frames.csv.gz"));
        bytes[(int)(where * (bytes.Length - 8))] ^= 4;
        File.WriteAllBytes(_folder.Path("frames.csv.gz"), bytes);

        Assert.StartsWith("frames.csv.gz: ", _folder.ErrorOf(Description("frames.csv.gz")));
    }

    [Fact]
    public void Read_TwoGzipMembers_AreOneText()
    {
        _folder.Write("one.gz", "at,press,force\n1,a,1\n");
        _folder.Write("two.gz", "2,a,2\n");
        File.WriteAllBytes(_folder.Path("frames.csv.gz"), [.. File.ReadAllBytes(_folder.Path("one.gz")), .. File.ReadAllBytes(_folder.Path("two.gz"))]);

        Assert.Equal([1, 2], _folder.Read(Description("frames.csv.gz")).Assets[0].History.Values[0]);
    }

    [Fact]
    public void Read_GzipBombOfOneLine_IsRefusedWithoutUnpackingIt()
    {
        using (var stream = new GZipStream(File.Create(_folder.Path("frames.csv.gz")), CompressionLevel.Optimal))
        {
            stream.Write("at,press,force\n"u8);
            byte[] block = new byte[1 << 20];
            Array.Fill(block, (byte)'1');
            for (int i = 0; i < 200; i++)
            {
                stream.Write(block);
            }
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        string error = _folder.ErrorOf(Description("frames.csv.gz"));

        Assert.StartsWith("frames.csv.gz, line 2: the line is longer than 1048576 bytes", error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 << 20);
    }

    [Fact]
    public void Read_LinkOutOfTheRoot_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        using var outside = new TestFolder();
        outside.Write("frames.csv", "at,press,force\n1,a,1\n");
        File.CreateSymbolicLink(_folder.Path("frames.csv"), outside.Path("frames.csv"));
        Directory.CreateSymbolicLink(_folder.Path("folder"), outside.Root);

        Assert.StartsWith("frames.csv: is a link that leads out of the root", _folder.ErrorOf(Description()));
        Assert.StartsWith("folder/frames.csv: is a link that leads out of the root", _folder.ErrorOf(Description("folder/frames.csv")));
        Assert.StartsWith("folder/*.csv: is a link that leads out of the root", _folder.ErrorOf(Description("folder/*.csv")));
    }

    [Fact]
    public void Read_LinksThatStayInTheRoot_AreFollowed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        _folder.Write("2015/frames.csv", "at,press,force\n1,a,1\n");
        Directory.CreateSymbolicLink(_folder.Path("latest"), "2015");
        File.CreateSymbolicLink(_folder.Path("loop"), "loop");

        Assert.Equal([1.0], _folder.Read(Description("latest/frames.csv")).Assets[0].History.Values[0]);
        Assert.Contains("too many links", _folder.ErrorOf(Description("loop")));
    }

    [Fact]
    public void Read_SiblingFolderWithTheRootsNameAsPrefix_IsOutside()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        string sibling = _folder.Root + "-sibling";
        Directory.CreateDirectory(sibling);
        try
        {
            File.WriteAllText(Path.Combine(sibling, "frames.csv"), "at,press,force\n1,a,1\n");
            File.CreateSymbolicLink(_folder.Path("frames.csv"), Path.Combine(sibling, "frames.csv"));

            Assert.Contains("leads out of the root", _folder.ErrorOf(Description()));
        }
        finally
        {
            Directory.Delete(sibling, recursive: true);
        }
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_AreBadCells()
    {
        File.WriteAllBytes(_folder.Path("frames.csv"), [.. "at,press,force\n1,a,1\n2,a,"u8, 0xFF, 0xFE, 0xB0, .. "\n"u8]);

        Dataset dataset = _folder.Read(Description(badRowShare: 0.5));

        Assert.Equal(BadRowReason.NotANumber, Assert.Single(dataset.Report.Files[0].Examples).Reason);
    }

    [Fact]
    public void Read_Utf16WithItsMark_IsRead()
    {
        File.WriteAllText(_folder.Path("frames.csv"), "at,press,force\n1,ä,1\n", Encoding.Unicode);

        Assert.Equal("ä", _folder.Read(Description()).Assets[0].History.Asset.Value);
    }

    [Theory]
    [InlineData("0", BadRowReason.BadWeight)]
    [InlineData("-1", BadRowReason.BadWeight)]
    [InlineData("-0", BadRowReason.BadWeight)]
    [InlineData("9.9e-7", BadRowReason.BadWeight)]
    [InlineData("1e-300", BadRowReason.BadWeight)]
    [InlineData("1000000.1", BadRowReason.BadWeight)]
    [InlineData("1e300", BadRowReason.BadWeight)]
    [InlineData("NaN", BadRowReason.NaN)]
    [InlineData("inf", BadRowReason.Infinite)]
    [InlineData("1e309", BadRowReason.Infinite)]
    [InlineData("1,5", BadRowReason.NotANumber)]
    [InlineData("heavy", BadRowReason.NotANumber)]
    public void Read_WeightThatIsNone_IsABadRow(string cell, BadRowReason reason)
    {
        _folder.Write("frames.csv", $"at;press;force;weight\n1;a;1;2\n2;a;2;{cell}\n3;a;3;\n");
        string description = Description(separator: ";", badRowShare: 0.5).Replace("\"separator\"", "\"weightColumn\": \"weight\", \"separator\"");

        Dataset dataset = _folder.Read(description);

        BadRow bad = Assert.Single(dataset.Report.Files[0].Examples);
        Assert.Equal((3L, "weight", cell, reason), (bad.Line, bad.Field, bad.Value, bad.Reason));
        Assert.Equal([2, 1], dataset.Assets[0].Weights); // without a value it counts for one
        string error = _folder.ErrorOf(description.Replace("0.5", "0.05"));
        Assert.Contains($"frames.csv, line 3: weight \"{cell}\": {reason}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WeightColumnThatIsNotThere_IsNamed()
    {
        _folder.Write("frames.csv", "at,press,force\n1,a,1\n");
        string description = Description().Replace("\"separator\"", "\"weightColumn\": \"weight\", \"separator\"");

        Assert.StartsWith("frames.csv, line 1: there is no column weight; the columns are at, press, force", _folder.ErrorOf(description));
        Dataset scored = _folder.Read(description, _folder.Read(Description()).Schema); // a model's data need none
        Assert.Empty(scored.Assets[0].Weights);
    }

    private static string Description(string file = "frames.csv", string separator = ",", double badRowShare = 0.05) =>
        FormattableString.Invariant($$"""
        { "name": "t", "signals": [ { "name": "force" } ], "badRowShare": {{badRowShare}},
          "frames": [ { "file": "{{file}}", "separator": "{{separator}}", "asset": { "column": "press" }, "time": { "counter": "at", "period": "1h" } } ] }
        """);
}
