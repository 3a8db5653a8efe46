using System.Globalization;
using System.IO.Compression;
using System.Text;
using Auspex.Flow.Connect.LineProtocol;
using Auspex.Flow.Map;
using Auspex.Server.Security;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Quarantine;
using Auspex.Storage.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.LineProtocol;

/// <summary>InfluxDB line protocol, version 1 and 2: gateways that write to InfluxDB write here unchanged. The organization is that of the API key; database, org and bucket do not
/// count.</summary>
public static class LineProtocolApi
{
    private const int MostBytes = 32 * 1024 * 1024;
    private const int MostTold = 20;

    /// <summary>Adds the routes.</summary>
    public static void MapLineProtocol(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("").WithTags("line protocol").Needs(new Access.Member(Role.Engineer, "frames:write")).WithMetadata(new UnpacksBodies());
        group.MapPost("/api/v2/write", WriteV2Async).Accepts<string>("text/plain", "*/*").WithMetadata(new TakesValues()).WithName("writeLines")
            .WithSummary("Stores lines, as InfluxDB 2 does. 204 when all are durable; else 400 with the lines that are not, and the others are.");
        group.MapPost("/write", WriteV1Async).Accepts<string>("text/plain", "*/*").WithMetadata(new TakesValues()).WithName("writeLinesV1").WithSummary("Stores lines, as InfluxDB 1 does.");
        group.MapGet("/query", Query).WithName("queryV1").WithSummary("Answers CREATE DATABASE, which gateways send before they write; nothing is created.");
        group.MapPost("/query", Query).WithName("postQueryV1").WithSummary("The same.");
        group.MapGet("/ping", Ping).Needs(new Access.Anyone()).WithName("ping").WithSummary("204, as InfluxDB does.");
        group.MapMethods("/ping", [HttpMethods.Head], Ping).Needs(new Access.Anyone()).WithName("headPing").WithSummary("The same, as clients ask for it that look at headers only.");
    }

    /// <summary>What InfluxDB 1 says.</summary>
    public sealed record V1Error(string Error);

    /// <summary>What InfluxDB 2 says.</summary>
    public sealed record V2Error(string Code, string Message);

    public sealed record V1Result([property: System.Text.Json.Serialization.JsonPropertyName("statement_id")] int StatementId);

    public sealed record V1Results(IReadOnlyList<V1Result> Results);

    private static async Task<Results<NoContent, BadRequest<V2Error>>> WriteV2Async(
        HttpRequest request, Caller caller, OrganizationDb db, TelemetryStore telemetry, FrameAssets assets, QuarantineStore quarantine, ValueQuota quota, TimeProvider clock,
        CancellationToken ct, string? precision = null) =>
        await WriteAsync(request, precision, caller, db, telemetry, assets, quarantine, quota, clock, ct).ConfigureAwait(false) is { } fault
            ? TypedResults.BadRequest(new V2Error("invalid", fault)) : TypedResults.NoContent();

    private static async Task<Results<NoContent, BadRequest<V1Error>>> WriteV1Async(
        HttpRequest request, Caller caller, OrganizationDb db, TelemetryStore telemetry, FrameAssets assets, QuarantineStore quarantine, ValueQuota quota, TimeProvider clock,
        CancellationToken ct, string? precision = null) =>
        await WriteAsync(request, precision, caller, db, telemetry, assets, quarantine, quota, clock, ct).ConfigureAwait(false) is { } fault
            ? TypedResults.BadRequest(new V1Error(fault)) : TypedResults.NoContent();

    private static async Task<Results<Ok<V1Results>, BadRequest<V1Error>>> Query(HttpRequest request, CancellationToken ct, string? q = null)
    {
        // Clients send the statement in the URL or as a form.
        string? statement = q;
        if (statement is null && request.HasFormContentType)
        {
            try
            {
                statement = (await request.ReadFormAsync(ct).ConfigureAwait(false))["q"];
            }
            catch (InvalidDataException)
            {
                throw new BadHttpRequestException("The form cannot be read.");
            }
        }

        return statement?.TrimStart().StartsWith("CREATE DATABASE", StringComparison.OrdinalIgnoreCase) == true
            ? TypedResults.Ok(new V1Results([new V1Result(0)]))
            : TypedResults.BadRequest(new V1Error("Only CREATE DATABASE is answered here; read with GET /api/v1/frames."));
    }

    private static NoContent Ping(HttpResponse response)
    {
        // Telegraf and the influx client look at these.
        response.Headers["X-Influxdb-Version"] = "1.8.10";
        response.Headers["X-Influxdb-Build"] = "Auspex";
        return TypedResults.NoContent();
    }

    // What was wrong; null where every line is stored.
    private static async Task<string?> WriteAsync(
        HttpRequest request, string? precision, Caller caller, OrganizationDb db, TelemetryStore telemetry, FrameAssets assets, QuarantineStore quarantine, ValueQuota quota,
        TimeProvider clock, CancellationToken ct)
    {
        if (LineReadings.PrecisionOf(precision) is not { } steps)
        {
            return "precision must be ns, us, ms or s; or n, u, ms, s, m or h.";
        }

        string body = await BodyAsync(request, ct).ConfigureAwait(false);
        var points = new List<LinePoint>();
        var faults = new List<LineFault>();
        new LineParser().Read(body, points, faults);
        var incoming = new IncomingFrames(clock.GetUtcNow());
        incoming.Add(LineReadings.Of(points, steps, faults));
        incoming.Rejected.AddRange(faults.Select(fault => new RejectedRow(fault.Line, string.Create(CultureInfo.InvariantCulture, $"column {fault.Column}"), null, fault.Reason)));
        quota.Spend(db.Organization, incoming.Values);
        IReadOnlyList<Frame> frames = await assets.AdmitAsync(db, incoming, ct).ConfigureAwait(false);
        await PartialFrames.AppendAsync(telemetry, db.Organization, frames, ct).ConfigureAwait(false);
        if (incoming.Rejected.Count == 0)
        {
            return null;
        }

        List<RefusedRow> refused = Refused(incoming, points, body, string.IsNullOrEmpty(precision) ? "ns" : precision);
        quota.Spend(db.Organization, refused.Sum(row => ValueQuota.OfRefused(row.Text)));
        await quarantine.KeepAsync(db.Organization, QuarantineDoors.Lines, caller.Name, caller.KeyName, refused, ct).ConfigureAwait(false);
        IEnumerable<string> told = incoming.Rejected.OrderBy(row => row.Index).Take(MostTold)
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"line {row.Index}, {row.Field}: {row.Reason}"));
        string more = incoming.Rejected.Count > MostTold ? $" (and {incoming.Rejected.Count - MostTold} more)" : "";
        return $"partial write: {frames.Count} frames are stored, {incoming.Rejected.Count} lines are not; {refused.Count} are kept in quarantine. {string.Join(" ", told)}{more}";
    }

    // Of a frame that was not taken all lines.
    private static List<RefusedRow> Refused(IncomingFrames incoming, List<LinePoint> points, string body, string precision)
    {
        var why = new SortedDictionary<int, RejectedRow>();
        foreach (RejectedRow rejected in incoming.Rejected)
        {
            foreach (int line in incoming.RowsOf(rejected.Index))
            {
                why.TryAdd(line, rejected);
            }
        }

        var read = points.Where(point => why.ContainsKey(point.Line)).ToDictionary(point => point.Line);
        IReadOnlyDictionary<int, string> texts = LineParser.TextsOf(body, why.Keys.ToHashSet());
        return
        [
            .. why.Select(row => new RefusedRow(
                "line", precision, read.TryGetValue(row.Key, out LinePoint? point) ? LineReadings.AssetOf(point) : null, row.Value.Field, row.Value.Reason, texts[row.Key],
                IsTimed: point is null || point.Timestamp is not null)),
        ];
    }

    private static async Task<string> BodyAsync(HttpRequest request, CancellationToken ct)
    {
        string encoding = request.Headers.ContentEncoding.ToString();
        await using Stream source = encoding switch
        {
            "" or "identity" => request.Body,
            "gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
            _ => throw new BadHttpRequestException($"Content-Encoding must be gzip or absent, was '{encoding}'.", StatusCodes.Status415UnsupportedMediaType),
        };
        using var body = new MemoryStream();
        var buffer = new byte[81_920];
        try
        {
            for (int read = await source.ReadAsync(buffer, ct).ConfigureAwait(false); read > 0; read = await source.ReadAsync(buffer, ct).ConfigureAwait(false))
            {
                if (body.Length + read > MostBytes)
                {
                    throw new BadHttpRequestException($"The body unpacks to more than {MostBytes} bytes; send fewer lines at a time.", StatusCodes.Status413PayloadTooLarge);
                }

                body.Write(buffer, 0, read);
            }

            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body.GetBuffer(), 0, (int)body.Length);
        }
        catch (InvalidDataException)
        {
            throw new BadHttpRequestException("The body is no gzip, as Content-Encoding says.");
        }
        catch (DecoderFallbackException)
        {
            throw new BadHttpRequestException("The body is no UTF-8.");
        }
    }
}
