using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Auspex.Core.Predictions;
using Auspex.Models.Calibration;
using Auspex.Models.Detectors;
using Auspex.Models.Onnx;
using Auspex.Models.Trees;

namespace Auspex.Models.Package;

/// <summary>A model with all that is needed to use it: a folder of <c>manifest.json</c> and <c>model.onnx</c>. One that exists has passed
/// every check but the hash of its features, which <see cref="RequireFeatures"/> compares with what the caller computes.</summary>
public sealed class ModelPackage
{
    /// <summary>Name of the manifest's file.</summary>
    public const string ManifestFileName = "manifest.json";

    /// <summary>Name of the model's file.</summary>
    public const string ModelFileName = "model.onnx";

    /// <summary>Name of the model card.</summary>
    public const string CardFileName = "model-card.md";

    /// <summary>Allowed |difference| of a raw score, relative to max(1, |score|).</summary>
    public const double Tolerance = 1e-9;

    private const string CopyAgain = "Copy the package again from where it was made, or package the model again.";
    private const string ComputeAgain = "Compute the features by the package's own definition, or train again.";

    private const int MaxArchiveEntries = 16;

    // Names of some thousand features and a few golden rows take a megabyte.
    private const int MaxManifestBytes = 16 << 20;

    private readonly TreeEnsemble? _ensemble;
    private readonly ModelHead? _head;
    private readonly IReadOnlyList<VennAbers>? _confidence;

    private ModelPackage(ModelManifest manifest, byte[] model, ModelLimits? limits)
    {
        ManifestChecks.CheckAlone(manifest);
        try
        {
            if (manifest.Task == PredictionTask.Anomaly)
            {
                OnnxDetector detector = OnnxDetectorReader.Read(model, limits);
                ManifestChecks.CheckDetector(manifest, detector);
                Detector = detector.Detector;
            }
            else
            {
                OnnxModel read = OnnxModelReader.Read(model, limits);
                ManifestChecks.CheckModel(manifest, read);
                _ensemble = read.Ensemble;
                _head = read.Head;
            }
        }
        catch (ModelFormatException refused)
        {
            throw new ModelPackageException(ModelFileName, null, refused.Message + " Package the model again.", refused);
        }

        Manifest = manifest;
        Model = model;
        _confidence = manifest.Confidence;
    }

    /// <summary>What the model is, was trained on and promises.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The trees of a model of failures or remaining useful life, to score with.</summary>
    /// <exception cref="InvalidOperationException">It is a model of anomalies, which has a <see cref="Detector"/>.</exception>
    public TreeEnsemble Ensemble => _ensemble ?? throw HasDetector();

    /// <summary>The detector of a model of anomalies; null for other tasks.</summary>
    public AnomalyDetector? Detector { get; }

    /// <summary>What becomes of the scores of a model of failures or remaining useful life.</summary>
    /// <exception cref="InvalidOperationException">It is a model of anomalies, which has a <see cref="Detector"/>.</exception>
    public ModelHead Head => _head ?? throw HasDetector();

    /// <summary>How far a prediction can be relied on: for failure, 1 − the distance of the two probabilities, by the Venn-Abers tables of all
    /// components, that any of them fails; for a life, 1 − width of its interval / cap.</summary>
    /// <param name="scores">Raw scores of the row, one for each target.</param>
    /// <returns>0 to 1; null for a model without the tables for it.</returns>
    public double? Confidence(ReadOnlySpan<double> scores)
    {
        if (_head is LifeHead life)
        {
            return life.Intervals?.Confidence(life.RemainingUsefulLife(scores[0]));
        }

        return _confidence is { } tables ? VennAbers.ConfidenceOfAny(tables, scores) : null;
    }

    /// <summary>What a person must know of the model before trusting it, as Markdown; null for a package without.</summary>
    public string? Card { get; private init; }

    /// <summary>The ONNX file, byte for byte.</summary>
    public ReadOnlyMemory<byte> Model { get; }

    /// <summary>Puts a package together in memory; <see cref="ModelPackageWriter"/> writes it.</summary>
    /// <param name="manifest">Its list of files is replaced.</param>
    /// <param name="model">What <see cref="OnnxModelWriter"/> gave; the caller must not change it afterwards.</param>
    /// <param name="limits">How much the model may ask for; null for the default.</param>
    /// <exception cref="ModelPackageException">Manifest and model do not fit each other, or break a rule of their own.</exception>
    /// <param name="card">What a person must know of the model, as Markdown; null for none.</param>
    public static ModelPackage Create(ModelManifest manifest, byte[] model, ModelLimits? limits = null, string? card = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(model);
        List<PackageFile> files = [new PackageFile(ModelFileName, model.Length, Sha256(model))];
        if (card is not null)
        {
            byte[] text = Encoding.UTF8.GetBytes(card);
            files.Add(new PackageFile(CardFileName, text.Length, Sha256(text)));
        }

        var package = new ModelPackage(manifest with { Files = files }, model, limits) { Card = card };
        try
        {
            ManifestJson.Write(package.Manifest);
        }
        catch (JsonException notWritten)
        {
            throw new ModelPackageException(ManifestFileName, Field(notWritten), notWritten.Message, notWritten);
        }

        return package;
    }

    /// <summary>Reads a package and checks it: nothing missing or unknown, each file of its stated length and hash, the model sound and of the
    /// manifest's features and components, the golden rows scored as promised.</summary>
    /// <param name="folder">The package's folder.</param>
    /// <param name="limits">How much the model may ask for; null for the default.</param>
    /// <exception cref="ModelPackageException">A check failed; names the file, the field and what to do.</exception>
    public static ModelPackage Load(string folder, ModelLimits? limits = null) => Directory.Exists(folder)
        ? Load(Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)!), (name, most) => ReadFile(folder, name, most), limits ?? ModelLimits.Default)
        : throw new ModelPackageException(folder, null, "There is no such folder. Check the path, or train a model first.");

    /// <summary>Reads a package out of a ZIP archive of its files, in memory, and checks it as <see cref="Load(string, ModelLimits?)"/> does.</summary>
    /// <param name="archive">What <see cref="ToArchive"/> gave, or any ZIP of the folder's files, without folders.</param>
    /// <param name="limits">How much the model may ask for; null for the default.</param>
    /// <exception cref="ModelPackageException">It is no such archive, or a check failed; names the file, the field and what to do.</exception>
    public static ModelPackage FromArchive(byte[] archive, ModelLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(archive);
        try
        {
            using var zip = new ZipArchive(new MemoryStream(archive, writable: false), ZipArchiveMode.Read);
            // Counted before any is unpacked; what each unpacks to is bounded when it is read.
            if (zip.Entries.Count > MaxArchiveEntries)
            {
                throw new ModelPackageException("archive", null, $"It has {zip.Entries.Count} entries, the limit is {MaxArchiveEntries}. {CopyAgain}");
            }

            string[] names = [.. zip.Entries.Select(entry => entry.FullName)];
            return names.Distinct(StringComparer.Ordinal).Count() == names.Length
                ? Load(names, (name, most) => ReadEntry(zip, name, most), limits ?? ModelLimits.Default)
                : throw new ModelPackageException("archive", null, $"It has two entries of one name. {CopyAgain}");
        }
        catch (InvalidDataException broken)
        {
            throw new ModelPackageException("archive", null, $"It is no ZIP archive: {broken.Message} {CopyAgain}", broken);
        }
    }

    /// <summary>The package as a ZIP archive of its files.</summary>
    public byte[] ToArchive()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, ManifestFileName, ManifestJson.Write(Manifest));
            Add(zip, ModelFileName, Model.Span);
            if (Card is not null)
            {
                Add(zip, CardFileName, Encoding.UTF8.GetBytes(Card));
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Makes sure that rows of these features can be scored: the same names in the same order, made by the same definition.</summary>
    /// <param name="names">Columns of the rows to be scored.</param>
    /// <param name="hash">Hash of their definition.</param>
    /// <exception cref="ModelPackageException">They are other features, or in another order.</exception>
    public void RequireFeatures(IReadOnlyList<string> names, string hash)
    {
        ArgumentNullException.ThrowIfNull(names);
        IReadOnlyList<string> known = Manifest.Features.Names;
        for (int i = 0; i < Math.Max(known.Count, names.Count); i++)
        {
            if (i >= known.Count || i >= names.Count || known[i] != names[i])
            {
                throw new ModelPackageException(
                    ManifestFileName, $"features.names[{i}]", $"is {Quoted(known, i)}, the rows have {Quoted(names, i)} there. {ComputeAgain}");
            }
        }

        if (hash != Manifest.Features.Hash)
        {
            throw new ModelPackageException(
                ManifestFileName, "features.hash",
                    $"is {Manifest.Features.Hash}, that of the rows {hash}: a lag, window or signal differs. {ComputeAgain}");
        }

        static string Quoted(IReadOnlyList<string> list, int i) => i < list.Count ? $"'{list[i]}'" : "nothing";
    }

    private InvalidOperationException HasDetector() => new($"Package '{Manifest.Name}' tells anomalies: it has a detector.");

    private static ModelPackage Load(IEnumerable<string> entries, Func<string, int, byte[]> read, ModelLimits limits)
    {
        ModelManifest manifest = ReadManifest(read(ManifestFileName, MaxManifestBytes));
        CheckFileList(entries, manifest.Files);
        byte[] model = [];
        string? card = null;
        foreach (PackageFile file in manifest.Files)
        {
            byte[] bytes = read(file.Name, limits.MaxOnnxBytes);
            if (bytes.Length != file.Bytes)
            {
                throw new ModelPackageException(file.Name, null, $"It has {bytes.Length} bytes, the manifest says {file.Bytes}. {CopyAgain}");
            }

            if (Sha256(bytes) != file.Sha256)
            {
                throw new ModelPackageException(file.Name, null, $"Its SHA-256 is not that of the manifest: the content changed. {CopyAgain}");
            }

            model = file.Name == ModelFileName ? bytes : model;
            card = file.Name == CardFileName ? Encoding.UTF8.GetString(bytes) : card;
        }

        return new ModelPackage(manifest, model, limits) { Card = card };
    }

    private static ModelManifest ReadManifest(byte[] json)
    {
        try
        {
            return ManifestJson.Read(json);
        }
        catch (JsonException notRead)
        {
            throw new ModelPackageException(ManifestFileName, Field(notRead), $"{notRead.Message} {CopyAgain}", notRead);
        }
        catch (ModelFormatException broken)
        {
            throw new ModelPackageException(ManifestFileName, null, broken.Message, broken);
        }
    }

    private static void CheckFileList(IEnumerable<string> entries, IReadOnlyList<PackageFile> files)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { ManifestFileName };
        foreach (PackageFile file in files)
        {
            if (file?.Name is not { } name || !IsPlainName(name) || !names.Add(name))
            {
                throw new ModelPackageException(ManifestFileName, "files",
                    $"has '{file?.Name}', which is no plain file name or there twice. {CopyAgain}");
            }
        }

        if (!names.Contains(ModelFileName))
        {
            throw new ModelPackageException(ManifestFileName, "files", $"does not list {ModelFileName}. {CopyAgain}");
        }

        if (entries.FirstOrDefault(entry => !names.Contains(entry)) is { } stranger)
        {
            throw new ModelPackageException(stranger, null, "The manifest does not list it. Move it out of the package's folder.");
        }
    }

    // Letters, digits, dots, dashes and underscores: no folder, drive, stream or device name on any system.
    private static bool IsPlainName(string name) =>
        name.Length is > 0 and <= 100 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static byte[] ReadFile(string folder, string name, int maxBytes)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        if (!file.Exists)
        {
            throw new ModelPackageException(name, null, $"It is missing in {folder}. {CopyAgain}");
        }

        if (file.LinkTarget is not null)
        {
            throw new ModelPackageException(name, null, $"It is a link. {CopyAgain}");
        }

        using FileStream stream = file.OpenRead();
        if (stream.Length > maxBytes)
        {
            throw new ModelPackageException(name, null,
                $"It has {stream.Length} bytes, the limit is {maxBytes}. Train a smaller model, or raise the limit.");
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static byte[] ReadEntry(ZipArchive zip, string name, int maxBytes)
    {
        ZipArchiveEntry entry = zip.GetEntry(name) ?? throw new ModelPackageException(name, null, $"It is missing in the archive. {CopyAgain}");
        using Stream stream = entry.Open();
        using var bytes = new MemoryStream();
        var buffer = new byte[81_920];
        for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            // The length an archive states may be a lie.
            if (bytes.Length + read > maxBytes)
            {
                throw new ModelPackageException(name, null, $"It unpacks to more than {maxBytes} bytes. Train a smaller model, or raise the limit.");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    private static void Add(ZipArchive zip, string name, ReadOnlySpan<byte> bytes)
    {
        using Stream stream = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
        stream.Write(bytes);
    }

    // "$.Label.Horizon" when writing, "$.label.horizon" when reading: "label.horizon" to everyone else.
    private static string? Field(JsonException broken) => broken.Path is { Length: > 2 } path
        ? string.Join('.', path[2..].Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName))
        : null;

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
