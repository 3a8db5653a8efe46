using System.Buffers;
using System.Globalization;
using System.Text;
using Auspex.Core.Csv;

namespace Auspex.Core.Tests.Csv;

public class CsvWriterTests
{
    [Theory]
    [InlineData("press 1", "press 1")]
    [InlineData("Grüße ☃ 𝄞", "Grüße ☃ 𝄞")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("=1+1;2", "\"'=1+1;2\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("  =1", "\"'  =1\"")]
    [InlineData("＝1", "'＝1")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("\n=x", "\"'\n=x\"")]
    [InlineData("a\0=x", "\"'a\0=x\"")]
    [InlineData("'", "''")]
    [InlineData("'=x", "''=x")]
    [InlineData("it's", "it's")]
    [InlineData("a=b", "a=b")]
    [InlineData("a;b", "\"a;b\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\tb", "\"a\tb\"")]
    [InlineData("a\r\nb", "\"a\r\nb\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("\"=x\"", "\"\"\"=x\"\"\"")]
    [InlineData(" a", "\" a\"")]
    [InlineData("a ", "\"a \"")]
    [InlineData(" ", "\" \"")]
    public void Text_Cell_IsInertAndPlain(string? text, string expected) => Assert.Equal($"{expected}\r\n", Written(',', csv => csv.Text(text)));

    [Theory]
    [InlineData(-5, "-5")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e308, "1E+308")]
    [InlineData(-2.2250738585072014E-308, "-2.2250738585072014E-308")]
    [InlineData(double.NaN, "")]
    [InlineData(double.NegativeInfinity, "")]
    public void Number_Cell_StaysANumber(double value, string expected) => Assert.Equal($"{expected}\r\n", Written(';', csv => csv.Number(value)));

    [Fact]
    public void Row_OfAllKinds_HasItsSeparators()
    {
        string row = Written(';', csv =>
        {
            csv.Text("a");
            csv.Time(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.FromHours(1)));
            csv.Time(null);
            csv.Number(-1.5);
        });

        Assert.Equal("a;2026-01-02T02:04:05.006Z;;-1.5\r\n", row);
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    public void Rows_OfAnyTextsAndNumbers_ReadBack(char separator)
    {
        var random = new Random(7);
        string[] pieces = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "'", "\"", ",", ";", " ", "a", "ü", "☃", "𝄞", "＝", "1", "|"];
        object[][] rows =
        [
            .. Enumerable.Range(0, 3_000).Select(_ => Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(4) == 0
                ? (object)Finite(random)
                : string.Concat(Enumerable.Range(0, random.Next(0, 7)).Select(_ => pieces[random.Next(pieces.Length)]))).ToArray()),
        ];
        var output = new ArrayBufferWriter<byte>();
        var csv = new CsvWriter(output, separator);
        foreach (object[] row in rows)
        {
            foreach (object cell in row)
            {
                if (cell is double number)
                {
                    csv.Number(number);
                }
                else
                {
                    csv.Text((string)cell);
                }
            }

            csv.EndRow();
        }

        List<List<string>> read = Read(Encoding.UTF8.GetString(output.WrittenSpan), separator);

        Assert.Equal(rows.Length, read.Count);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equal(rows[i].Length, read[i].Count);
            for (int j = 0; j < rows[i].Length; j++)
            {
                string cell = read[i][j];
                if (rows[i][j] is double number)
                {
                    Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(double.Parse(cell, CultureInfo.InvariantCulture)));
                }
                else
                {
                    Assert.DoesNotMatch("^ *[=+@\t\r\n＝-]", cell);
                    Assert.Equal(rows[i][j], cell.StartsWith('\'') ? cell[1..] : cell);
                }
            }
        }
    }

    private static double Finite(Random random)
    {
        double value;
        do
        {
            value = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        }
        while (!double.IsFinite(value));
        return value;
    }

    private static string Written(char separator, Action<CsvWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        var csv = new CsvWriter(output, separator);
        write(csv);
        csv.EndRow();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // RFC 4180 as its grammar has it: inside quotes anything, a quote doubled; outside up to the separator or the end of the line.
    private static List<List<string>> Read(string text, char separator)
    {
        var rows = new List<List<string>>();
        for (int at = 0; at < text.Length;)
        {
            var row = new List<string>();
            for (bool more = true; more;)
            {
                var cell = new StringBuilder();
                if (text[at] == '"')
                {
                    for (at++; text[at] != '"' || text[at + 1] == '"'; at++)
                    {
                        at += text[at] == '"' ? 1 : 0;
                        cell.Append(text[at]);
                    }

                    at++;
                }
                else
                {
                    while (text[at] != separator && text[at] != '\r')
                    {
                        cell.Append(text[at++]);
                    }
                }

                row.Add(cell.ToString());
                more = text[at] == separator;
                at += more ? 1 : 2;
            }

            rows.Add(row);
        }

        return rows;
    }
}
