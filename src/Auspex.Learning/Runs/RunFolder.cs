using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Auspex.Learning.Evaluate;

namespace Auspex.Learning.Runs;

/// <summary>A folder of runs, one JSON file each. Runs may be added by several processes at once; what is damaged is named and passed over.</summary>
/// <param name="path">The folder; made with the first run.</param>
public sealed class RunFolder(string path)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        NewLine = "\n",
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>A name for a run that begins now; no two are alike.</summary>
    public static string NewId(DateTimeOffset startedAt) =>
        $"{startedAt.UtcDateTime:yyyyMMdd-HHmmss}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";

    /// <summary>Where the folder is.</summary>
    public string Path => path;

    /// <summary>Keeps a run: its file is there whole or not at all.</summary>
    /// <exception cref="ArgumentException">Its id is no plain name of a file.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Add(TrainingRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Id.Length == 0 || run.Id.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter != '-'))
        {
            throw new ArgumentException($"The id of a run is letters, digits and dashes, was '{run.Id}'.", nameof(run));
        }

        using var draft = new DraftFile(FileOf(run.Id));
        JsonSerializer.Serialize(draft.Stream, run, Options);
        draft.Complete();
    }

    /// <summary>All runs, newest first.</summary>
    /// <param name="damaged">Receives a sentence for each file that is no run.</param>
    public IReadOnlyList<TrainingRun> List(ICollection<string> damaged)
    {
        ArgumentNullException.ThrowIfNull(damaged);
        if (!Directory.Exists(path))
        {
            return [];
        }

        var runs = new List<TrainingRun>();
        foreach (string file in Directory.EnumerateFiles(path, "*.json"))
        {
            try
            {
                runs.Add(Read(file));
            }
            catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
            {
                damaged.Add($"{System.IO.Path.GetFileName(file)} is not a run: {e.Message.Split(" Path:", 2)[0]}");
            }
        }

        return [.. runs.OrderByDescending(run => run.StartedAt).ThenByDescending(run => run.Id, StringComparer.Ordinal)];
    }

    /// <summary>The one run whose id begins with <paramref name="id"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is none, or more than one; the message says which.</exception>
    public TrainingRun Get(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        TrainingRun[] found = [.. List([]).Where(run => run.Id.StartsWith(id, StringComparison.Ordinal))];
        TrainingRun? exact = Array.Find(found, run => run.Id == id);
        return exact ?? (found.Length == 1 ? found[0] : throw new KeyNotFoundException(found.Length == 0
            ? $"No run '{id}' in {path}; auspex runs lists them."
            : $"'{id}' is the beginning of {found.Length} runs: {string.Join(", ", found.Take(5).Select(run => run.Id))}; give more of it."));
    }

    private static TrainingRun Read(string file)
    {
        using FileStream stream = File.OpenRead(file);
        TrainingRun run = JsonSerializer.Deserialize<TrainingRun>(stream, Options) ?? throw new JsonException("it is null.");
        return run.FormatVersion == TrainingRun.CurrentFormat
            ? run
            : throw new JsonException($"its form is {run.FormatVersion}, this Auspex reads {TrainingRun.CurrentFormat}.");
    }

    private string FileOf(string id) => System.IO.Path.Combine(path, id + ".json");
}
