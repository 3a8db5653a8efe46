namespace Auspex.Flow.Connect.Sql;

/// <summary>A database of an organization cannot be read. The message says why and what to do, and holds no secret.</summary>
/// <param name="message">Why.</param>
/// <param name="needsPerson">Whether trying again is of no use until a person changes something, such as a key column that is gone.</param>
/// <param name="inner">What the driver said.</param>
public sealed class SqlSourceException(string message, bool needsPerson, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether trying again is of no use until a person changes something.</summary>
    public bool NeedsPerson => needsPerson;
}
