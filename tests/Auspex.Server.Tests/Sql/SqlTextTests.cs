using System.Data.Common;
using Auspex.Storage.Db;
using Auspex.Storage.Schema;
using Dapper;
using Npgsql;

namespace Auspex.Server.Tests.Sql;

/// <summary>Every SQL text of Server and Storage: it is understood by both databases, and one of an organization shows nothing of another with the same names and numbers.</summary>
public class SqlTextTests
{
    private const string One = "11111111-1111-1111-1111-111111111111";
    private const string Other = "22222222-2222-2222-2222-222222222222";
    private const string OtherMark = "other's";

    private static readonly SqlText[] Texts = [.. SqlText.Of(typeof(AuspexServer).Assembly, typeof(Database).Assembly, typeof(Auspex.Flow.LivePipeline).Assembly)];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Of_Assemblies_FindsWhatIsKnownToBeThere()
    {
        Assert.True(Texts.Length >= 60, $"{Texts.Length}");
        Assert.Contains(Texts, text => text.Where.EndsWith("ListAssets.ByNameDown", StringComparison.Ordinal) && text.OfOrganization && text.Reads);
        Assert.Contains(Texts, text => text.Where.EndsWith("AuditLog.Insert", StringComparison.Ordinal) && text.OfOrganization && !text.Reads);
        Assert.DoesNotContain(Texts, text => text.Where.EndsWith(".Columns", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Every_Text_IsUnderstood(Dialect dialect)
    {
        await using Twins twins = await Twins.StartAsync(dialect);
        var faults = new List<string>();
        foreach (SqlText text in Texts.Where(text => !text.IsOfOther(dialect)))
        {
            // Row values of an insert need no row: the plan is made, nothing is run.
            Exception? fault = await Record.ExceptionAsync(() => twins.Database.WriteAsync(
                null, async (connection, _) => (await connection.QueryAsync($"explain {text.Text}", twins.ParametersOf(text))).Count(), Ct));
            if (fault is not null)
            {
                faults.Add($"{text.Where}: {fault.Message}");
            }
        }

        Assert.Empty(faults);
        Assert.NotNull(await Record.ExceptionAsync(() => twins.Database.ReadAsync(null, async (connection, _) => (await connection.QueryAsync("explain select nothing from tree_node")).Count(), Ct)));
    }

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task Every_TableOfAStatement_AsksForTheOrganization(Dialect dialect)
    {
        await using Twins twins = await Twins.StartAsync(dialect);
        IReadOnlySet<string> tables = twins.Tables;

        Assert.Contains("tree_node", tables);
        Assert.All(Texts.Where(text => text.OfOrganization), text => Assert.Null(text.Unscoped(tables)));
        Assert.NotNull(new SqlText("planted", "select s.id from signal s join tree_node a on a.id = s.asset where s.organization = @organization").Unscoped(tables));
    }

    [Fact]
    public async Task Every_SelectOfAnOrganization_ShowsNothingOfItsTwin()
    {
        await using Twins twins = await Twins.StartAsync(Dialect.Sqlite);
        var faults = new List<string>();
        int rows = 0;
        foreach (SqlText text in Texts.Where(text => text.OfOrganization && text.Reads && !text.IsOfOther(Dialect.Sqlite)))
        {
            // Twice: alone, and beside a twin. What the twin adds may show nowhere, not in a count either.
            string beside = await twins.RunAsync(text);
            rows += beside.Length > 0 ? 1 : 0;
            string alone = await twins.AloneAsync(text);
            if (beside != alone || beside.Contains(OtherMark, StringComparison.Ordinal))
            {
                faults.Add($"{text.Where}: {beside} beside the twin, {alone} alone");
            }
        }

        Assert.Empty(faults);
        Assert.True(rows >= 20, $"{rows} texts gave rows");
        var planted = new SqlText("planted", "select name from tree_node where key_name = 'SITE' and @organization <> ''");
        Assert.NotEqual(await twins.AloneAsync(planted), await twins.RunAsync(planted));
    }

    /// <summary>Two organizations with the same ids, names and numbers in every table; texts of the other are marked where nothing compares them.</summary>
    private sealed class Twins : IAsyncDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("auspex-twins-").FullName;
        private Database? _alone;

        public Database Database { get; private set; } = null!;

        public IReadOnlySet<string> Tables { get; private set; } = new HashSet<string>();

        public static async Task<Twins> StartAsync(Dialect dialect)
        {
            var twins = new Twins();
            twins.Database = await twins.MakeAsync(dialect, "twins", [One, Other]);
            if (dialect == Dialect.Sqlite)
            {
                twins._alone = await twins.MakeAsync(dialect, "alone", [One]);
            }

            string columns = dialect == Dialect.Sqlite
                ? "select m.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and c.name = 'organization'"
                : "select table_name from information_schema.columns where table_schema = current_schema() and column_name = 'organization'";
            twins.Tables = (await twins.Database.ReadAsync(null, (connection, _) => connection.QueryAsync<string>(columns), Ct)).ToHashSet(StringComparer.Ordinal);
            return twins;
        }

        /// <summary>Values that find the rows below; those a text does not know are of its kind at least.</summary>
        public DynamicParameters ParametersOf(SqlText text)
        {
            var parameters = new DynamicParameters();
            foreach (string name in text.Parameters)
            {
                parameters.Add(name, name switch
                {
                    "organization" => One,
                    "id" or "Id" => "node",
                    "asset" or "Asset" or "node" => "asset",
                    "user" or "userId" => "user",
                    "parent" => "site",
                    "section" => "schema",
                    "keyName" => "SITE",
                    "name" or "Name" => "name",
                    "externalName" => "external",
                    "search" => "%A%",
                    "names" => "[\"external\",\"name\",\"asset\"]",
                    "parts" or "sequences" or "requests" => new[] { 0L },
                    "assets" or "subjects" => new[] { "asset" },
                    "bodies" => new[] { new byte[1] },
                    "rows" => "[]",
                    "kept" or "bytes" or "dropped" or "fromMs" or "enabled" => 0L,
                    "toMs" => 1_000L,
                    "frames" or "Frames" when text.Parameters.Contains("parts") => new[] { 0L },
                    "frames" or "Frames" or "part" or "Part" or "days" or "Tier" or "FromMs" or "ToMs" or "round" or "Size" or "number" => 0L,
                    "segment" or "Segment" => 1L,
                    "body" or "Body" when text.Where.Contains("Telemetry", StringComparison.Ordinal) || text.Text.Contains("feature_checkpoint", StringComparison.Ordinal) => new byte[1],
                    "caller" => "caller",
                    "outcome" when text.Text.Contains("select", StringComparison.Ordinal) => "",
                    "version" when text.Text.Contains("select", StringComparison.Ordinal) && text.Where.Contains("Alert", StringComparison.Ordinal) => "",
                    "first" when text.Where.Contains("SettleStore", StringComparison.Ordinal) => "",
                    "last" when text.Where.Contains("SettleStore", StringComparison.Ordinal) => "zzz",
                    "probability" or "highest" or "confidence" or "time" or "period" => 0.5,
                    "raised" or "closed" or "failure" or "settled" or "started" or "firstAt" or "seen" or "day" or "judged" or "accurate" or "afterTime" or "first" => 0L,
                    "version" when text.Text.Contains("model_version", StringComparison.Ordinal) => "v1.0.0",
                    "task" => "failure",
                    "features" => "features",
                    "version" => 1L,
                    "kind" when text.Text.Contains("artefact", StringComparison.Ordinal) => "model",
                    "key" => "key",
                    "after" when !text.Text.Contains("sequence", StringComparison.Ordinal) => "",
                    "poll" or "overlap" or "restart" or "epoch" or "paused" => 0L,
                    "before" or "to" or "last" or "most" or "limit" => 1_000L,
                    "now" or "after" or "since" or "from" or "afterNumber" or "revision" or "Revision" or "sequence" or "Sequence" or "superAdmin" or "superAdmins" or "mustChange" or "disabled"
                        or "size" or "shared" or "CreatedAt" or "UpdatedAt" or "StartedAt" or "EndedAt" or "Routine" or "expires" or "expiresAt" or "OccurredAt" => 0L,
                    _ => "",
                });
            }

            return parameters;
        }

        public Task<string> RunAsync(SqlText text) => RunAsync(Database, text);

        public Task<string> AloneAsync(SqlText text) => RunAsync(_alone!, text);

        public async ValueTask DisposeAsync()
        {
            await Database.DisposeAsync();
            if (_alone is not null)
            {
                await _alone.DisposeAsync();
            }

            Directory.Delete(_folder, recursive: true);
        }

        private Task<string> RunAsync(Database database, SqlText text) => database.ReadAsync(
            Guid.Parse(One),
            async (connection, _) => string.Join('\n', (await connection.QueryAsync(text.Text, ParametersOf(text)))
                .Select(row => string.Join('|', ((IDictionary<string, object?>)row).Select(cell => $"{cell.Key}={cell.Value}")))),
            Ct);

        private async Task<Database> MakeAsync(Dialect dialect, string name, string[] organizations)
        {
            Database database = dialect == Dialect.Sqlite ? SqliteDatabase.Open(Path.Combine(_folder, $"{name}.db")) : PostgreSql();
            await SchemaUpgrade.ApplyAsync(database, "metadata", TimeProvider.System, Ct);
            await SchemaUpgrade.ApplyAsync(database, "telemetry", TimeProvider.System, Ct);
            await database.WriteAsync(null, (connection, _) => FillAsync(connection, organizations), Ct);
            return database;
        }

        private static PostgreSqlDatabase PostgreSql()
        {
            string? server = Environment.GetEnvironmentVariable("AUSPEX_TEST_POSTGRESQL");
            Assert.SkipWhen(string.IsNullOrEmpty(server), "no PostgreSQL: AUSPEX_TEST_POSTGRESQL is not set; ./dev test starts one");
            string schema = $"test_{Guid.NewGuid():N}";
            using (var connection = new NpgsqlConnection(server))
            {
                connection.Execute($"create schema {schema}");
            }

            return PostgreSqlDatabase.Open(new NpgsqlConnectionStringBuilder(server) { SearchPath = schema }.ConnectionString);
        }

        private static async Task<int> FillAsync(DbConnection connection, string[] organizations)
        {
            await connection.ExecuteAsync("insert into user_account (id, email, name, password_hash, created_at) values ('user', 'anna@plant', 'Anna', '', 0)");
            foreach (string o in organizations)
            {
                string mark = o == Other ? OtherMark : "own";
                foreach (string sql in (string[])
                [
                    "insert into organization (id, name, time_zone, state, created_at) values (@o, @o, 'UTC', 'active', 0)",
                    "insert into membership (organization, user_id, role, created_at) values (@o, 'user', 'admin', 0)",
                    "insert into invitation (organization, id, email, role, token_hash, invited_by, created_at, expires_at) values (@o, 'node', @mark, 'viewer', @o, '', 0, 0)",
                    "insert into api_key (organization, id, name, secret_hash, scopes, created_by, created_at, expires_at) values (@o, @o, @mark, '', '', '', 0, 0)",
                    "insert into audit_entry (organization, sequence, user_id, action, resource, occurred_at, metadata, previous_hash, hash) values (@o, 1, '', '', @mark, 0, '', '', '')",
                    "insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@o, 'site', null, 'site', @mark, 'SITE', '{}', 1, 0, 0)",
                    "insert into tree_node (organization, id, parent, kind, name, key_name, facts, revision, created_at, updated_at) values (@o, 'node', 'site', 'area', @mark, 'NODE', '{}', 1, 0, 0)",
                    "insert into tree_node (organization, id, parent, kind, name, key_name, external_name, asset_class, facts, revision, created_at, updated_at) values (@o, 'asset', 'node', 'asset', @mark, 'ASSET', 'external', 'press', '{}', 1, 1, 0)",
                    "insert into tree_move (organization, node, id, from_parent, from_path, to_parent, to_path, moved_at, moved_by) values (@o, 'node', 'node', '', @mark, '', '', 0, '')",
                    "insert into given_answer (organization, caller, request_key, request_hash, location, revision, body, created_at) values (@o, 'caller', 'key', '', @mark, 1, '', 1)",
                    "insert into signal (organization, id, asset, name, label, kind, role, states, revision, created_at, updated_at) values (@o, 'node', 'asset', 'name', @mark, 'boolean', 'reading', '[]', 1, 0, 0)",
                    "insert into signal (organization, id, name, label, kind, role, states, revision, created_at, updated_at) values (@o, @o, @mark, @mark, 'boolean', 'reading', '[]', 1, 0, 0)",
                    "insert into configuration (organization, section, revision, body, changed_at, changed_by) values (@o, 'schema', 0, @mark, 0, '')",
                    "insert into plant_event (organization, id, asset, kind, started_at, note, revision, created_at, created_by, updated_at) values (@o, 'node', 'asset', 'note', 0, @mark, 1, 0, '', 0)",
                    "insert into plant_event (organization, id, asset, kind, started_at, note, revision, created_at, created_by, updated_at) values (@o, @o, 'asset', 'note', 0, @mark, 1, 0, '', 0)",
                    "insert into telemetry_journal (organization, part, sequence, frames, body) values (@o, 0, 1, 1, @body)",
                    "insert into telemetry_partition (organization, part, packed_sequence) values (@o, 0, 1)",
                    "insert into telemetry_chunk (organization, asset, from_ms, to_ms, frames, body) values (@o, 'asset', 0, 1, 1, @body)",
                    "insert into telemetry_segment (organization, part, segment, tier, from_ms, to_ms, frames) values (@o, 0, 1, 0, 0, 1, 1)",
                    "insert into telemetry_piece (organization, part, segment, first_asset, last_asset, from_ms, to_ms, frames, body) values (@o, 0, 1, 'asset', 'asset', 0, 1, 1, @body)",
                    "insert into telemetry_asset (organization, asset) values (@o, 'asset')",
                    "insert into telemetry_asset (organization, asset) values (@o, @mark)",
                    "insert into telemetry_retention (organization, days) values (@o, 1)",
                    "insert into data_key (organization, sealed, created_at) values (@o, @mark, 0)",
                    "insert into artefact (organization, id, version, kind, name, size, hash, file, created_at, created_by) values (@o, 'node', 1, 'model', @mark, 0, '', '', 0, '')",
                    "insert into artefact (organization, id, version, kind, name, size, hash, file, created_at, created_by) values (@o, @o, 1, 'model', @mark, 0, '', '', 0, '')",
                    "insert into operator_position (organization, id, site, name, key_name, revision, created_at, updated_at) values (@o, 'node', 'site', @mark, 'NAME', 1, 0, 0)",
                    "insert into operator_position (organization, id, name, key_name, revision, created_at, updated_at) values (@o, @o, @mark, @mark, 1, 0, 0)",
                    "insert into operator_position_node (organization, position, node) values (@o, 'node', 'asset')",
                    "insert into operator_position_person (organization, position, user_id) values (@o, 'node', 'user')",
                    "insert into saved_view (organization, id, user_id, screen, name, key_name, body, shared, revision, created_at, updated_at) values (@o, 'node', 'user', '', @mark, 'NAME', '', 1, 1, 0, 0)",
                    "insert into notification_setting (organization, user_id, body, revision, updated_at) values (@o, 'user', @mark, 1, 0)",
                    "insert into frame_name (organization, name, asset, kind) values (@o, 'name', 'asset', 'key')",
                    "insert into frame_signal (organization, name, first_seen_at) values (@o, @mark, 0)",
                    "insert into model_version (organization, version, number, task, stage, name, artefact, features, label, created_at, created_by) values (@o, 'v1.0.0', 1, 'failure', 'active', @mark, '', '', '', 0, '')",
                    "insert into data_source (organization, id, name, key_name, sealed, mapping, poll_seconds, overlap_seconds, paused, epoch, progress, status, revision, created_at, updated_at) values (@o, 'node', @mark, 'NAME', '', '', 30, 120, 0, 1, '', '', 1, 0, 0)",
                    "insert into predictive_alert (organization, id, asset, component, model_version, raised_at, probability, highest_probability, outcome) values (@o, 'node', 'asset', @mark, 'v1.0.0', 1, 0.9, 0.9, 'open')",
                    "insert into predictive_alert (organization, id, asset, component, model_version, raised_at, probability, highest_probability, outcome, feedback_by) values (@o, @o, 'asset', '', 'v1.0.0', 0, 0.9, 0.9, 'open', @mark)",
                    "insert into failure_outcome (organization, asset, component, started_at, verdict, model_version, settled_at) values (@o, 'asset', @mark, 0, 'missed', 'v1.0.0', 0)",
                    "insert into settle_cursor (organization, asset, first_at, seen_until, period_ms) values (@o, 'asset', 0, 0, 1)",
                    "insert into judged_day (organization, model_version, day, judged_ms) values (@o, @mark, 0, 1)",
                    "insert into line_cursor (organization, part, sequence) values (@o, 0, 1)",
                    "insert into feature_checkpoint (organization, asset, features, sequence, body) values (@o, 'asset', 'features', 1, @body)",
                    "insert into quarantine_row (organization, id, hash, door, form, sender, field, reason, body, whole, size, first_at, last_at, times) values (@o, 'node', 'node', '', 'json', '', '', @mark, '', 1, 1, 0, 0, 1)",
                    "insert into quarantine_row (organization, id, hash, door, form, sender, field, reason, body, whole, size, first_at, last_at, times) values (@o, @o, @o, '', 'json', '', '', @mark, '', 1, 1, 0, 0, 1)",
                    "insert into quality_rule (organization, id, name, kind, signal, verdict, enabled, body, revision, created_at, updated_at) values (@o, 'node', @mark, 'range', 'name', 'bad', 1, '{}', 1, 0, 0)",
                    "insert into quality_rule (organization, id, name, kind, signal, asset, verdict, enabled, body, revision, created_at, updated_at) values (@o, @o, @mark, 'flat', 'name', 'asset', 'bad', 1, '{}', 1, 0, 0)",
                    "insert into quarantine_total (organization, kept, bytes, dropped) values (@o, 2, 2, 0)",
                    "insert into document (organization, id, asset, name, media_type, size, hash, content, created_at, created_by) values (@o, 'node', 'asset', @mark, '', 0, '', '', 0, '')",
                ])
                {
                    await connection.ExecuteAsync(sql, new { o, mark, body = new byte[1] });
                }
            }

            return 0;
        }
    }
}
