using System.Text.Json;

namespace Auspex.Server.Capabilities.OpenInference;

/// <summary>Rows of features out of a request of the protocol.</summary>
/// <param name="Id">Comes back with the answer.</param>
/// <param name="Count">Rows.</param>
/// <param name="Values">Count x features, row-major; NaN for missing.</param>
/// <param name="Outputs">Names of the outputs asked for; empty for all.</param>
internal sealed record InferenceRows(string? Id, int Count, double[] Values, IReadOnlyCollection<string> Outputs)
{
    public const string Input = "features";
    public const int MostRows = 10_000;
    public const int MostExplainedRows = 100;

    private const int LongestId = 200;

    private static readonly string[] Datatypes =
        ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64"];

    /// <exception cref="FormatException">Something is wrong with it; the message names the field.</exception>
    public static InferenceRows Read(JsonElement request, IHeaderDictionary headers, int features, int mostRows, IReadOnlyCollection<string> outputs)
    {
        if (headers.ContainsKey("Inference-Header-Content-Length"))
        {
            throw new FormatException("Inference-Header-Content-Length: tensors are taken as JSON, not in binary form.");
        }

        if (request.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("The body is no JSON object of an inference request.");
        }

        string? id = request.TryGetProperty("id", out JsonElement said) ? Text(said, "id") : null;
        if (id?.Length > LongestId)
        {
            throw new FormatException($"id has {id.Length} characters; at most {LongestId} are taken.");
        }

        if (!request.TryGetProperty("inputs", out JsonElement inputs) || inputs.ValueKind != JsonValueKind.Array || inputs.GetArrayLength() != 1)
        {
            throw new FormatException($"inputs must be an array of one tensor, '{Input}'.");
        }

        JsonElement input = inputs[0];
        if (Text(Of(input, "name"), "inputs[0].name") is var name && name != Input)
        {
            throw new FormatException($"inputs[0].name is not '{Input}', the one input that models here have.");
        }

        string datatype = Text(Of(input, "datatype"), "inputs[0].datatype");
        if (!Datatypes.Contains(datatype, StringComparer.Ordinal))
        {
            throw new FormatException($"inputs[0].datatype must be one of {string.Join(", ", Datatypes)}.");
        }

        int rows = RowsOf(Of(input, "shape"), features, mostRows);
        var values = new double[rows * features];
        int read = Flatten(Of(input, "data"), values, 0, 0, datatype == "BOOL");
        if (read != values.Length)
        {
            throw new FormatException($"inputs[0].data has {read} values; its shape has {values.Length}.");
        }

        return new InferenceRows(id, rows, values, OutputsOf(request, outputs));
    }

    private static int RowsOf(JsonElement shape, int features, int mostRows)
    {
        if (shape.ValueKind != JsonValueKind.Array || shape.GetArrayLength() != 2 || !shape[0].TryGetInt64(out long rows) || !shape[1].TryGetInt64(out long columns))
        {
            throw new FormatException("inputs[0].shape must be [rows, features], two whole numbers.");
        }

        return columns != features ? throw new FormatException($"inputs[0].shape has {columns} features; the model takes {features}, in the order of feature_names of its metadata.")
            : rows is < 1 || rows > mostRows ? throw new FormatException($"inputs[0].shape has {rows} rows; 1 to {mostRows} are taken.")
            : (int)rows;
    }

    // Flat or nested, as the protocol allows.
    private static int Flatten(JsonElement data, double[] values, int at, int depth, bool isBoolean)
    {
        if (data.ValueKind != JsonValueKind.Array || depth > 2)
        {
            throw new FormatException("inputs[0].data must be an array of numbers, flat or of rows.");
        }

        foreach (JsonElement one in data.EnumerateArray())
        {
            if (one.ValueKind == JsonValueKind.Array)
            {
                at = Flatten(one, values, at, depth + 1, isBoolean);
                continue;
            }

            double value = one.ValueKind switch
            {
                JsonValueKind.Null => double.NaN,
                JsonValueKind.True or JsonValueKind.False when isBoolean => one.ValueKind == JsonValueKind.True ? 1 : 0,
                JsonValueKind.Number when one.TryGetDouble(out double number) && double.IsFinite(number) => number,
                _ => throw new FormatException($"inputs[0].data: value {at} is no finite number{(isBoolean ? " or boolean" : "")}, nor null for missing."),
            };
            if (at < values.Length)
            {
                values[at] = value;
            }

            at++;
        }

        return at;
    }

    private static HashSet<string> OutputsOf(JsonElement request, IReadOnlyCollection<string> known)
    {
        var asked = new HashSet<string>(StringComparer.Ordinal);
        if (!request.TryGetProperty("outputs", out JsonElement outputs))
        {
            return asked;
        }

        if (outputs.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("outputs must be an array.");
        }

        foreach (JsonElement output in outputs.EnumerateArray())
        {
            string name = Text(Of(output, "name"), "outputs[].name");
            if (!known.Contains(name))
            {
                throw new FormatException($"outputs: the model has no output of that name; it has {string.Join(", ", known)}.");
            }

            asked.Add(name);
        }

        return asked;
    }

    private static JsonElement Of(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) ? value : throw new FormatException($"'{name}' is missing.");

    private static string Text(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"{field} must be a string.");
}
