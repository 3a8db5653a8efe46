namespace Auspex.Storage.Artefacts;

/// <summary>What is known of a stored artefact without opening it.</summary>
/// <param name="Id">Of all its versions.</param>
/// <param name="Version">1 or more; a version is never changed.</param>
/// <param name="Kind">What it is, such as <c>model</c> or <c>report</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Size">Length of the content, bytes.</param>
/// <param name="Sha256">Of the content, hexadecimal.</param>
/// <param name="CreatedAt">When it was stored.</param>
/// <param name="CreatedBy">Who stored it, as audit lines name them.</param>
public sealed record Artefact(Guid Id, long Version, string Kind, string Name, long Size, string Sha256, DateTimeOffset CreatedAt, string CreatedBy);
