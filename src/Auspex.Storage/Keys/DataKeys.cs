using System.Security.Cryptography;
using Auspex.Storage.Db;

namespace Auspex.Storage.Keys;

/// <summary>The data key of each organization: it seals what the organization keeps at rest, and the master key seals it.</summary>
/// <param name="master">Seals the data keys.</param>
/// <param name="clock">Stamps keys that are made.</param>
public sealed class DataKeys(MasterKey master, TimeProvider clock)
{
    private const string KeyOf = "select sealed from data_key where organization = @organization";

    private const string InsertKey = """
        insert into data_key (organization, sealed, created_at) values (@organization, @closed, @now) on conflict (organization) do nothing
        """;

    /// <summary>The key of an organization; <see cref="Seal.KeyLength"/> bytes.</summary>
    /// <param name="db">Whose.</param>
    /// <param name="make">Whether one is made where there is none.</param>
    /// <param name="ct">Ends waiting.</param>
    /// <exception cref="StorageException">There is none, or the master key does not open it.</exception>
    public async Task<byte[]> OfAsync(OrganizationDb db, bool make, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(db);
        string bound = BoundOf(db.Organization.ToString());
        string? closed = await db.QuerySingleOrDefaultAsync<string>(KeyOf, null, ct).ConfigureAwait(false);
        if (closed is null && make)
        {
            string made = Convert.ToBase64String(master.Close(RandomNumberGenerator.GetBytes(Seal.KeyLength), bound));
            closed = await db.WriteAsync(
                async transaction =>
                {
                    // Of two that make one at once the first counts.
                    await transaction.ExecuteAsync(InsertKey, new { closed = made, now = clock.GetUtcNow() }).ConfigureAwait(false);
                    return await transaction.QuerySingleOrDefaultAsync<string>(KeyOf, null).ConfigureAwait(false);
                },
                ct).ConfigureAwait(false);
        }

        return closed is null
            ? throw new StorageException($"The data key of organization {db.Organization} is missing: what it sealed cannot be opened. Restore the database from a backup.")
            : master.Open(Convert.FromBase64String(closed), bound);
    }

    internal static string BoundOf(string organization) => $"data key of {organization}";
}
