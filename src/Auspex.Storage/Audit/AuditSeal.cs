using System.Globalization;
using System.Text.Json;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;

namespace Auspex.Storage.Audit;

/// <summary>Where each organization's audit log ended at an instant, sealed with the master key in a file beside the database. Whoever can write the database
/// alone can then neither rewrite the chain nor cut its tail unseen: only lines younger than the last seal stand on the chain alone.</summary>
public static class AuditSeal
{
    /// <summary>File in the data folder.</summary>
    public const string FileName = "audit.seal";

    /// <summary>How often the server seals.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const string Bound = "audit heads";

    private const string Last = """
        select organization as Organization, sequence as Sequence, hash as Hash from audit_entry a
        where sequence = (select max(b.sequence) from audit_entry b where b.organization = a.organization) order by organization
        """;

    private const string LineOf = "select hash from audit_entry where organization = @organization and sequence = @sequence";

    private const string Lines = "select count(*) from audit_entry where organization = @organization";

    private const string Removed = "select count(*) from audit_entry where organization = @organization and action = @action and resource = @resource";

    /// <summary>Seals the present heads; the file is replaced by one rename. A log that no longer holds what was sealed keeps its old head: what was done to it while
    /// the server ran is not sealed over.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="db">The metadata.</param>
    /// <param name="master">Seals.</param>
    /// <param name="now">Written into it.</param>
    /// <param name="ct">Looked at before it begins.</param>
    /// <exception cref="StorageException">The file cannot be written, or the seal that is there does not open with this key.</exception>
    public static async Task WriteAsync(DataFolder folder, InstallationDb db, MasterKey master, DateTimeOffset now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(master);
        IReadOnlyList<Head> heads = await db.QueryAsync<Head>(Last, null, ct).ConfigureAwait(false);
        string path = folder.PathOf(FileName);
        if (File.Exists(path))
        {
            var broken = new Dictionary<string, Head>(StringComparer.Ordinal);
            foreach (Head head in (await OpenAsync(path, master, ct).ConfigureAwait(false)).Heads)
            {
                if (!await HoldsAsync(db, head, ct).ConfigureAwait(false))
                {
                    broken[head.Organization] = head;
                }
            }

            heads = [.. heads.Where(head => !broken.ContainsKey(head.Organization)), .. broken.Values];
        }

        byte[] text = JsonSerializer.SerializeToUtf8Bytes(new Sealed(now, heads));
        try
        {
            string draft = path + ".tmp";
            using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write))
            {
                file.Write(master.Close(text, Bound));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be written: {e.Message} The audit log goes on unsealed.", e);
        }
    }

    /// <summary>Seals the heads that were sealed with another key; again where this one did already.</summary>
    internal static void Rotate(DataFolder folder, MasterKey from, MasterKey to, bool write)
    {
        string path = folder.PathOf(FileName);
        if (!File.Exists(path))
        {
            return;
        }

        byte[] closed = File.ReadAllBytes(path);
        if (to.TryOpen(closed, Bound) is null && from.Open(closed, Bound) is var heads && write)
        {
            DurableFile.Write(path, to.Close(heads, Bound));
        }
    }

    /// <summary>Checks every chain, and every chain against the seal.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="db">The metadata.</param>
    /// <param name="master">Opens the seal.</param>
    /// <param name="ct">Looked at between organizations.</param>
    /// <returns>What was checked, and what is wrong with each log that does not hold.</returns>
    /// <exception cref="StorageException">There is no seal, or it does not open with this key.</exception>
    public static async Task<AuditVerdict> VerifyAsync(DataFolder folder, InstallationDb db, MasterKey master, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(master);
        string path = folder.PathOf(FileName);
        if (!File.Exists(path))
        {
            throw new StorageException($"{path} is missing: a server seals the audit log each minute and when it ends. Without its seal a cut tail cannot be told; restore the file, or find out who took it away.");
        }

        Sealed sealedHeads = await OpenAsync(path, master, ct).ConfigureAwait(false);
        IReadOnlyList<Head> present = await db.QueryAsync<Head>(Last, null, ct).ConfigureAwait(false);
        var faults = new List<string>();
        foreach (string organization in present.Select(head => head.Organization).Order(StringComparer.Ordinal))
        {
            ct.ThrowIfCancellationRequested();
            if (await AuditLog.FaultAsync(db.Of(Guid.Parse(organization)), ct).ConfigureAwait(false) is { } fault)
            {
                faults.Add($"{Name(organization)}: {fault}");
            }
        }

        string at = sealedHeads.At.ToString("u", CultureInfo.InvariantCulture);
        foreach (Head head in sealedHeads.Heads)
        {
            if (await HoldsAsync(db, head, ct).ConfigureAwait(false))
            {
                continue;
            }

            long last = present.FirstOrDefault(one => one.Organization == head.Organization)?.Sequence ?? 0;
            faults.Add(last < head.Sequence
                ? $"{Name(head.Organization)}: the tail was cut: the log ends at line {last}, at {at} or before it ended at line {head.Sequence}"
                : $"{Name(head.Organization)}: line {head.Sequence} is not the one that was sealed at {at} or before; it, or a line before it, was changed");
        }

        return new AuditVerdict(present.Count, present.Sum(head => head.Sequence), sealedHeads.At, faults);
    }

    private static async Task<Sealed> OpenAsync(string path, MasterKey master, CancellationToken ct) =>
        JsonSerializer.Deserialize<Sealed>(master.Open(await File.ReadAllBytesAsync(path, ct).ConfigureAwait(false), Bound))!;

    // The line that was sealed is there, or the whole organization was removed, which the installation's log tells.
    private static async Task<bool> HoldsAsync(InstallationDb db, Head head, CancellationToken ct)
    {
        OrganizationDb log = db.Of(Guid.Parse(head.Organization));
        return await log.QuerySingleOrDefaultAsync<string>(LineOf, new { sequence = head.Sequence }, ct).ConfigureAwait(false) == head.Hash
            || (await log.QuerySingleOrDefaultAsync<long>(Lines, null, ct).ConfigureAwait(false) == 0
                && await db.Of(AuditLog.Installation).QuerySingleOrDefaultAsync<long>(
                    Removed, new { action = AuditLog.OrganizationRemoved, resource = $"organization {head.Organization}" }, ct).ConfigureAwait(false) > 0);
    }

    private static string Name(string organization) =>
        organization == AuditLog.Installation.ToString() ? "the installation" : $"organization {organization}";

    private sealed record Head(string Organization, long Sequence, string Hash);

    private sealed record Sealed(DateTimeOffset At, IReadOnlyList<Head> Heads);
}

/// <summary>What came of a check of the audit logs.</summary>
/// <param name="Logs">Logs that were checked: one for each organization, and the installation's.</param>
/// <param name="Lines">Lines in all of them.</param>
/// <param name="SealedAt">When the seal was made that they were compared with.</param>
/// <param name="Faults">One sentence for each log that does not hold; empty where all do.</param>
public sealed record AuditVerdict(int Logs, long Lines, DateTimeOffset SealedAt, IReadOnlyList<string> Faults);
