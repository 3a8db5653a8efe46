using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Storage.Artefacts;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;

namespace Auspex.Storage.Models;

/// <summary>Models of organizations: their versions, and which one is active.</summary>
/// <param name="artefacts">Keeps their packages, each under its organization's own key.</param>
/// <param name="clock">Stamps what is done.</param>
public sealed class ModelStore(ArtefactStore artefacts, TimeProvider clock)
{
    /// <summary>Kind of the artefacts.</summary>
    public const string Kind = "model";

    // Version of the artefact beside a package, which is version 1: what scoring needs of it.
    private const int Scoring = 2;

    private const string Columns = """
        version as Version, number as Number, task as Task, stage as Stage, name as Name, artefact as Artefact, features as Features, label as Label,
        predecessor as Predecessor, created_at as CreatedAt, created_by as CreatedBy, deployed_at as DeployedAt
        """;

    private const string Page = $"select {Columns} from model_version where organization = @organization and number < @before order by number desc limit @most";

    private const string ActiveOnes = $"select {Columns} from model_version where organization = @organization and stage = 'active' order by task";

    private const string One = $"select {Columns} from model_version where organization = @organization and version = @version";

    private const string ActiveOf = $"select {Columns} from model_version where organization = @organization and task = @task and stage = 'active'";

    private const string LastOf = $"""
        select {Columns} from model_version where organization = @organization and task = @task order by number desc limit 1
        """;

    private const string Numbers = "select coalesce(max(number), 0) from model_version where organization = @organization";

    private const string Majors = "select version from model_version where organization = @organization";

    private const string Insert = """
        insert into model_version (organization, version, number, task, stage, name, artefact, features, label, created_at, created_by)
        values (@organization, @version, @number, @task, 'candidate', @name, @artefact, @features, @label, @now, @by)
        """;

    private const string Archive = "update model_version set stage = 'archived' where organization = @organization and task = @task and stage = 'active'";

    private const string Activate = """
        update model_version set stage = 'active', deployed_at = @now, predecessor = @predecessor where organization = @organization and version = @version
        """;

    /// <summary>Adds a package as a candidate.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="archive">The package as one file, checked by the caller.</param>
    /// <param name="scoring">What scoring needs of it, made of it; empty where that is not kept apart.</param>
    /// <param name="facts">What it is.</param>
    /// <param name="by">Who, as audit lines name them.</param>
    /// <param name="ct">Looked at before anything is stored.</param>
    /// <exception cref="StorageException">The disk does not take it; nothing was stored.</exception>
    public async Task<ModelVersion> AddAsync(OrganizationDb db, ReadOnlyMemory<byte> archive, ReadOnlyMemory<byte> scoring, PackageFacts facts, string by, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(facts);
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var artefact = Guid.CreateVersion7(now);
        await artefacts.PutAsync(db, artefact, 1, Kind, facts.Name, archive, by, ct).ConfigureAwait(false);
        try
        {
            if (!scoring.IsEmpty)
            {
                await artefacts.PutAsync(db, artefact, Scoring, Kind, facts.Name, scoring, by, CancellationToken.None).ConfigureAwait(false);
            }

            return await db.WriteAsync(
                async transaction =>
                {
                    Row? last = await transaction.QuerySingleOrDefaultAsync<Row>(LastOf, new { task = facts.Task.Word() }).ConfigureAwait(false);
                    long number = 1 + await transaction.QuerySingleOrDefaultAsync<long>(Numbers, null).ConfigureAwait(false);
                    string version = Next(await transaction.QueryAsync<string>(Majors, null).ConfigureAwait(false), last?.Of(), last?.Label == facts.Label, facts);
                    await transaction.ExecuteAsync(
                        Insert, new { version, number, task = facts.Task.Word(), name = facts.Name, artefact, features = facts.Features, label = facts.Label, now, by }).ConfigureAwait(false);
                    await AuditLog.AppendAsync(transaction, db.Organization, by, "MODEL_ADDED", $"model {version}", new { facts.Name, archive.Length }, now).ConfigureAwait(false);
                    return new ModelVersion(version, number, facts.Task, "candidate", facts.Name, artefact, facts.Features, null, now, by, null);
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        catch
        {
            await artefacts.DeleteAsync(db, artefact, 1, CancellationToken.None).ConfigureAwait(false);
            await artefacts.DeleteAsync(db, artefact, Scoring, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes a version the active one of its task.</summary>
    /// <returns>The version that is active now, and why it is not the one asked for.</returns>
    public Task<(ModelVersion? Active, DeploymentRefusal Refusal)> DeployAsync(OrganizationDb db, string version, string by, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.WriteAsync<(ModelVersion?, DeploymentRefusal)>(
            async transaction =>
            {
                if (await transaction.QuerySingleOrDefaultAsync<Row>(One, new { version }).ConfigureAwait(false) is not { } asked)
                {
                    return (null, DeploymentRefusal.Unknown);
                }

                Row? active = await transaction.QuerySingleOrDefaultAsync<Row>(ActiveOf, new { task = asked.Task }).ConfigureAwait(false);
                return active?.Version == version
                    ? (active.Of(), DeploymentRefusal.None) // asked for twice
                    : (await ActivateAsync(transaction, db, asked, active?.Version, "DEPLOYMENT", by).ConfigureAwait(false), DeploymentRefusal.None);
            },
            ct);
    }

    /// <summary>Makes the version active again whose place the active one of a task took.</summary>
    public Task<(ModelVersion? Active, DeploymentRefusal Refusal)> RollbackAsync(OrganizationDb db, PredictionTask task, string by, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.WriteAsync<(ModelVersion?, DeploymentRefusal)>(
            async transaction =>
            {
                Row? active = await transaction.QuerySingleOrDefaultAsync<Row>(ActiveOf, new { task = task.Word() }).ConfigureAwait(false);
                if (active?.Predecessor is not { } version)
                {
                    return (active?.Of(), DeploymentRefusal.NoPredecessor);
                }

                Row? before = await transaction.QuerySingleOrDefaultAsync<Row>(One, new { version }).ConfigureAwait(false);
                return before is null
                    ? (active.Of(), DeploymentRefusal.Unknown)
                    : (await ActivateAsync(transaction, db, before, before.Predecessor, "ROLLBACK", by).ConfigureAwait(false), DeploymentRefusal.None);
            },
            ct);
    }

    /// <summary>The active versions, one a task at most.</summary>
    public static async Task<IReadOnlyList<ModelVersion>> ActiveAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return [.. (await db.QueryAsync<Row>(ActiveOnes, null, ct).ConfigureAwait(false)).Select(row => row.Of())];
    }

    /// <summary>Versions, the newest first.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="before">Number of the last one of the page before; null for the first page.</param>
    /// <param name="most">Of one page.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async Task<IReadOnlyList<ModelVersion>> ListAsync(OrganizationDb db, long? before, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return [.. (await db.QueryAsync<Row>(Page, new { before = before ?? long.MaxValue, most }, ct).ConfigureAwait(false)).Select(row => row.Of())];
    }

    /// <summary>What scoring needs of a version, opened into memory; null where it is not kept apart.</summary>
    /// <exception cref="StorageException">It does not open.</exception>
    public Task<byte[]?> OpenScoringAsync(OrganizationDb db, ModelVersion version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(version);
        return artefacts.OpenAsync(db, version.Artefact, Scoring, ct);
    }

    /// <summary>The package of a version, opened into memory.</summary>
    /// <exception cref="StorageException">It is missing or does not open.</exception>
    public async Task<byte[]> OpenAsync(OrganizationDb db, ModelVersion version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(version);
        return await artefacts.OpenAsync(db, version.Artefact, 1, ct).ConfigureAwait(false)
            ?? throw new StorageException($"The package of model {version.Version} is missing. Restore it from a backup, or add the model again.");
    }

    private async Task<ModelVersion> ActivateAsync(OrganizationTransaction transaction, OrganizationDb db, Row row, string? predecessor, string action, string by)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        await transaction.ExecuteAsync(Archive, new { task = row.Task }).ConfigureAwait(false);
        await transaction.ExecuteAsync(Activate, new { now, predecessor, version = row.Version }).ConfigureAwait(false);
        await AuditLog.AppendAsync(transaction, db.Organization, by, action, $"model {row.Version}", new { predecessor }, now).ConfigureAwait(false);
        return (row with { Stage = "active", Predecessor = predecessor, DeployedAt = now }).Of();
    }

    // Minor where features and label stay, else the next major that is free: tasks of one organization share the numbers.
    private static string Next(IEnumerable<string> all, ModelVersion? last, bool sameLabel, PackageFacts facts)
    {
        if (last is not null && sameLabel && last.Features == facts.Features)
        {
            int[] parts = Parts(last.Version);
            return string.Create(CultureInfo.InvariantCulture, $"v{parts[0]}.{parts[1] + 1}.0");
        }

        int major = all.Select(version => Parts(version)[0]).DefaultIfEmpty(0).Max();
        return string.Create(CultureInfo.InvariantCulture, $"v{major + 1}.0.0");
    }

    private static int[] Parts(string version) => [.. version[1..].Split('.').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];

    private sealed record Row(
        string Version, long Number, string Task, string Stage, string Name, string Artefact, string Features, string Label, string? Predecessor,
        DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? DeployedAt)
    {
        public ModelVersion Of() => new(
            Version, Number,
            PredictionTaskWords.Of(Task)!.Value,
            Stage, Name, Guid.Parse(Artefact), Features, Predecessor, CreatedAt, CreatedBy, DeployedAt);
    }
}
