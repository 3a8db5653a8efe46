using Microsoft.Extensions.Logging;

namespace Auspex.Flow;

/// <summary>Log lines of the live line.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Error, "Partition {Partition} of organization {Organization} cannot go on; it begins again where it was after {Wait}")]
    internal static partial void PartitionFailed(ILogger logger, Exception exception, int partition, Guid organization, TimeSpan wait);

    [LoggerMessage(2002, LogLevel.Error, "Model {Version} of organization {Organization} cannot be loaded; predictions stop until another is deployed")]
    internal static partial void ModelNotLoaded(ILogger logger, Exception exception, string version, Guid organization);

    [LoggerMessage(2003, LogLevel.Error, "Organizations and models were not looked at; the next round tries again")]
    internal static partial void NotLooked(ILogger logger, Exception exception);

    [LoggerMessage(2004, LogLevel.Error, "Models and settings of organization {Organization} were not looked at; its line stays as it is, and the next round tries again")]
    internal static partial void NotLookedAt(ILogger logger, Exception exception, Guid organization);

    [LoggerMessage(2020, LogLevel.Error, "Predictions of organization {Organization} were not settled; the next round tries again")]
    internal static partial void NotSettled(ILogger logger, Exception exception, Guid organization);

    [LoggerMessage(1001, LogLevel.Warning, "Data source {Source} of organization {Organization} cannot be read; it is tried again in {Wait}: {Reason}")]
    internal static partial void SourceFailed(ILogger logger, Guid source, Guid organization, TimeSpan wait, string reason);

    [LoggerMessage(1002, LogLevel.Error, "Data source {Source} of organization {Organization} was not read; it is tried again in {Wait}")]
    internal static partial void SourceNotRead(ILogger logger, Exception exception, Guid source, Guid organization, TimeSpan wait);

    [LoggerMessage(1003, LogLevel.Error, "Data sources were not looked at; the next round tries again")]
    internal static partial void SourcesNotLookedAt(ILogger logger, Exception exception);

    [LoggerMessage(2005, LogLevel.Warning, "What is kept for scoring of model {Version} of organization {Organization} cannot be read; its package is opened instead")]
    internal static partial void ScoringNotRead(ILogger logger, Exception exception, string version, Guid organization);

    [LoggerMessage(2006, LogLevel.Error, "Model {Version} of organization {Organization} is degraded: {Fault}. Deploy another version, or start the server again")]
    internal static partial void ModelDiffers(ILogger logger, string version, Guid organization, string fault);

    [LoggerMessage(2007, LogLevel.Warning, "The loading of model {Version} of organization {Organization} is not in its audit log: the database did not take the entry")]
    internal static partial void NotAudited(ILogger logger, Exception exception, string version, Guid organization);
}
