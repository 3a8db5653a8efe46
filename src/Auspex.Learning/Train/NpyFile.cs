namespace Auspex.Learning.Train;

/// <summary>Arrays in NumPy's <c>.npy</c> form, the hand-over to trainers outside this program.</summary>
public static class NpyFile
{
    /// <summary>Writes a whole array; a file that is there is replaced. Rows that come in blocks go through <see cref="NpyWriter{T}"/>.</summary>
    /// <typeparam name="T">double, float or long.</typeparam>
    /// <param name="path">Where it is written; its folder must exist.</param>
    /// <param name="values">Row-major.</param>
    /// <param name="shape">At least one length: rows first; the product must be the number of values.</param>
    /// <exception cref="ArgumentException">Shape and values do not fit, or the type is not written.</exception>
    public static void Write<T>(string path, ReadOnlySpan<T> values, params ReadOnlySpan<long> shape)
        where T : unmanaged
    {
        if (shape.IsEmpty)
        {
            throw new ArgumentException("The shape must have at least one length.", nameof(shape));
        }

        long count = 1;
        foreach (long length in shape)
        {
            count = checked(count * length);
        }

        if (count != values.Length)
        {
            throw new ArgumentException(
                $"An array of shape ({string.Join(", ", shape.ToArray())}) has {count} values, given are {values.Length}.", nameof(shape));
        }

        using var writer = new NpyWriter<T>(path, shape[1..]);
        writer.Append(values);
        writer.Complete();
    }
}
