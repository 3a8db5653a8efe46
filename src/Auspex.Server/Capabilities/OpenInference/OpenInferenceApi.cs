using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Flow;
using Auspex.Flow.Predict;
using Auspex.Server.Security;
using Auspex.Server.Wiring;
using Auspex.Storage.Db;
using Auspex.Storage.Identity;
using Auspex.Storage.Models;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Capabilities.OpenInference;

/// <summary>Open Inference Protocol v2: an organization's models, by the names of their packages, scored with rows of features.</summary>
public static class OpenInferenceApi
{
    private const string Platform = "auspex_trees";
    private const string Extension = "auspex_explain";

    // Models of any organization one can look back on.
    private const int MostVersions = 1_000;

    /// <summary>Adds the routes.</summary>
    public static void MapOpenInference(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder server = routes.MapGroup(OpenInferenceProblems.Prefix).WithTags("open inference").Needs(new Access.Anyone());
        server.MapGet("", () => TypedResults.Ok(new ServerMetadata("auspex", typeof(OpenInferenceApi).Assembly.GetName().Version!.ToString(3), [Extension]))).WithName("inferenceServer")
            .WithSummary("Name, version and extensions of the server.");
        server.MapGet("/health/live", () => TypedResults.Ok(new ServerLive(true))).WithName("inferenceLive").WithSummary("Answers while the process runs.");
        server.MapGet("/health/ready", Ready).WithName("inferenceReady").WithSummary("Whether models can be asked: 200, or 503 while the server starts or judges by rules only.");
        RouteGroupBuilder models = routes.MapGroup($"{OpenInferenceProblems.Prefix}/models/{{model}}").WithTags("open inference").Needs(new Access.Member(Role.Viewer, "predictions:read"));
        foreach ((string path, string name, string which) in ((string, string, string)[])[("", "", "the active version"), ("/versions/{version}", "Version", "a version")])
        {
            models.MapGet(path, MetadataAsync).WithName($"inferenceModel{name}").WithSummary($"Inputs and outputs of a model, {which}.");
            models.MapGet($"{path}/ready", ReadyAsync).WithName($"inferenceModel{name}Ready").WithSummary($"Whether a model, {which}, can be asked; it is loaded for it.");
            models.MapPost($"{path}/infer", InferAsync).Accepts<InferenceRequest>("application/json").WithName($"infer{name}").WithSummary($"Scores rows of features with {which}.");
            models.MapPost($"{path}/explain", ExplainAsync).Accepts<InferenceRequest>("application/json").WithName($"explain{name}")
                .WithSummary($"Scores rows with {which} and says what each feature adds to the score: an extension of the protocol, {Extension}.");
        }
    }

    /// <param name="Extensions">Beyond the protocol: auspex_explain is POST …/explain.</param>
    public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

    public sealed record ServerLive(bool Live);

    /// <param name="Live">The same as <paramref name="Ready"/>: the protocol's text has this key here too.</param>
    public sealed record ServerReady(bool Live, bool Ready);

    public sealed record ModelReady(string Name, bool Ready);

    /// <param name="Shape">-1 for any number of rows.</param>
    /// <param name="Parameters">Of the input: <c>feature_names</c>, what each column is.</param>
    public sealed record TensorMetadata(
        string Name, string Datatype, IReadOnlyList<long> Shape,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, IReadOnlyList<string>>? Parameters = null);

    public sealed record ModelMetadata(string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

    /// <summary>Rows to score, as the protocol has them; read by hand, so that what is wrong is said in its form.</summary>
    /// <param name="Id">Comes back with the answer.</param>
    /// <param name="Inputs">One tensor, <c>features</c>, of rows x features: numbers, flat or nested, null for missing.</param>
    /// <param name="Outputs">Which outputs to answer with; all where it is absent.</param>
    public sealed record InferenceRequest(string? Id, JsonElement? Parameters, IReadOnlyList<RequestedInput> Inputs, IReadOnlyList<RequestedOutput>? Outputs);

    public sealed record RequestedInput(string Name, IReadOnlyList<long> Shape, string Datatype, JsonElement? Parameters, JsonElement Data);

    public sealed record RequestedOutput(string Name, JsonElement? Parameters);

    /// <param name="Data">Row-major; null where a model tells nothing of a row.</param>
    public sealed record OutputTensor(string Name, IReadOnlyList<long> Shape, string Datatype, IReadOnlyList<double?> Data);

    public sealed record InferenceResponse(
        [property: JsonPropertyName("model_name")] string ModelName, [property: JsonPropertyName("model_version")] string ModelVersion,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id, IReadOnlyList<OutputTensor> Outputs);

    private static Results<Ok<ServerReady>, JsonHttpResult<ServerReady>> Ready(LivePipeline line)
    {
        bool ready = line.State is not (LineState.Starting or LineState.Off);
        return ready ? TypedResults.Ok(new ServerReady(true, true)) : TypedResults.Json(new ServerReady(false, false), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<ModelMetadata>, ProblemHttpResult>> MetadataAsync(string model, OrganizationDb db, LivePipeline line, CancellationToken ct, string? version = null)
    {
        IReadOnlyList<ModelVersion> all = await NamedAsync(db, model, ct).ConfigureAwait(false);
        if (Chosen(all, version) is not { } chosen)
        {
            return NotFound();
        }

        (ModelUse? taken, ProblemHttpResult? refusal) = await TakeAsync(db, line, chosen, ct).ConfigureAwait(false);
        if (taken is null)
        {
            return refusal!;
        }

        using ModelUse use = taken;
        var names = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["feature_names"] = use.Model.Plan.Definition.Names };
        return TypedResults.Ok(new ModelMetadata(
            chosen.Name, [.. all.Select(one => one.Version)], Platform,
            [new TensorMetadata(InferenceRows.Input, "FP64", [-1, use.Model.Plan.Definition.Columns.Count], names)],
            [.. InferenceOutput.Of(use.Model).Select(output => new TensorMetadata(output.Name, "FP64", output.Shape(-1)))]));
    }

    private static async Task<Results<Ok<ModelReady>, JsonHttpResult<ModelReady>, ProblemHttpResult>> ReadyAsync(
        string model, OrganizationDb db, LivePipeline line, CancellationToken ct, string? version = null)
    {
        if (Chosen(await NamedAsync(db, model, ct).ConfigureAwait(false), version) is not { } chosen)
        {
            return NotFound();
        }

        (ModelUse? taken, _) = await TakeAsync(db, line, chosen, ct).ConfigureAwait(false);
        using ModelUse? use = taken;
        return use is not null
            ? TypedResults.Ok(new ModelReady(chosen.Name, true)) : TypedResults.Json(new ModelReady(chosen.Name, false), statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static Task<Results<Ok<InferenceResponse>, ProblemHttpResult>> InferAsync(
        string model, HttpRequest request, OrganizationDb db, LivePipeline line, CancellationToken ct, string? version = null) =>
        AnswerAsync(model, version, request, db, line, InferenceRows.MostRows, (use, _, rows, ct) => Task.FromResult(InferenceOutput.Infer(use, rows, ct)), InferenceOutput.Of, ct);

    private static Task<Results<Ok<InferenceResponse>, ProblemHttpResult>> ExplainAsync(
        string model, HttpRequest request, OrganizationDb db, LivePipeline line, ModelStore models, CancellationToken ct, string? version = null) =>
        AnswerAsync(
            model, version, request, db, line, InferenceRows.MostExplainedRows,
            async (use, chosen, rows, ct) => InferenceOutput.Explain(use, ModelExplanation.Open(await models.OpenAsync(db, chosen, ct).ConfigureAwait(false)), rows, ct),
            InferenceOutput.Explained, ct);

    private static async Task<Results<Ok<InferenceResponse>, ProblemHttpResult>> AnswerAsync(
        string model, string? version, HttpRequest request, OrganizationDb db, LivePipeline line, int mostRows,
        Func<ModelUse, ModelVersion, InferenceRows, CancellationToken, Task<IReadOnlyList<double[]>>> answer, Func<LiveModel, IReadOnlyList<InferenceOutput>> outputs, CancellationToken ct)
    {
        if (Chosen(await NamedAsync(db, model, ct).ConfigureAwait(false), version) is not { } chosen)
        {
            return NotFound();
        }

        if (!line.IsMonitoring)
        {
            return TypedResults.Problem("Predictive monitoring is switched off for the whole installation.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }

        (ModelUse? taken, ProblemHttpResult? refusal) = await TakeAsync(db, line, chosen, ct).ConfigureAwait(false);
        if (taken is null)
        {
            return refusal!;
        }

        using ModelUse use = taken;
        IReadOnlyList<InferenceOutput> known = outputs(use.Model);
        InferenceRows rows;
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { MaxDepth = 16 }, ct).ConfigureAwait(false);
            rows = InferenceRows.Read(body.RootElement, request.Headers, use.Model.Plan.Definition.Columns.Count, mostRows, [.. known.Select(output => output.Name)]);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return TypedResults.Problem(e is JsonException ? "The body is no JSON object of an inference request." : e.Message, statusCode: StatusCodes.Status400BadRequest);
        }

        IReadOnlyList<double[]> values = await answer(use, chosen, rows, ct).ConfigureAwait(false);
        return TypedResults.Ok(new InferenceResponse(
            chosen.Name, chosen.Version, rows.Id,
            [
                .. known.Select((output, i) => (output, i)).Where(one => rows.Outputs.Count == 0 || rows.Outputs.Contains(one.output.Name))
                    .Select(one => new OutputTensor(one.output.Name, one.output.Shape(rows.Count), "FP64", [.. values[one.i].Select(value => double.IsFinite(value) ? value : (double?)null)])),
            ]));
    }

    private static async Task<IReadOnlyList<ModelVersion>> NamedAsync(OrganizationDb db, string model, CancellationToken ct) =>
        [.. (await ModelStore.ListAsync(db, null, MostVersions, ct).ConfigureAwait(false)).Where(version => version.Name == model)];

    private static ModelVersion? Chosen(IReadOnlyList<ModelVersion> all, string? version) =>
        version is null ? all.FirstOrDefault(one => one.Stage == "active") : all.FirstOrDefault(one => one.Version == version);

    private static ProblemHttpResult NotFound() => TypedResults.Problem("There is no such model here, or no version of it is active.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<(ModelUse? Use, ProblemHttpResult? Refusal)> TakeAsync(OrganizationDb db, LivePipeline line, ModelVersion version, CancellationToken ct)
    {
        try
        {
            return (await line.Models.TakeAsync(db, version, ct).ConfigureAwait(false), null);
        }
        catch (ModelNotLoadedException e)
        {
            return (null, TypedResults.Problem($"Model {e.Version} cannot be used now: it does not load.", statusCode: StatusCodes.Status503ServiceUnavailable));
        }
    }
}
