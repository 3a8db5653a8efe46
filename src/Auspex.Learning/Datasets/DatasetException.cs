namespace Auspex.Learning.Datasets;

/// <summary>A description or a file of a data set that cannot be used. The message is written for the user: file, line, field, value and what to
/// do, one line for each error.</summary>
public sealed class DatasetException(string message, Exception? innerException = null) : Exception(message, innerException);
