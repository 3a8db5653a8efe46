using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Core.Predictions;
using Auspex.Models.Calibration;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;

namespace Auspex.Models.Package;

/// <summary>What scoring needs of a package, in a form that is read in a fraction of the time that a package takes. It is made of a package that passed every check, and kept beside it
/// under the same key; it never comes from outside.</summary>
public sealed record ScoringForm
{
    // "AXS1": its first bytes, the last of them its version. Another version is made again of the package.
    private static readonly byte[] Magic = "AXS1"u8.ToArray();

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private ScoringForm(Facts facts, CompactTrees trees, ModelHead head, double[] goldenRows, double[] goldenScores)
    {
        (Task, FeatureHash, Definition, Components, LifeUnit) = (facts.Task, facts.FeatureHash, facts.Definition, facts.Components, facts.LifeUnit);
        (HorizonInLifeUnits, Confidence, Trees, Head, GoldenRows, GoldenScores) = (facts.HorizonInLifeUnits, facts.Confidence, trees, head, goldenRows, goldenScores);
    }

    /// <summary>What it tells.</summary>
    public PredictionTask Task { get; }

    /// <summary>Hash of the features.</summary>
    public string FeatureHash { get; }

    /// <summary>Definition of the features, as JSON.</summary>
    public string Definition { get; }

    /// <summary>Components in the order of the targets; empty where none are told apart.</summary>
    public IReadOnlyList<string> Components { get; }

    /// <summary>Unit of lives; null for other tasks.</summary>
    public string? LifeUnit { get; }

    /// <summary>The horizon in that unit; NaN where there is none.</summary>
    public double HorizonInLifeUnits { get; }

    /// <summary>Tables of the confidence, one a component; null for a model without.</summary>
    public IReadOnlyList<VennAbers>? Confidence { get; }

    /// <summary>The trees.</summary>
    public CompactTrees Trees { get; }

    /// <summary>What becomes of their scores.</summary>
    public ModelHead Head { get; }

    /// <summary>Rows that the model must score as it was packaged to, row-major.</summary>
    public double[] GoldenRows { get; }

    /// <summary>The scores of those rows, row-major.</summary>
    public double[] GoldenScores { get; }

    /// <summary>That of a package.</summary>
    /// <exception cref="ModelPackageException">It tells anomalies, or has too many features for live use.</exception>
    public static ScoringForm Of(ModelPackage package)
    {
        ArgumentNullException.ThrowIfNull(package);
        ModelManifest manifest = package.Manifest;
        if (package.Detector is not null)
        {
            throw new ModelPackageException(ModelPackage.ManifestFileName, "task", "is anomaly, which the live line does not score yet; score files with auspex score.");
        }

        LabelDefinition label = manifest.Label;
        try
        {
            return new ScoringForm(
                new Facts(
                    manifest.Task, manifest.Features.Hash, manifest.Features.Definition.GetRawText(), manifest.Task == PredictionTask.Failure ? label.Components : [], label.LifeUnit,
                    label.LifeUnitLength is { } unit ? label.Horizon / unit : double.NaN, manifest.Confidence),
                CompactTrees.Of(package.Ensemble), package.Head, [.. manifest.GoldenRows.SelectMany(row => row.Values)], [.. manifest.GoldenRows.SelectMany(row => row.Scores)]);
        }
        catch (ModelFormatException refused)
        {
            throw new ModelPackageException(ModelPackage.ModelFileName, null, refused.Message, refused);
        }
    }

    /// <summary>Writes it.</summary>
    public byte[] Write()
    {
        var writer = new ArrayBufferWriter<byte>();
        writer.Write(Magic);
        WriteBlock(writer, JsonSerializer.SerializeToUtf8Bytes(new Facts(Task, FeatureHash, Definition, Components, LifeUnit, HorizonInLifeUnits, Confidence), Options));
        WriteBlock(writer, Encoding.UTF8.GetBytes(OnnxHeadText.Write(Head)));
        WriteBlock(writer, MemoryMarshal.AsBytes<double>(GoldenRows));
        WriteBlock(writer, MemoryMarshal.AsBytes<double>(GoldenScores));
        Trees.Write(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads it.</summary>
    /// <returns>Null where another version of the program wrote it.</returns>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static ScoringForm? Read(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith(Magic))
        {
            return null;
        }

        bytes = bytes[Magic.Length..];
        try
        {
            Facts facts = JsonSerializer.Deserialize<Facts>(Block(ref bytes), Options) ?? throw Damaged();
            ModelHead head = OnnxHeadText.Read(Encoding.UTF8.GetString(Block(ref bytes)), facts.Task);
            double[] rows = MemoryMarshal.Cast<byte, double>(Block(ref bytes)).ToArray();
            double[] scores = MemoryMarshal.Cast<byte, double>(Block(ref bytes)).ToArray();
            CompactTrees trees = CompactTrees.Read(ref bytes);
            return bytes.IsEmpty && trees.TargetCount == head.TargetCount && rows.Length % trees.FeatureCount == 0 && scores.Length == rows.Length / trees.FeatureCount * trees.TargetCount
                ? new ScoringForm(facts, trees, head, rows, scores) : throw Damaged();
        }
        catch (JsonException e)
        {
            throw new ModelFormatException($"The scoring form of the model is damaged: {e.Message}", e);
        }
    }

    /// <summary>The first golden row that trees score otherwise than packaged, in words; null where none is.</summary>
    /// <param name="trees">Trees that should be those of this model.</param>
    public string? Fault(CompactTrees trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        if (trees.FeatureCount != Trees.FeatureCount || trees.TargetCount != Trees.TargetCount)
        {
            return $"it takes {trees.FeatureCount} features and gives {trees.TargetCount} scores, packaged are {Trees.FeatureCount} and {Trees.TargetCount}";
        }

        var scores = new double[trees.TargetCount];
        for (int row = 0; row < GoldenRows.Length / trees.FeatureCount; row++)
        {
            trees.Score(GoldenRows.AsSpan(row * trees.FeatureCount, trees.FeatureCount), scores);
            for (int target = 0; target < scores.Length; target++)
            {
                double expected = GoldenScores[(row * scores.Length) + target];
                if (!(Math.Abs(scores[target] - expected) <= ModelPackage.Tolerance * Math.Max(1, Math.Abs(expected))))
                {
                    return FormattableString.Invariant($"golden row {row} has the score {scores[target]} for target {target}, packaged is {expected}");
                }
            }
        }

        return null;
    }

    private static ModelFormatException Damaged() => new("The scoring form of the model is damaged. Add the package again.");

    private static void WriteBlock(ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> block)
    {
        MemoryMarshal.Write(writer.GetSpan(sizeof(int)), block.Length);
        writer.Advance(sizeof(int));
        writer.Write(block);
    }

    private static ReadOnlySpan<byte> Block(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int) || MemoryMarshal.Read<int>(bytes) is var length && (length < 0 || length > bytes.Length - sizeof(int)))
        {
            throw Damaged();
        }

        ReadOnlySpan<byte> block = bytes.Slice(sizeof(int), length);
        bytes = bytes[(sizeof(int) + length)..];
        return block;
    }

    private sealed record Facts(
        PredictionTask Task, string FeatureHash, string Definition, IReadOnlyList<string> Components, string? LifeUnit, double HorizonInLifeUnits, IReadOnlyList<VennAbers>? Confidence);
}
