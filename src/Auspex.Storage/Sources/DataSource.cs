namespace Auspex.Storage.Sources;

/// <summary>A database of an organization that frames are read from.</summary>
/// <param name="Id">Stable.</param>
/// <param name="Name">As shown; unique in the organization, whatever its case.</param>
/// <param name="Sealed">What opens the connection, sealed; <see cref="DataSourceStore.OpenAsync"/> opens it.</param>
/// <param name="Mapping">Which rows and columns mean what, JSON.</param>
/// <param name="PollSeconds">From one reading to the next.</param>
/// <param name="OverlapSeconds">How long a transaction of the source may take to commit: rows below what was read are looked for so long; 0 for never.</param>
/// <param name="Paused">Whether a person stopped it.</param>
/// <param name="Epoch">Grows when something else is read from then on, and reading begins anew.</param>
/// <param name="Progress">How far it is read, JSON; empty at the beginning.</param>
/// <param name="Status">How it went, JSON; empty at the beginning.</param>
/// <param name="Revision">1, 2, 3 …; grows with each change a person makes.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When a person changed it last.</param>
public sealed record DataSource(
    string Id, string Name, string Sealed, string Mapping, long PollSeconds, long OverlapSeconds, bool Paused, long Epoch, string Progress, string Status, long Revision,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>Where a source is, and which of its revisions: enough to see that something changed.</summary>
/// <param name="Organization">Whose.</param>
/// <param name="Id">Which.</param>
/// <param name="Revision">Grows with each change.</param>
/// <param name="Paused">Whether a person stopped it.</param>
public sealed record DataSourceMark(Guid Organization, Guid Id, long Revision, bool Paused);

/// <summary>Why a change of sources was refused.</summary>
public enum DataSourceRefusal
{
    /// <summary>It was done.</summary>
    None,

    /// <summary>There is no such source in this organization.</summary>
    Unknown,

    /// <summary>It was changed since the caller saw it.</summary>
    Changed,

    /// <summary>Another source has the name.</summary>
    NameTaken,

    /// <summary>There are <see cref="DataSourceStore.Most"/> already.</summary>
    TooMany,
}
