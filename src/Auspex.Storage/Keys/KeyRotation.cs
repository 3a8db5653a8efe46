using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Dapper;

namespace Auspex.Storage.Keys;

/// <summary>What came of a rotation.</summary>
/// <param name="From">Id of the key that was.</param>
/// <param name="To">Id of the key that is.</param>
/// <param name="Things">Sealed again: signing keys, data keys, documents.</param>
/// <param name="OldKeyFile">Where the key that was is kept for backups of before; null where keys come from the environment.</param>
public sealed record KeyRotated(string From, string To, int Things, string? OldKeyFile);

/// <summary>Puts another master key in the place of the present one. Everything it seals is opened and sealed again, a few rows at a time; until the last of it the next key stands
/// in a file of its own beside the present one, and no server starts. A rotation that was cut off anywhere goes on when it is asked for again.</summary>
public static class KeyRotation
{
    /// <summary>Environment variable of the next key, where the present one comes from the environment.</summary>
    public const string NextVariable = "AUSPEX_NEXT_MASTER_KEY";

    /// <summary>File in the data folder while a rotation is under way: the next key, or the id of that of the environment.</summary>
    public const string NextFileName = "master.key.next";

    private const string OfEnvironment = "environment ";

    private const string SigningKeys = "select '' as Owner, id as Id, sealed as Closed from signing_key where id > @afterId order by id limit 16";

    private const string SetSigningKey = "update signing_key set sealed = @closed where id = @id";

    private const string KeysOfOrganizations = "select organization as Owner, '' as Id, sealed as Closed from data_key where organization > @afterOwner order by organization limit 16";

    private const string SetDataKey = "update data_key set sealed = @closed where organization = @owner";

    private const string Documents = """
        select organization as Owner, id as Id, content as Closed from document where (organization, id) > (@afterOwner, @afterId) order by organization, id limit 4
        """;

    private const string SetDocument = "update document set content = @closed where organization = @owner and id = @id";

    // All that the master key seals in the database; the audit seal is beside it.
    private static readonly Place[] Places =
    [
        new("signing keys", SigningKeys, SetSigningKey, row => $"signing key {row.Id}"),
        new("data keys", KeysOfOrganizations, SetDataKey, row => DataKeys.BoundOf(row.Owner)),
        new("documents", Documents, SetDocument, row => DocumentBound.Of(row.Owner, row.Id)),
    ];

    /// <summary>Rotates, or goes on with a rotation that was cut off.</summary>
    /// <param name="folder">Held; no other node writes the database meanwhile.</param>
    /// <param name="metadata">With the present schema.</param>
    /// <param name="present">Value of <see cref="MasterKey.Variable"/>; null or empty where the key is in the folder.</param>
    /// <param name="next">Value of <see cref="NextVariable"/>, with <paramref name="present"/> only.</param>
    /// <param name="clock">Stamps the audit line.</param>
    /// <param name="step">Told what was done, after each step.</param>
    /// <param name="ct">Looked at between steps; the next call goes on.</param>
    /// <exception cref="StorageException">Something does not open with the present key: it is named, and nothing was changed.</exception>
    public static async Task<KeyRotated> RunAsync(
        DataFolder folder, InstallationDb metadata, string? present, string? next, TimeProvider clock, Action<string> step, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(step);
        bool ofEnvironment = !string.IsNullOrEmpty(present);
        string nextFile = folder.PathOf(NextFileName);
        MasterKey from = MasterKey.Present(folder, present, make: false);
        MasterKey to;
        if (File.Exists(nextFile))
        {
            to = UnderWay(nextFile, ofEnvironment, next);
        }
        else
        {
            to = ofEnvironment ? MasterKey.Of(next ?? "", NextVariable) : MasterKey.Make();
            if (to.Id == from.Id)
            {
                throw new StorageException($"{NextVariable} holds the present key {from.Id}; give another one, such as of: openssl rand -base64 32");
            }

            // What does not open is told before anything is changed, not half-way.
            await SealAgainAsync(folder, metadata, from, to, write: false, _ => { }, ct).ConfigureAwait(false);
            if (ofEnvironment)
            {
                DurableFile.Write(nextFile, System.Text.Encoding.ASCII.GetBytes($"{OfEnvironment}{to.Id}\n"));
            }
            else
            {
                to.Write(nextFile);
            }

            step($"next key {to.Id} made");
        }

        int things = await SealAgainAsync(folder, metadata, from, to, write: true, step, ct).ConfigureAwait(false);
        to.WriteId(folder, from);
        step("both keys allowed");
        string? old = null;
        if (ofEnvironment)
        {
            File.Delete(nextFile);
            step("key put in its place");
        }
        else
        {
            string path = folder.PathOf(MasterKey.FileName);
            old = $"{path}.{from.Id}";
            from.Write(old);
            step("old key kept");
            File.Move(nextFile, path, overwrite: true);
            DurableFile.Settle(path);
            step("key put in its place");
        }

        to.WriteId(folder);
        await metadata.Of(AuditLog.Installation).WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(
                    transaction, AuditLog.Installation, "local administrator", "MASTER_KEY_ROTATED", "master key", new { from = from.Id, to = to.Id }, clock.GetUtcNow()).ConfigureAwait(false);
                return 0;
            },
            CancellationToken.None).ConfigureAwait(false);
        return new KeyRotated(from.Id, to.Id, things, old);
    }

    private static MasterKey UnderWay(string nextFile, bool ofEnvironment, string? next)
    {
        string text = File.ReadAllText(nextFile).Trim();
        if (text.StartsWith(OfEnvironment, StringComparison.Ordinal) != ofEnvironment)
        {
            throw new StorageException($"{nextFile} is of a rotation whose keys {(ofEnvironment ? "are in the folder" : "come from the environment")}; go on with it in the same way.");
        }

        if (!ofEnvironment)
        {
            return MasterKey.Read(nextFile);
        }

        MasterKey to = MasterKey.Of(next ?? "", NextVariable);
        return to.Id == text[OfEnvironment.Length..]
            ? to
            : throw new StorageException($"{NextVariable} holds the key {to.Id}; the rotation that was cut off goes to {text[OfEnvironment.Length..]}. Give that one.");
    }

    private static async Task<int> SealAgainAsync(DataFolder folder, InstallationDb metadata, MasterKey from, MasterKey to, bool write, Action<string> step, CancellationToken ct)
    {
        int things = 0;
        foreach (Place place in Places)
        {
            Sealed? last = null;
            while (true)
            {
                IReadOnlyList<Sealed> page = await metadata.QueryAsync<Sealed>(place.Page, new { afterOwner = last?.Owner ?? "", afterId = last?.Id ?? "" }, ct).ConfigureAwait(false);
                if (page.Count == 0)
                {
                    break;
                }

                (string Owner, string Id, string? Closed)[] again = [.. page.Select(row => (row.Owner, row.Id, Again(row, place.Bound(row), from, to)))];
                if (write)
                {
                    await metadata.WriteAsync(
                        async (connection, ct) =>
                        {
                            foreach ((string owner, string id, string? closed) in again.Where(one => one.Closed is not null))
                            {
                                await connection.ExecuteAsync(new CommandDefinition(place.Set, new { owner, id, closed }, cancellationToken: ct)).ConfigureAwait(false);
                            }

                            return 0;
                        },
                        ct).ConfigureAwait(false);
                    step($"{page.Count} {place.Name}");
                }

                things += page.Count;
                last = page[^1];
            }
        }

        AuditSeal.Rotate(folder, from, to, write);
        step("audit seal");
        return things;
    }

    // Null where the next key opens it: a rotation that was cut off came this far.
    private static string? Again(Sealed row, string bound, MasterKey from, MasterKey to)
    {
        byte[] closed = Convert.FromBase64String(row.Closed);
        return to.TryOpen(closed, bound) is null ? Convert.ToBase64String(to.Close(from.Open(closed, bound), bound)) : null;
    }

    private sealed record Place(string Name, string Page, string Set, Func<Sealed, string> Bound);

    private sealed record Sealed
    {
        public string Owner { get; init; } = "";

        public string Id { get; init; } = "";

        public string Closed { get; init; } = "";
    }
}
