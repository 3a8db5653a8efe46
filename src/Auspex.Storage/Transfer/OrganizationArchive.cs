using System.Text.Json;
using System.Text.RegularExpressions;

namespace Auspex.Storage.Transfer;

/// <summary>What an organization's archive holds; it stands in the archive's folder as <c>manifest.json</c>. The form of the files is in docs/archive.md.</summary>
/// <param name="Format">1.</param>
/// <param name="Program">Version that wrote it.</param>
/// <param name="TakenAt">The instant that all but frames and artefacts show.</param>
/// <param name="Organization">Whose.</param>
/// <param name="Files">Every file but the manifest.</param>
public sealed partial record OrganizationArchive(int Format, string Program, DateTimeOffset TakenAt, ArchivedOrganization Organization, IReadOnlyList<ArchiveFile> Files)
{
    /// <summary>Its file.</summary>
    public const string FileName = "manifest.json";

    /// <summary>The form this program writes and reads.</summary>
    public const int PresentFormat = 1;

    internal const string Members = "members.jsonl";
    internal const string Audit = "audit.jsonl";
    internal const string Documents = "documents.jsonl";
    internal const string Artefacts = "artefacts.jsonl";
    internal const string Frames = "frames.jsonl";

    private const int MostBytes = 64 * 1024 * 1024;

    /// <summary>Tables that are carried row by row, in an order in which what a row refers to comes before it.</summary>
    internal static readonly IReadOnlyList<CarriedTable> Tables =
    [
        new("tree_node", "case kind when 'site' then 0 when 'area' then 1 when 'line' then 2 else 3 end, created_at, id"),
        new("tree_move", "node, id"),
        new("signal", "id"),
        new("configuration", "section, revision"),
        new("plant_event", "id"),
        new("operator_position", "id"),
        new("operator_position_node", "position, node"),
        new("operator_position_person", "position, user_id", "user_id"),
        new("saved_view", "id", "user_id"),
        new("notification_setting", "user_id", "user_id"),
        new("frame_name", "name"),
        new("frame_signal", "name"),
        new("model_version", "number") { IsNew = true },
        new("predictive_alert", "raised_at, id") { IsNew = true, Fractions = ["probability", "highest_probability", "confidence", "time_to_failure"] },
        new("failure_outcome", "started_at, asset, component") { IsNew = true },
        new("settle_cursor", "asset") { IsNew = true, Fractions = ["period_ms"] },
        new("judged_day", "day, model_version") { IsNew = true, Fractions = ["judged_ms"] },
        new("quality_rule", "id") { IsNew = true },
    ];

    /// <summary>Tables of organizations that are not, and why.</summary>
    internal static readonly IReadOnlyDictionary<string, string> Others = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["membership"] = $"in {Members}",
        ["audit_entry"] = $"in {Audit}",
        ["document"] = $"in {Documents}, each beside as a file",
        ["artefact"] = $"in {Artefacts}, each beside as a file",
        ["data_key"] = "a key is made anew where the archive is read",
        ["invitation"] = "a secret: whoever was invited is invited anew",
        ["api_key"] = "a secret: keys are made anew",
        ["data_source"] = "holds a password, and two installations would read the same plant: sources are made anew",
        ["given_answer"] = "answers to requests of this installation",
        ["telemetry_journal"] = $"in {Frames}",
        ["telemetry_chunk"] = $"in {Frames}",
        ["telemetry_segment"] = $"in {Frames}",
        ["telemetry_piece"] = $"in {Frames}",
        ["telemetry_asset"] = $"in {Frames}",
        ["telemetry_partition"] = $"in {Frames}",
        ["line_cursor"] = "frames of an archive are history: they are not judged again",
        ["feature_checkpoint"] = "made again from the frames",
        ["telemetry_retention"] = "follows from the configuration",
        ["quarantine_row"] = "rows that were refused here; none of them is part of the record",
        ["quarantine_total"] = "follows from the rows in quarantine",
    };

    internal static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly JsonSerializerOptions Indented = new(Form) { WriteIndented = true };

    /// <summary>Rows of all files.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long Rows => Files.Sum(file => file.Rows);

    internal void Write(string folder) => DurableFile.Write(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Indented));

    /// <summary>Reads the manifest of an archive; what it says of files is checked when they are read.</summary>
    /// <exception cref="StorageException">There is none, or it is none that this program reads.</exception>
    public static OrganizationArchive Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            if (new FileInfo(path).Length > MostBytes)
            {
                throw new StorageException($"{path} has more than {MostBytes} bytes; it is no manifest of an archive.");
            }

            OrganizationArchive archive = JsonSerializer.Deserialize<OrganizationArchive>(File.ReadAllBytes(path), Form)
                ?? throw new StorageException($"{path} is no manifest of an archive.");
            return archive.Fault() is { } fault ? throw new StorageException($"{path}: {fault}") : archive;
        }
        catch (JsonException e)
        {
            throw new StorageException($"{path} is no manifest of an archive: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException($"{path} is missing: {folder} is no archive of an organization, or one that was cut off.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private string? Fault()
    {
        if (Format != PresentFormat)
        {
            return $"format {Format} is not known to this program, which reads {PresentFormat}. Import with the version that wrote it: {Program}.";
        }

        string[] needed = [.. Tables.Where(table => !table.IsNew).Select(table => table.FileName), Members, Audit, Documents, Artefacts, Frames];
        string[] lines = [.. needed, .. Tables.Where(table => table.IsNew).Select(table => table.FileName)];
        // A name is a path below the folder that is read: nothing but what an export writes.
        return Files.FirstOrDefault(file => (!lines.Contains(file.Name, StringComparer.Ordinal) && !Beside().IsMatch(file.Name)) || file.Bytes < 0) is { } stranger
                ? $"'{stranger.Name}' is no file of an archive."
            : Files.GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"'{twice.Key}' stands twice."
            : Array.Find(needed, line => Files.All(file => file.Name != line)) is { } missing ? $"'{missing}' is not listed."
            : null;
    }

    [GeneratedRegex(@"\A(?:documents/[0-9a-f-]{36}|artefacts/[0-9a-f-]{36}\.[0-9]{1,18})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Beside();
}

/// <summary>The organization of an archive.</summary>
/// <param name="Id">As it was where the archive was written; an import gives another.</param>
/// <param name="Name">Its name there.</param>
/// <param name="TimeZone">IANA.</param>
public sealed record ArchivedOrganization(Guid Id, string Name, string TimeZone);

/// <summary>A file of an archive.</summary>
/// <param name="Name">Path below the archive's folder, with slashes.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Rows">Lines; 0 for a file that is one thing.</param>
/// <param name="Sha256">Of it, hexadecimal.</param>
public sealed record ArchiveFile(string Name, long Bytes, long Rows, string Sha256);

/// <summary>A table that an archive carries.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Order">Order of its rows, SQL.</param>
/// <param name="UserColumn">Column with the id of a user; null where there is none.</param>
internal sealed record CarriedTable(string Name, string Order, string? UserColumn = null)
{
    internal string FileName => $"{Name}.jsonl";

    /// <summary>Whether archives of the same format were written before there was such a table, and lack it.</summary>
    internal bool IsNew { get; init; }

    /// <summary>Columns of numbers that need not be whole.</summary>
    internal IReadOnlyList<string> Fractions { get; init; } = [];
}

/// <summary>A line of members.</summary>
internal sealed record ArchivedMember(Guid Id, string Email, string Name, string Role);

/// <summary>A line of documents.</summary>
internal sealed record ArchivedDocument(Guid Id, Guid Asset, string Name, string MediaType, long Size, string Hash, long CreatedAt, string CreatedBy);

/// <summary>A line of artefacts.</summary>
internal sealed record ArchivedArtefact(Guid Id, long Version, string Kind, string Name, string Hash, long CreatedAt, string CreatedBy);

/// <summary>A line of frames: some frames of one asset in columns, by time.</summary>
/// <param name="Asset">What they are kept under: an asset's id, or the name they came under.</param>
/// <param name="Times">Milliseconds since 1970, rising.</param>
/// <param name="Arrived">Milliseconds since 1970.</param>
/// <param name="Signals">A column a signal.</param>
internal sealed record ArchivedFrames(string Asset, long[] Times, long[] Arrived, IReadOnlyList<ArchivedColumn> Signals);

/// <summary>One signal of a line of frames.</summary>
/// <param name="Name">The signal.</param>
/// <param name="Values">A value a frame; null where the frame does not hold the signal.</param>
/// <param name="Qualities">A quality a frame, as their numbers; null where all are good.</param>
internal sealed record ArchivedColumn(string Name, double?[] Values, int[]? Qualities);
