namespace Auspex.Models.Package;

/// <summary>A model package cannot be used or written: a file is missing, damaged or does not fit the others.</summary>
public sealed class ModelPackageException : Exception
{
    /// <summary>Says what is wrong and what to do about it.</summary>
    /// <param name="file">File or folder it is about.</param>
    /// <param name="field">Field of the manifest it is about; null when it is the file as a whole.</param>
    /// <param name="problem">What is wrong and what to do, as sentences.</param>
    /// <param name="innerException">What was noticed first, if anything.</param>
    public ModelPackageException(string file, string? field, string problem, Exception? innerException = null)
        : base(field is null ? $"{file}: {problem}" : $"{file}, {field}: {problem}", innerException)
    {
        File = file;
        Field = field;
    }

    /// <summary>File or folder it is about.</summary>
    public string File { get; }

    /// <summary>Field of the manifest it is about; null when it is the file as a whole.</summary>
    public string? Field { get; }
}
