using Auspex.Server.Security;
using Auspex.Storage.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Auspex.Server.Wiring;

/// <summary>What the description of the API says beside its routes: how to come in, who may, and every way in which a call is refused.</summary>
internal static class ApiDescription
{
    private const string Scheme = "bearer";
    private const string Problem = "Problem";
    private const string InferenceError = "InferenceError";

    internal static void Add(OpenApiOptions options)
    {
        options.AddOperationTransformer((operation, context, _) =>
        {
            Access access = context.Description.ActionDescriptor.EndpointMetadata.OfType<Access>().Last();
            operation.Responses ??= [];
            bool isInference = context.Description.RelativePath?.StartsWith("v2", StringComparison.Ordinal) == true;
            bool hasId = context.Description.ParameterDescriptions.Any(parameter => parameter.Source == Microsoft.AspNetCore.Mvc.ModelBinding.BindingSource.Path);
            bool takesSomething = operation.RequestBody is not null || operation.Parameters is { Count: > 0 };
            foreach ((string status, string description, bool applies) in ((string, string, bool)[])
            [
                ("400", "Something in the request is wrong; detail or errors name it.", takesSomething),
                ("401", "No token or key, or one that does not stand any more.", access is not Access.Anyone),
                ("403", "The caller may not.", access is not Access.Anyone),
                ("404", "There is no such thing in the caller's organization.", hasId),
                ("413", "The body is longer than 10 MiB.", operation.RequestBody is not null),
                ("429", "Too many requests; Retry-After says when to come again.", true),
                ("503", "The database does not answer.", true),
            ])
            {
                if (applies && operation.Responses.TryGetValue(status, out IOpenApiResponse? known) && known is OpenApiResponse { Content: null or { Count: 0 } } bare)
                {
                    bare.Content = ContentOf(context.Document, isInference);
                }
                else if (applies)
                {
                    operation.Responses.TryAdd(status, new OpenApiResponse { Description = description, Content = ContentOf(context.Document, isInference) });
                }
            }

            if (access is not Access.Anyone)
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
            }

            operation.Description = access switch
            {
                Access.Anyone => "Needs nothing.",
                Access.SignedIn => "Needs a user's access token.",
                Access.SuperAdmin => "Needs a super admin's access token.",
                Access.Member { Scope: { } scope } member => $"Needs the role {member.Least.Name()}, or an API key with the scope {scope}.",
                Access.Member member => $"Needs the role {member.Least.Name()}.",
                _ => operation.Description,
            };
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(async (document, context, ct) =>
        {
            document.Info.Title = "Auspex";
            document.Info.Description = "Predictive maintenance: which machine will fail, how soon, and how sure. Errors are problem details (RFC 9457) with traceId and correlationId.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An access token of /api/v1/auth/sign-in and /api/v1/auth/organization, or an API key: Authorization: Bearer TOKEN.",
            };
            document.AddComponent(InferenceError, await context.GetOrCreateSchemaAsync(typeof(OpenInferenceError), cancellationToken: ct).ConfigureAwait(false));
            document.AddComponent(Problem, await context.GetOrCreateSchemaAsync(typeof(ProblemDetails), cancellationToken: ct).ConfigureAwait(false));
        });
    }

    private static Dictionary<string, OpenApiMediaType> ContentOf(OpenApiDocument? document, bool isInference) => isInference
        ? new() { ["application/json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(InferenceError, document) } }
        : new() { ["application/problem+json"] = new OpenApiMediaType { Schema = new OpenApiSchemaReference(Problem, document) } };
}
