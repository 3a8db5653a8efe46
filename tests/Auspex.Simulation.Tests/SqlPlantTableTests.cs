using System.Globalization;
using Auspex.Core.Signals;
using Auspex.Simulation.Furnace;
using Microsoft.Data.Sqlite;

namespace Auspex.Simulation.Tests;

public sealed class SqlPlantTableTests : IAsyncLifetime
{
    private readonly SqliteConnection _db = new("Data Source=:memory:");
    private readonly HeatTreatmentLine _line = new(new LivePlantOptions { Assets = 3 });

    public async ValueTask InitializeAsync() => await _db.OpenAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await _db.DisposeAsync();

    [Fact]
    public async Task WriteAsync_Wide_RowsAreTheFramesAndTheTableGrowsStepByStep()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var table = new SqlPlantTable(_db, SqlDialect.Sqlite, SqlLayout.Wide, "furnaces", _line.Schema);
        await table.CreateAsync(ct);
        await table.CreateAsync(ct); // a second time changes nothing
        int written = 0;
        for (int i = 0; i < 200; i++)
        {
            SimulatedStep step = _line.Step();
            await table.WriteAsync(step, ct);
            written += step.Frames.Count;
            Assert.Equal(written, Convert.ToInt32(await ScalarAsync("select count(*) from furnaces"), CultureInfo.InvariantCulture));
            foreach (SimulatedFrame frame in step.Frames)
            {
                await using SqliteCommand command = _db.CreateCommand();
                command.CommandText = "select * from furnaces where asset = @asset and time = @time";
                command.Parameters.AddWithValue("@asset", frame.Asset.Value);
                command.Parameters.AddWithValue("@time", DateTimeOffset.FromUnixTimeMilliseconds(frame.TimeUnixMs).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                await using SqliteDataReader row = await command.ExecuteReaderAsync(ct);
                Assert.True(await row.ReadAsync(ct));
                for (int signal = 0; signal < frame.Values.Length; signal++)
                {
                    SignalDefinition definition = _line.Schema.Signals[signal];
                    Assert.Equal(definition.Name, row.GetName(signal + 2));
                    if (double.IsNaN(frame.Values[signal]))
                    {
                        Assert.True(row.IsDBNull(signal + 2));
                    }
                    else if (definition.Kind == SignalKind.State)
                    {
                        Assert.Equal(definition.States[(int)frame.Values[signal]], row.GetString(signal + 2));
                    }
                    else
                    {
                        Assert.Equal(frame.Values[signal], row.GetDouble(signal + 2));
                    }
                }
            }
        }
    }

    [Fact]
    public async Task WriteAsync_Narrow_HasARowForEachReadingThatIsThere()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        var table = new SqlPlantTable(_db, SqlDialect.Sqlite, SqlLayout.Narrow, "readings", _line.Schema);
        await table.CreateAsync(ct);
        int readings = 0;
        double oil = 0;
        for (int i = 0; i < 50; i++)
        {
            SimulatedStep step = _line.Step();
            await table.WriteAsync(step, ct);
            readings += step.Frames.Sum(frame => frame.Values.Count(double.IsFinite));
            int oilTemperature = _line.Schema.Signals.Select((signal, at) => (signal.Name, at)).Single(pair => pair.Name == "oiltemp").at;
            oil += step.Frames.Select(frame => frame.Values[oilTemperature]).Where(double.IsFinite).Sum();
        }

        Assert.Equal(readings, Convert.ToInt32(await ScalarAsync("select count(*) from readings"), CultureInfo.InvariantCulture));
        Assert.Equal(oil, Convert.ToDouble(await ScalarAsync("select sum(value) from readings where signal = 'oiltemp'"), CultureInfo.InvariantCulture), 1e-6);
    }

    [Theory]
    [InlineData("furnaces; drop table x")]
    [InlineData("a\"b")]
    [InlineData("")]
    [InlineData("1a")]
    public void New_NameThatIsNotPlain_IsRefused(string table) =>
        Assert.Throws<ArgumentException>(() => new SqlPlantTable(_db, SqlDialect.PostgreSql, SqlLayout.Wide, table, _line.Schema));

    private async Task<object?> ScalarAsync(string sql)
    {
        await using SqliteCommand command = _db.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
