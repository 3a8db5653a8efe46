using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Keys;
using Auspex.Storage.Plant;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.Documents;

/// <summary>Files of assets: manuals, drawings, photographs. They are stored sealed and handed out to be saved, never to be shown in the page.</summary>
public static class DocumentsApi
{
    /// <summary>Most bytes of a document.</summary>
    public const int MostBytes = 5 * 1024 * 1024;

    private const int MostOfAsset = 200;

    private static readonly SearchValues<char> NotInNames = SearchValues.Create("/\\:*?\"<>|");

    private const string Columns = "id as Id, name as Name, media_type as MediaType, size as Size, hash as Hash, created_at as CreatedAt, created_by as CreatedBy";

    private const string OfAsset = $"select {Columns} from document where organization = @organization and asset = @asset order by created_at, id limit 200";

    private const string Count = "select count(*) from document where organization = @organization and asset = @asset";

    private const string Content = "select name as Name, media_type as MediaType, content as Content from document where organization = @organization and asset = @asset and id = @id";

    private const string Insert = """
        insert into document (organization, id, asset, name, media_type, size, hash, content, created_at, created_by)
        values (@organization, @id, @asset, @name, @mediaType, @size, @hash, @content, @now, @who)
        """;

    private const string Delete = "delete from document where organization = @organization and asset = @asset and id = @id";

    /// <summary>Adds the routes.</summary>
    public static void MapDocuments(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/api/v1/assets/{asset:guid}/documents").WithTags("documents").Needs(new Access.Member(Role.Viewer));
        group.MapGet("/", ListAsync).WithName("listDocuments").WithSummary("Files of an asset, oldest first.");
        group.MapGet("/{id:guid}/content", GetAsync).WithName("getDocument").WithSummary("The file itself, as an attachment.");
        group.MapPost("/", CreateAsync).Needs(new Access.Member(Role.Engineer)).Accepts<byte[]>("application/octet-stream").WithName("createDocument")
            .WithSummary("Stores the body as a file of the asset, named by ?name=; at most 5 MiB of pdf, png, jpg, txt or csv.");
        group.MapDelete("/{id:guid}", DeleteAsync).Needs(new Access.Member(Role.Engineer)).WithName("deleteDocument").WithSummary("Removes a file.");
    }

    public sealed record Document(Guid Id, string Name, string MediaType, long Size, string Sha256, DateTimeOffset CreatedAt, string CreatedBy);

    private static async Task<Results<Ok<IReadOnlyList<Document>>, NotFound>> ListAsync(Guid asset, OrganizationDb db, CancellationToken ct) =>
        await TreeStore.FindAsync(db, asset, ct).ConfigureAwait(false) is { Kind: TreeKinds.Asset }
            ? TypedResults.Ok<IReadOnlyList<Document>>([.. (await db.QueryAsync<Row>(OfAsset, new { asset }, ct).ConfigureAwait(false)).Select(row => new Document(
                Guid.Parse(row.Id), row.Name, row.MediaType, row.Size, row.Hash, row.CreatedAt, row.CreatedBy))])
            : TypedResults.NotFound();

    private static async Task<Results<FileContentHttpResult, NotFound>> GetAsync(Guid asset, Guid id, OrganizationDb db, MasterKey master, CancellationToken ct) =>
        await db.QuerySingleOrDefaultAsync<Sealed>(Content, new { asset, id }, ct).ConfigureAwait(false) is { } row
            ? TypedResults.File(master.Open(Convert.FromBase64String(row.Content), DocumentBound.Of(db.Organization, id)), row.MediaType, row.Name)
            : TypedResults.NotFound();

    private static async Task<Results<Created<Document>, NotFound, ProblemHttpResult>> CreateAsync(
        Guid asset, [Required, PlainText(200)] string name, HttpRequest request, Caller caller, OrganizationDb db, MasterKey master, TimeProvider clock, CancellationToken ct)
    {
        if (!MediaTypes.OfEnding.TryGetValue(Path.GetExtension(name), out string? mediaType) || name.AsSpan().ContainsAny(NotInNames))
        {
            return TypedResults.Problem(
                $"name: '{PlainTextAttribute.Shown(name)}' must be a plain file name that ends in {string.Join(", ", MediaTypes.OfEnding.Keys)}.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (await ReadAsync(request.Body, ct).ConfigureAwait(false) is not { } content)
        {
            return TypedResults.Problem($"The file is larger than {MostBytes} bytes.", statusCode: StatusCodes.Status413PayloadTooLarge);
        }

        if (content.Length == 0 || !MediaTypes.Fits(mediaType, content))
        {
            return TypedResults.Problem($"The body is no {mediaType}, as its name says; send the file itself.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        DateTimeOffset now = clock.Now();
        var id = Guid.CreateVersion7(now);
        var document = new Document(id, name, mediaType, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)), now, caller.Name);
        string closed = Convert.ToBase64String(master.Close(content, DocumentBound.Of(db.Organization, id)));
        (bool known, bool full) = await db.WriteAsync(
            async transaction =>
            {
                if (await TreeStore.FindAsync(transaction, asset).ConfigureAwait(false) is not { Kind: TreeKinds.Asset })
                {
                    return (false, false);
                }

                if (await transaction.QuerySingleOrDefaultAsync<long>(Count, new { asset }).ConfigureAwait(false) >= MostOfAsset)
                {
                    return (true, true);
                }

                await transaction.ExecuteAsync(
                    Insert, new { id, asset, name, mediaType, size = (long)content.Length, hash = document.Sha256, content = closed, now, who = caller.Name }).ConfigureAwait(false);
                await AuditLog.AppendAsync(
                    transaction, db.Organization, caller.Name, "DOCUMENT_CREATED", $"document {id}", new { asset, name, document.Sha256 }, now).ConfigureAwait(false);
                return (true, false);
            },
            ct).ConfigureAwait(false);
        return !known ? TypedResults.NotFound()
            : full ? TypedResults.Problem($"The asset has {MostOfAsset} documents; remove one first.", statusCode: StatusCodes.Status409Conflict)
            : TypedResults.Created($"/api/v1/assets/{asset}/documents/{id}/content", document);
    }

    private static async Task<Results<NoContent, NotFound>> DeleteAsync(
        Guid asset, Guid id, Caller caller, OrganizationDb db, TimeProvider clock, CancellationToken ct) =>
        await db.WriteAsync(
            async transaction =>
            {
                if (await transaction.ExecuteAsync(Delete, new { asset, id }).ConfigureAwait(false) == 0)
                {
                    return false;
                }

                await AuditLog.AppendAsync(transaction, db.Organization, caller.Name, "DOCUMENT_DELETED", $"document {id}", new { asset }, clock.Now()).ConfigureAwait(false);
                return true;
            },
            ct).ConfigureAwait(false) ? TypedResults.NoContent() : TypedResults.NotFound();

    private static async Task<byte[]?> ReadAsync(Stream body, CancellationToken ct)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await body.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0)
        {
            if (content.Length + read > MostBytes)
            {
                return null;
            }

            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    private sealed record Row(string Id, string Name, string MediaType, long Size, string Hash, DateTimeOffset CreatedAt, string CreatedBy);

    private sealed record Sealed(string Name, string MediaType, string Content);
}
