using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Core.Predictions;
using Auspex.Models.Calibration;
using Auspex.Models.Intervals;

namespace Auspex.Models.Onnx;

/// <summary>The parameters of a head as text in the metadata of its ONNX file: JSON, every key known and there once.</summary>
internal static class OnnxHeadText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static string Write(ModelHead head) => head switch
    {
        FailureHead failure => JsonSerializer.Serialize(new FailureForm(failure.Calibrations, failure.TimeToFailureIntervals, failure.IsExclusive), Options),
        LifeHead life => JsonSerializer.Serialize(new LifeForm(life.Cap, life.Intervals), Options),
        _ => throw new System.Diagnostics.UnreachableException($"bug: a head of type {head.GetType()}"),
    };

    /// <exception cref="ModelFormatException">The text is no head of this task, or breaks a rule of one.</exception>
    public static ModelHead Read(string text, PredictionTask task)
    {
        try
        {
            if (task == PredictionTask.Failure)
            {
                FailureForm failure = JsonSerializer.Deserialize<FailureForm>(text, Options) ?? throw new JsonException("The head is null.");
                return new FailureHead(failure.Calibrations, failure.TimeToFailure, failure.Exclusive);
            }

            LifeForm life = JsonSerializer.Deserialize<LifeForm>(text, Options) ?? throw new JsonException("The head is null.");
            return new LifeHead(life.Cap, life.Intervals);
        }
        catch (Exception notRead) when (notRead is JsonException or NotSupportedException)
        {
            throw new ModelFormatException($"The ONNX file is refused: {OnnxModelWriter.HeadKey} is not readable: {notRead.Message}", notRead);
        }
    }

    /// <summary>Whether two parts of a head are written alike.</summary>
    public static bool IsSame<T>(T one, T other) => JsonSerializer.Serialize(one, Options) == JsonSerializer.Serialize(other, Options);

    private sealed record FailureForm(IReadOnlyList<ScoreCalibration> Calibrations, LifeIntervals? TimeToFailure,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Exclusive = false);

    private sealed record LifeForm(double? Cap, LifeIntervals? Intervals);
}
