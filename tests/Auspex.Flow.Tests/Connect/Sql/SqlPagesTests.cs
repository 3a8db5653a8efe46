using System.Globalization;
using Auspex.Core.Signals;
using Auspex.Flow.Connect.Sql;

namespace Auspex.Flow.Tests.Connect.Sql;

public class SqlPagesTests(MariaDbServer mariaDb)
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Kinds => [.. SqlConnectionSettings.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_WideTable_GivesWhatItsRowsSay(string kind)
    {
        using PlantDatabase plant = Filled(kind);
        SqlPage page = Read(plant, Wide());
        Assert.Equal(3, page.Rows);
        Assert.False(page.More);
        Assert.Equal("3", page.Last.ToString());
        Assert.Equal(
            ["0 furnace-1 1777615200250 temp 851.5", "0 furnace-1 1777615200250 door 1", "0 furnace-1 1777615200250 mode 1", "1 furnace-1 1777615230000 temp NaN", "1 furnace-1 1777615230000 door 0", "1 furnace-1 1777615230000 mode 0",
                "2 furnace-2 1777615230000 temp -0.25", "2 furnace-2 1777615230000 door 1"],
            page.Readings.Select(Said));
        SqlBadCell bad = Assert.Single(page.Bad);
        Assert.Equal(("3", "mode"), (bad.Key, bad.Column));
        Assert.Contains("'standby' is none of the states", bad.Reason, StringComparison.Ordinal);
        Assert.Equal(["gone"], page.Missing);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_LongTable_GivesWhatItsRowsSay(string kind)
    {
        using PlantDatabase plant = PlantDatabase.Make(kind, mariaDb);
        plant.Execute(plant.Sql(
            "create table \"Tag Log\" (t real not null, tag text, value text)", "create table \"Tag Log\" (t double precision not null, tag text, value text)",
            "create table `Tag Log` (t double not null, tag varchar(50) character set utf8mb3, value varchar(50)) character set utf8mb3"));
        string insert = plant.Sql("insert into \"Tag Log\" values (@t, @tag, @value)", "insert into \"Tag Log\" values (@t, @tag, @value)", "insert into `Tag Log` values (@t, @tag, @value)");
        foreach ((double t, string? tag, string? value) in ((double, string?, string?)[])
        [
            (1777615200.25, "Öltemp", "62.5"), (1777615200.25, "druck", "1,5"), (1777615201, null, "3"), (1777615202, "druck", null), (1777615203, "druck", "NaN"), (1777615204, "druck", " -1e3 "),
        ])
        {
            plant.Execute(insert, new { t, tag, value });
        }

        var mapping = new SqlMapping(null, "Tag Log", "t", "t", SqlMapping.UnixSeconds, null, null, "press", null, "tag", "value");
        SqlPage page = Read(plant, mapping);
        Assert.Equal(["0 press 1777615200250 Öltemp 62.5", "3 press 1777615202000 druck NaN", "4 press 1777615203000 druck NaN", "5 press 1777615204000 druck -1000"], page.Readings.Select(Said));
        Assert.Equal(["value", "tag"], page.Bad.Select(bad => bad.Column));
        Assert.Contains("'1,5' must be a number with a decimal point", page.Bad[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_PageByPage_GivesEachRowOnce(string kind)
    {
        using PlantDatabase plant = PlantDatabase.Make(kind, mariaDb);
        string time = plant.Sql("text", "timestamptz", "datetime(6)");
        plant.Execute($"create table r (id bigint primary key, t {time} not null, x double precision)");
        var random = new Random(7);
        var at = new DateTime(2026, 5, 1, 6, 0, 0, DateTimeKind.Utc);
        int id = 0;
        var rows = new List<double>();
        while (id < 500)
        {
            // Some instants have one row, some have many.
            at = at.AddTicks(10 * random.Next(1, 900_000));
            for (int same = random.Next(1, 12); same > 0; same--)
            {
                id++;
                rows.Add(id);
                plant.Execute("insert into r values (@id, @t, @id)", new { id, t = kind == SqlConnectionSettings.Sqlite ? at.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture) : (object)at });
            }
        }

        foreach (string key in (string[])["id", "t"])
        {
            var mapping = new SqlMapping(null, "r", key, "t", null, null, null, "press", [new SqlValueColumn("x")], null, null);
            var read = new List<double>();
            SqlKey? head = null;
            bool more = true;
            while (more)
            {
                SqlPage page = Read(plant, mapping, new SqlRange(head, null), new SqlLimits { PageRows = 37 });
                Assert.InRange(page.Rows, 1, 37);
                read.AddRange(page.Readings.Select(reading => reading.Value));
                head = SqlKey.Parse(page.Last!.Value.ToText());
                more = page.More;
            }

            Assert.Equal(rows, read.Order());
            Assert.Equal(0, Read(plant, mapping, new SqlRange(head, null)).Rows);
            // Again, up to a key.
            SqlPage part = Read(plant, mapping, new SqlRange(null, Read(plant, mapping, default, new SqlLimits { PageRows = 50 }).Last));
            Assert.InRange(part.Rows, 39, 50);
            Assert.False(part.More);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_ManyRowsOfOneKey_AreReadTogetherOrRefused(string kind)
    {
        using PlantDatabase plant = PlantDatabase.Make(kind, mariaDb);
        plant.Execute("create table r (t bigint, x double precision)");
        for (int i = 0; i < 120; i++)
        {
            plant.Execute("insert into r values (@t, @x)", new { t = i < 55 ? 1777615200000 : 1777615300000, x = i });
        }

        var mapping = new SqlMapping(null, "r", "t", "t", SqlMapping.UnixMilliseconds, null, null, "press", [new SqlValueColumn("x")], null, null);
        SqlPage page = Read(plant, mapping, default, new SqlLimits { PageRows = 10 });
        Assert.Equal((55, true), (page.Rows, page.More));
        SqlSourceException refused = Assert.Throws<SqlSourceException>(() => Read(plant, mapping, default, new SqlLimits { PageRows = 10, MostGrowth = 4 }));
        Assert.True(refused.NeedsPerson);
        Assert.Contains("More than 40 rows share one value of keyColumn t", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_RowsAheadOfTheClock_WaitAndHideNothing(string kind)
    {
        using PlantDatabase plant = PlantDatabase.Make(kind, mariaDb);
        plant.Execute($"create table r (t {plant.Sql("text", "timestamp", "datetime")}, x double precision)");
        foreach (string t in (string[])["2026-05-31 23:59:00", "2026-06-04 00:00:00", "9999-01-01 00:00:00"])
        {
            plant.Execute($"insert into r values ('{t}', 1)");
        }

        var mapping = new SqlMapping(null, "r", "t", "t", null, null, null, "press", [new SqlValueColumn("x")], null, null);
        SqlPage page = Read(plant, mapping);
        Assert.Equal((1, true, false), (page.Rows, page.WaitsForTime, page.More));
        plant.Execute("insert into r values ('2026-06-01 00:05:00', 2)");
        SqlPage next = Read(plant, mapping, new SqlRange(page.Last, null));
        Assert.Equal((1, true), (next.Rows, next.WaitsForTime));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_WhatIsMissing_IsNamed(string kind)
    {
        using PlantDatabase plant = Filled(kind);
        (SqlMapping Mapping, string Says)[] cases =
        [
            (Wide() with { Table = "nothing" }, "There is no table nothing that can be read"),
            (Wide() with { KeyColumn = "no" }, "has no column no, which is the keyColumn"),
            (Wide() with { TimeColumn = "no" }, "has no column no, which is the timeColumn"),
            (Wide() with { AssetColumn = "no" }, "has no column no, which is the assetColumn"),
            (Wide() with { Columns = [new SqlValueColumn("gone"), new SqlValueColumn("t\" or \"1")] }, "has none of the columns that hold signals, such as gone"),
            (Wide() with { Table = "readings\"; drop table readings; --" }, "There is no table"),
        ];
        foreach ((SqlMapping mapping, string says) in cases)
        {
            SqlSourceException fault = Assert.Throws<SqlSourceException>(() => Read(plant, mapping));
            Assert.True(fault.NeedsPerson, fault.Message);
            Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        }

        plant.Execute("alter table readings rename column temp to temperature");
        Assert.Equal(["temp", "gone"], Read(plant, Wide()).Missing);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Read_LocalTimes_AreOfTheirZone(string kind)
    {
        using PlantDatabase plant = PlantDatabase.Make(kind, mariaDb);
        plant.Execute($"create table r (id bigint primary key, t {plant.Sql("text", "timestamp", "datetime")}, x double precision)");
        plant.Execute("insert into r values (1, '2026-01-15 12:00:00', 1)");
        plant.Execute("insert into r values (2, '2026-05-15 12:00:00', 1)");
        plant.Execute("insert into r values (3, '2026-03-29 02:30:00', 1)");
        var mapping = new SqlMapping(null, "r", "id", "t", null, "Europe/Berlin", null, "press", [new SqlValueColumn("x")], null, null);
        SqlPage page = Read(plant, mapping);
        Assert.Equal(
            ["2026-01-15T11:00:00", "2026-05-15T10:00:00"],
            page.Readings.Select(reading => DateTimeOffset.FromUnixTimeMilliseconds(reading.TimeUnixMs!.Value).ToString("s", CultureInfo.InvariantCulture)));
        Assert.Contains("clocks of Europe/Berlin skipped", Assert.Single(page.Bad).Reason, StringComparison.Ordinal);
        SqlSourceException refused = Assert.Throws<SqlSourceException>(() => Read(plant, mapping with { KeyColumn = "t" }));
        Assert.Contains("whose clocks go back at times", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, Read(plant, mapping with { KeyColumn = "t", TimeZone = "Asia/Kolkata" }).Rows);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Session_Writes_AreRefused(string kind)
    {
        using PlantDatabase plant = Filled(kind);
        using SqlSession session = plant.Open();
        foreach (string sql in (string[])["insert into readings (id) values (9)", "delete from readings", "drop table readings", "create table more (x integer)"])
        {
            using System.Data.Common.DbCommand command = session.Command(sql);
            Assert.ThrowsAny<System.Data.Common.DbException>(() => command.ExecuteNonQuery());
        }

        Assert.Equal(3, Read(plant, Wide()).Rows);
    }

    private static SqlPage Read(PlantDatabase plant, SqlMapping mapping, SqlRange range = default, SqlLimits? limits = null)
    {
        using SqlSession session = plant.Open();
        return SqlPages.Read(session, mapping, range, limits ?? new SqlLimits(), Now);
    }

    private static SqlMapping Wide() => new(
        null, "readings", "id", "t", null, null, "machine", null,
        [new SqlValueColumn("temp"), new SqlValueColumn("door open", "door"), new SqlValueColumn("mode", null, ["idle", "run"]), new SqlValueColumn("gone")], null, null);

    private static string Said(RawReading reading) => string.Create(CultureInfo.InvariantCulture, $"{reading.Row} {reading.Asset} {reading.TimeUnixMs} {reading.Signal} {reading.Value}");

    private PlantDatabase Filled(string kind)
    {
        PlantDatabase plant = PlantDatabase.Make(kind, mariaDb);
        plant.Execute(plant.Sql(
            "create table readings (id integer primary key, t text not null, machine text, temp real, \"door open\" boolean, mode text)",
            "create table readings (id bigserial primary key, t timestamptz not null, machine varchar(50), temp numeric(40, 20), \"door open\" boolean, mode text)",
            "create table readings (id int unsigned auto_increment primary key, t timestamp(3) not null, machine varchar(50) character set utf8mb3, temp decimal(40, 20), `door open` bit(1), mode varchar(20)) character set utf8mb3"));
        string zone = plant.Sql("Z", "Z", "");
        plant.Execute($"""
            insert into readings values (1, '2026-05-01 06:00:00.250{zone}', 'furnace-1', 851.5, {plant.Sql("1", "true", "b'1'")}, 'run'),
              (2, '2026-05-01 06:00:30{zone}', 'furnace-1', null, {plant.Sql("0", "false", "b'0'")}, 'idle'), (3, '2026-05-01 06:00:30{zone}', 'furnace-2', -0.25, {plant.Sql("'true'", "true", "b'1'")}, 'standby')
            """);
        return plant;
    }
}
