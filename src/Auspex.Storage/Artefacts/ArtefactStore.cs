using System.Security.Cryptography;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;

namespace Auspex.Storage.Artefacts;

/// <summary>What organizations keep as files: model packages and reports. Each is sealed with its organization's own data key, which the master key seals, and bound to organization,
/// id and version: as anything else it does not open. It is opened into memory only.</summary>
/// <param name="files">Where the files are.</param>
/// <param name="master">Seals the data keys.</param>
/// <param name="clock">Stamps what is stored.</param>
public sealed class ArtefactStore(ArtefactFiles files, MasterKey master, TimeProvider clock)
{
    /// <summary>Most bytes of one artefact.</summary>
    public const int MostBytes = 256 * 1024 * 1024;

    private const string Columns = "id as Id, version as Version, kind as Kind, name as Name, size as Size, hash as Hash, created_at as CreatedAt, created_by as CreatedBy";

    private const string OfKind = $"""
        select {Columns} from artefact where organization = @organization and kind = @kind and (id, version) > (@id, @version) order by id, version limit @most
        """;

    private const string Kinds = "select distinct kind from artefact where organization = @organization order by kind";

    private const string One = "select size as Size, file as File from artefact where organization = @organization and id = @id and version = @version";

    private const string Insert = """
        insert into artefact (organization, id, version, kind, name, size, hash, file, created_at, created_by)
        values (@organization, @id, @version, @kind, @name, @size, @hash, @file, @now, @by) on conflict (organization, id, version) do nothing
        """;

    private const string Delete = "delete from artefact where organization = @organization and id = @id and version = @version returning file";

    private const string FileNames = "select file from artefact where organization = @organization";

    private readonly DataKeys _keys = new(master, clock);

    /// <summary>Stores a version; when it ends, file and row are on the disk.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="id">Of all versions of the artefact.</param>
    /// <param name="version">1 or more, not stored yet.</param>
    /// <param name="kind">What it is, such as <c>model</c>.</param>
    /// <param name="name">For people.</param>
    /// <param name="content">1 to <see cref="MostBytes"/> bytes.</param>
    /// <param name="by">Who, as audit lines name them.</param>
    /// <param name="ct">Looked at before the file is written.</param>
    /// <exception cref="ArgumentException">The content is empty or too long, or the version is below 1.</exception>
    /// <exception cref="StorageException">The version is stored already, or the disk does not take it. Nothing was stored.</exception>
    public async Task<Artefact> PutAsync(
        OrganizationDb db, Guid id, long version, string kind, string name, ReadOnlyMemory<byte> content, string by, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        if (content.Length is 0 or > MostBytes)
        {
            throw new ArgumentException($"An artefact has 1 to {MostBytes} bytes, this one has {content.Length}.", nameof(content));
        }

        byte[] key = await _keys.OfAsync(db, make: true, ct).ConfigureAwait(false);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        // Random, so that a file whose row was never written is in nobody's way.
        string file = $"{id}.{version}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        ct.ThrowIfCancellationRequested();
        try
        {
            files.Write(db.Organization, file, Seal.Close(key, content.Span, Bound(db.Organization, id, version)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{files.PathOf(db.Organization, file)} cannot be written: {e.Message} Nothing was stored; free space or mend the folder, then try again.", e);
        }

        bool stored = false;
        try
        {
            // The file is on the disk: its row follows whatever becomes of who asked.
            stored = await db.ExecuteAsync(Insert, new { id, version, kind, name, size = (long)content.Length, hash, file, now, by }, CancellationToken.None).ConfigureAwait(false) == 1;
        }
        finally
        {
            if (!stored)
            {
                files.Delete(db.Organization, file);
            }
        }

        return stored
            ? new Artefact(id, version, kind, name, content.Length, hash, now, by)
            : throw new StorageException($"Version {version} of artefact {id} is stored already. A version is never changed; store the next one.");
    }

    /// <summary>Opens a version.</summary>
    /// <returns>Its content, in memory only; null where the organization has no such version.</returns>
    /// <exception cref="StorageException">The file is missing, was changed, or belongs to another organization, artefact or version; the message names it.</exception>
    public async Task<byte[]?> OpenAsync(OrganizationDb db, Guid id, long version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        if (await db.QuerySingleOrDefaultAsync<Stored>(One, new { id, version }, ct).ConfigureAwait(false) is not { } row)
        {
            return null;
        }

        string path = files.PathOf(db.Organization, row.File);
        byte[] key = await _keys.OfAsync(db, make: false, ct).ConfigureAwait(false);
        byte[] closed;
        try
        {
            long expected = Seal.LengthOf(row.Size);
            if (new FileInfo(path).Length is var length && length != expected)
            {
                throw new StorageException($"{path} has {length} bytes, {expected} were stored. Restore it from a backup.");
            }

            closed = await File.ReadAllBytesAsync(path, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException($"{path} is missing. Restore it from a backup.", e);
        }

        try
        {
            return Seal.Open(key, closed, Bound(db.Organization, id, version));
        }
        catch (StorageException e)
        {
            throw new StorageException($"{path} does not open: it was changed, or it belongs to another organization, artefact or version. Restore it from a backup.", e);
        }
    }

    /// <summary>Kinds the organization has artefacts of.</summary>
    public static Task<IReadOnlyList<string>> KindsAsync(OrganizationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        return db.QueryAsync<string>(Kinds, null, ct);
    }

    /// <summary>Versions of a kind, by id and version.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="kind">Which.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="most">Of one page, 1 or more.</param>
    public static async Task<IReadOnlyList<Artefact>> ListAsync(OrganizationDb db, string kind, Artefact? after, int most, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        IReadOnlyList<Row> rows = await db.QueryAsync<Row>(OfKind, new { kind, id = after?.Id.ToString() ?? "", version = after?.Version ?? 0, most }, ct).ConfigureAwait(false);
        return [.. rows.Select(row => new Artefact(Guid.Parse(row.Id), row.Version, row.Kind, row.Name, row.Size, row.Hash, row.CreatedAt, row.CreatedBy))];
    }

    /// <summary>Deletes a version.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(OrganizationDb db, Guid id, long version, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        string? file = await db.WriteAsync(transaction => transaction.QuerySingleOrDefaultAsync<string>(Delete, new { id, version }), ct).ConfigureAwait(false);
        if (file is not null)
        {
            files.Delete(db.Organization, file);
        }

        return file is not null;
    }

    /// <summary>Deletes files that no row names: what a stop between file and row, or between row and file, left behind. Nothing may be stored meanwhile.</summary>
    /// <returns>Files and folders deleted.</returns>
    public async Task<int> SweepAsync(InstallationDb db, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        int swept = 0;
        foreach (Guid organization in files.Organizations().ToArray())
        {
            HashSet<string> named = [.. await db.Of(organization).QueryAsync<string>(FileNames, null, ct).ConfigureAwait(false)];
            string[] left = [.. files.Of(organization).Where(file => !named.Contains(file))];
            foreach (string file in left)
            {
                files.Delete(organization, file);
            }

            swept += left.Length;
            if (named.Count == 0)
            {
                files.Delete(organization, null);
            }
        }

        return swept;
    }

    private static string Bound(Guid organization, Guid id, long version) => $"artefact {id} version {version} of {organization}";

    private sealed record Row(string Id, long Version, string Kind, string Name, long Size, string Hash, DateTimeOffset CreatedAt, string CreatedBy);

    private sealed record Stored(long Size, string File);
}
