using System.Text.RegularExpressions;

namespace Auspex.Architecture.Tests;

/// <summary>Stages of a line never import each other, natives are called from their stages only, and no file lives in a room without a word.</summary>
internal static partial class StageRule
{
    private static readonly Dictionary<string, string[]> Stages = new(StringComparer.Ordinal)
    {
        ["Flow"] = ["Connect", "Map", "Predict", "Decide", "Alert", "Deliver", "Settle"],
        ["Learning"] = ["Label", "Train", "Evaluate", "Package", "Deploy", "Watch"],
    };

    private static readonly string[] StagesWithNatives = ["Flow.Predict", "Learning.Train", "Learning.Package", "Learning.Evaluate"];

    private static readonly string[] EmptyWords = ["Common", "Shared", "Utils", "Helpers"];

    /// <summary>What is wrong with one source file.</summary>
    public static IEnumerable<string> Violations(SourceFile file)
    {
        string own = Namespace().Match(file.Text) is { Success: true } match ? match.Groups[1].Value : "";
        (string room, string stage) = Split(own);
        bool isStage = Stages.TryGetValue(room, out string[]? stages) && stages.Contains(stage);

        foreach (Match import in Import().Matches(file.Text))
        {
            string used = import.Groups[1].Value;
            (string usedRoom, string usedStage) = Split(used);
            if (isStage && usedRoom == room && usedStage != stage && stages!.Contains(usedStage))
            {
                yield return $"{file.Path}: stage {room}.{stage} may not import stage {used}";
            }

            if (usedRoom == "Native" && (room is "Flow" or "Learning") && !StagesWithNatives.Contains($"{room}.{stage}"))
            {
                yield return $"{file.Path}: {own} may not call natives; {string.Join(", ", StagesWithNatives)} may";
            }
        }

        foreach (string word in EmptyWords.Where(word => own.Split('.').Contains(word)))
        {
            yield return $"{file.Path}: '{word}' says nothing; name the room by what it holds";
        }
    }

    private static (string Room, string Stage) Split(string name)
    {
        string[] parts = name.Split('.');
        return parts is ["Auspex", ..] ? (parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "") : ("", "");
    }

    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // Also names written out in full, which need no using.
    [GeneratedRegex(@"(?<!namespace\s+)\b(Auspex\.[A-Z]\w*(?:\.[A-Z]\w*)?)")]
    private static partial Regex Import();
}
