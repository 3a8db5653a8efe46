namespace Auspex.Storage.Keys;

/// <summary>What the content of a document is bound to when it is sealed: as another's it does not open.</summary>
public static class DocumentBound
{
    /// <summary>The text for one document of an organization.</summary>
    public static string Of(Guid organization, Guid id) => Of(organization.ToString(), id.ToString());

    internal static string Of(string organization, string id) => $"document {id} of {organization}";
}
