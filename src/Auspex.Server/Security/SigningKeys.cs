using System.Security.Cryptography;
using Auspex.Storage.Db;
using Auspex.Storage.Keys;
using Microsoft.IdentityModel.Tokens;

namespace Auspex.Server.Security;

/// <summary>The keys that sign access tokens: ES256, made at the first start, sealed with the master key, rotated by age. Tokens of the one before stay good until they expire.</summary>
/// <param name="db">The metadata.</param>
/// <param name="master">Seals the private parts.</param>
/// <param name="clock">Ages keys.</param>
public sealed class SigningKeys(InstallationDb db, MasterKey master, TimeProvider clock)
{
    /// <summary>Age at which the next key signs.</summary>
    public static readonly TimeSpan Rotation = TimeSpan.FromDays(30);

    private volatile ECDsaSecurityKey[] _keys = [];

    /// <summary>The keys tokens may be signed with, newest first.</summary>
    public IReadOnlyList<SecurityKey> Accepted => _keys;

    /// <summary>The key that signs.</summary>
    public ECDsaSecurityKey Signing => _keys[0];

    /// <summary>Reads the keys; makes one where there is none that is young enough.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        DateTimeOffset now = clock.GetUtcNow();
        await db.WriteAsync(
            async (connection, _) =>
            {
                string? young = await Dapper.SqlMapper.ExecuteScalarAsync<string?>(
                    connection, "select id from signing_key where created_at > @since and retired_at is null limit 1", new { since = now - Rotation }).ConfigureAwait(false);
                if (young is null)
                {
                    using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                    string id = Guid.CreateVersion7(now).ToString("N");
                    await Dapper.SqlMapper.ExecuteAsync(
                        connection,
                        "insert into signing_key (id, sealed, created_at) values (@id, @closed, @now)",
                        new { id, closed = Convert.ToBase64String(master.Close(key.ExportPkcs8PrivateKey(), $"signing key {id}")), now }).ConfigureAwait(false);
                }

                return 0;
            },
            ct).ConfigureAwait(false);
        IReadOnlyList<Row> rows = await db.QueryAsync<Row>(
            "select id as Id, sealed as Sealed from signing_key where retired_at is null order by created_at desc, id desc limit 2", null, ct).ConfigureAwait(false);
        _keys = [.. rows.Select(row =>
        {
            var key = ECDsa.Create();
            key.ImportPkcs8PrivateKey(master.Open(Convert.FromBase64String(row.Sealed), $"signing key {row.Id}"), out _);
            return new ECDsaSecurityKey(key) { KeyId = row.Id };
        })];
    }

    private sealed record Row(string Id, string Sealed);
}
