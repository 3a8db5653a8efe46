using System.Globalization;
using Auspex.Flow.Connect.LineProtocol;

namespace Auspex.Flow.Tests.Connect;

public class LineParserTests
{
    [Theory]
    // From the InfluxDB v2 documentation, "Line protocol".
    [InlineData("myMeasurement,tag1=value1,tag2=value2 fieldKey=\"fieldValue\" 1556813561098000000", "myMeasurement|tag1=value1,tag2=value2|fieldKey=Text|1556813561098000000")]
    [InlineData("airSensors,sensor_id=TLM0201 temperature=73.97038159354763,humidity=35.23103248356096,co=0.48445310567793615 1630525358", "airSensors|sensor_id=TLM0201|temperature=73.97038159354763,humidity=35.23103248356096,co=0.48445310567793615|1630525358")]
    [InlineData("myMeasurement fieldKey=1i", "myMeasurement||fieldKey=1|")]
    [InlineData("myMeasurement fieldKey=12485903u", "myMeasurement||fieldKey=12485903|")]
    [InlineData("myMeasurement fieldKey=-1.0e+20,b=FALSE,c=t", "myMeasurement||fieldKey=-1E+20,b=Boolean0,c=Boolean1|")]
    [InlineData("my\\ Measurement fieldKey=1", "my Measurement||fieldKey=1|")]
    [InlineData("myMeasurement,tag\\ Key1=tag\\,Value1,tagKey2=a\\=b field\\=Key=100", "myMeasurement|tag Key1=tag,Value1,tagKey2=a=b|field=Key=100|")]
    [InlineData("myMeasurement fieldKey=\"he said \\\"no, never\\\"\",x=1 5", "myMeasurement||fieldKey=Text,x=1|5")]
    [InlineData("myMeasurement,tagKey=🍭 fieldKey=2  7  ", "myMeasurement|tagKey=🍭|fieldKey=2|7")]
    [InlineData("  cpu,host=a load=1 5\r", "cpu|host=a|load=1|5")]
    public void Read_WellFormedLine_GivesItsPoint(string line, string expected)
    {
        (List<LinePoint> points, List<LineFault> faults) = Read(line);
        Assert.Empty(faults);
        Assert.Equal(expected, Shown(Assert.Single(points)));
    }

    [Fact]
    public void TextsOf_SomeLines_AreAsTheyWereWrittenAndReadTheSameAlone()
    {
        string body = "a x=1 1\r\n# comment\n\n  b x= 2\nc y=\"two\nlines\" 3\nd x=1 4 5\ne x=1";

        IReadOnlyDictionary<int, string> texts = LineParser.TextsOf(body, new HashSet<int> { 1, 4, 5, 7, 8, 99 });

        Assert.Equal(
            [(1, "a x=1 1"), (4, "  b x= 2"), (5, "c y=\"two\nlines\" 3"), (7, "d x=1 4 5"), (8, "e x=1")],
            texts.OrderBy(line => line.Key).Select(line => (line.Key, line.Value)));
        foreach ((int number, string text) in texts)
        {
            (List<LinePoint> points, List<LineFault> faults) = Read(text);
            Assert.Equal(number is 4 or 7 ? 0 : 1, points.Count);
            Assert.Equal(number is 4 or 7 ? 1 : 0, faults.Count);
        }
    }

    [Theory]
    [InlineData("cpu", 4, "a field is missing")]
    [InlineData(",host=a x=1", 1, "the measurement is empty")]
    [InlineData("cpu,host x=1", 9, "tag 'host' has no value")]
    [InlineData("cpu,host= x=1", 10, "the value of tag 'host' is empty")]
    [InlineData("cpu,host=a,host=b x=1", 18, "tag 'host' is there twice")]
    [InlineData("cpu x", 6, "field 'x' has no value")]
    [InlineData("cpu x=", 7, "the value of field 'x' must be")]
    [InlineData("cpu x=1,5", 10, "field '5' has no value")]
    [InlineData("cpu x=1,x=2", 11, "field 'x' is there twice")]
    [InlineData("cpu x=NaN", 7, "must be a finite number")]
    [InlineData("cpu x=1e400", 7, "must be a finite number")]
    [InlineData("cpu x=99999999999999999999i", 7, "must be a finite number")]
    [InlineData("cpu x=\"never ends", 18, "does not end")]
    [InlineData("cpu x=1 tomorrow", 9, "the timestamp must be a whole number")]
    [InlineData("cpu x=1 5 6", 11, "nothing may follow the timestamp")]
    [InlineData("cpu\tx=1", 4, "control character")]
    [InlineData("c\u0000pu x=1", 2, "control character")]
    public void Read_BadLineBetweenGoodOnes_NamesLineAndColumnAndKeepsTheOthers(string bad, int column, string reason)
    {
        (List<LinePoint> points, List<LineFault> faults) = Read($"# a comment\ngood a=1 1\n\n{bad}\ngood a=2 2\n");
        if (!bad.Contains("never ends", StringComparison.Ordinal))
        {
            Assert.Equal([1, 2], points.Select(point => point.Fields[0].Value));
            Assert.Equal(5, points[1].Line);
        }

        LineFault fault = Assert.Single(faults);
        Assert.Equal(4, fault.Line);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        if (!bad.Contains("never ends", StringComparison.Ordinal))
        {
            Assert.Equal(column, fault.Column);
        }
    }

    [Fact]
    public void Read_TextOverSeveralLines_IsOnePointAndLinesAreCountedOn()
    {
        (List<LinePoint> points, List<LineFault> faults) = Read("log text=\"one\ntwo\nthree\",x=1 1\nbad\ncpu x=2 2");
        Assert.Equal([1, 5], points.Select(point => point.Line));
        Assert.Equal(4, Assert.Single(faults).Line);
    }

    [Fact]
    public void Read_AnyNamesAndNumbers_ReadBackAsTheyWereWritten()
    {
        var random = new Random(3);
        const string Letters = "ab ,=\\\"é🍭:/#";
        string Name() => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Letters[random.Next(Letters.Length)])).Replace("\\", "x", StringComparison.Ordinal).Trim('#');
        static string Escaped(string name) => name.Replace(",", "\\,", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);
        for (int i = 0; i < 3_000; i++)
        {
            (string measurement, string tag, string value, string field) = ("m" + Name(), Name() + "k", Name() + "v", Name() + "f");
            double number = BitConverter.Int64BitsToDouble(random.NextInt64());
            number = double.IsFinite(number) ? number : i;
            (List<LinePoint> points, List<LineFault> faults) = Read(
                string.Create(CultureInfo.InvariantCulture, $"{Escaped(measurement)},{Escaped(tag)}={Escaped(value)} {Escaped(field)}={number:R} {i}"));
            Assert.Empty(faults);
            LinePoint point = Assert.Single(points);
            Assert.Equal((measurement, (tag, value), field, number, (long?)i), (point.Measurement, point.Tags[0], point.Fields[0].Name, point.Fields[0].Value, point.Timestamp));
        }
    }

    [Fact]
    public void Read_Garbage_EndsAndSaysWhatIsWrong()
    {
        var random = new Random(9);
        const string Letters = "a1,= \\\"\n\r\t#-.eitf\0";
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Letters[random.Next(Letters.Length)]));
            (List<LinePoint> points, List<LineFault> faults) = Read(text);
            Assert.True(points.Count + faults.Count <= text.Count(c => c == '\n') + 1, text);
        }

        (_, List<LineFault> longNames) = Read(new string('x', 1 << 20) + " a=1");
        Assert.Contains("longer than 200", Assert.Single(longNames).Reason, StringComparison.Ordinal);
    }

    private static (List<LinePoint> Points, List<LineFault> Faults) Read(string text)
    {
        var points = new List<LinePoint>();
        var faults = new List<LineFault>();
        new LineParser().Read(text, points, faults);
        return (points, faults);
    }

    private static string Shown(LinePoint point) => string.Create(CultureInfo.InvariantCulture,
        $"{point.Measurement}|{string.Join(',', point.Tags.Select(tag => $"{tag.Key}={tag.Value}"))}|{string.Join(',', point.Fields.Select(Shown))}|{point.Timestamp}");

    private static string Shown(LineField field) => field.Name + "=" + field.Kind switch
    {
        LineFieldKind.Text => "Text",
        LineFieldKind.Boolean => $"Boolean{field.Value}",
        _ => field.Value.ToString("R", CultureInfo.InvariantCulture),
    };
}
