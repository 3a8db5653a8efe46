using System.Globalization;

namespace Auspex.Native.LightGbm;

/// <summary>Rows, binned by LightGBM, with their labels and weights. The values given are not kept:
/// a data set holds about one byte a value.</summary>
public sealed class LightGbmDataset : IDisposable
{
    private LightGbmDataset(DatasetHandle handle, int rows, int columns)
    {
        Handle = handle;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    internal DatasetHandle Handle { get; }

    /// <summary>Bins rows.</summary>
    /// <param name="values">rows × columns, row-major; NaN is "missing", infinities are refused.</param>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="columns">Number of columns, at least 1.</param>
    /// <param name="labels">One finite label a row; 0 or 1 for the binary objective.</param>
    /// <param name="weights">One weight a row, finite and not negative; empty for weight 1.</param>
    /// <param name="featureNames">One name a column; the model text carries them with other characters than letters, digits and
    /// <c>_ - .</c> replaced, so take columns by number, not by name.</param>
    /// <param name="parameters">The parameters of the booster it will be used with.</param>
    /// <param name="reference">The training set, for a validation set: it is binned alike. Null for a training set.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a label, weight or value is not allowed.</exception>
    /// <exception cref="LightGbmException">LightGBM refused the data.</exception>
    /// <exception cref="NativeLibraryMissingException">The library is not on this machine.</exception>
    public static unsafe LightGbmDataset Create(ReadOnlySpan<double> values, int rows, int columns, ReadOnlySpan<float> labels,
        ReadOnlySpan<float> weights, IReadOnlyList<string> featureNames, LightGbmParameters parameters, LightGbmDataset? reference = null)
    {
        ArgumentNullException.ThrowIfNull(featureNames);
        ArgumentNullException.ThrowIfNull(parameters);
        string parameterText = parameters.ToParameterText();
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        RequireLength(values.Length, (long)rows * columns, nameof(values), "rows × columns");
        RequireLength(labels.Length, rows, nameof(labels), "one a row");
        RequireLength(featureNames.Count, columns, nameof(featureNames), "one a column");
        if (!weights.IsEmpty)
        {
            RequireLength(weights.Length, rows, nameof(weights), "one a row, or none");
        }

        if (reference is not null && reference.Columns != columns)
        {
            throw new ArgumentException($"The reference has {reference.Columns} columns, these rows {columns}.", nameof(reference));
        }

        RequireValues(values, labels, weights, columns, parameters.Objective);

        DatasetHandle handle;
        bool counted = false;
        try
        {
            reference?.Handle.DangerousAddRef(ref counted);
            fixed (double* data = values)
            {
                NativeMethods.Check(NativeMethods.LGBM_DatasetCreateFromMat(data, NativeMethods.Float64, rows, columns, is_row_major: 1,
                    parameterText, reference?.Handle.DangerousGetHandle() ?? IntPtr.Zero, out handle));
            }
        }
        finally
        {
            if (counted)
            {
                reference!.Handle.DangerousRelease();
            }
        }

        try
        {
            SetField(handle, "label", labels);
            if (!weights.IsEmpty)
            {
                SetField(handle, "weight", weights);
            }

            NativeMethods.Check(NativeMethods.LGBM_DatasetSetFeatureNames(handle, SafeFeatureNames.From(featureNames), columns));
            return new LightGbmDataset(handle, rows, columns);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Gives the rows back; a booster made over them keeps them alive until it is disposed too.</summary>
    public void Dispose() => Handle.Dispose();

    private static unsafe void SetField(DatasetHandle handle, string name, ReadOnlySpan<float> column)
    {
        fixed (float* data = column)
        {
            NativeMethods.Check(NativeMethods.LGBM_DatasetSetField(handle, name, data, column.Length, NativeMethods.Float32));
        }
    }

    private static void RequireLength(long found, long expected, string name, string meaning)
    {
        if (found != expected)
        {
            throw new ArgumentException($"{name} must have {expected} entries ({meaning}), has {found}.", name);
        }
    }

    private static void RequireValues(
        ReadOnlySpan<double> values, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, int columns, LightGbmObjective objective)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsInfinity(values[i]))
            {
                throw new ArgumentException(
                    $"The value of row {i / columns}, column {i % columns} is infinite; use NaN for missing.", nameof(values));
            }
        }

        for (int row = 0; row < labels.Length; row++)
        {
            float label = labels[row];
            if (objective == LightGbmObjective.Binary ? label is not (0 or 1) : !float.IsFinite(label))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"The label of row {row} must be {(objective == LightGbmObjective.Binary ? "0 or 1" : "finite")}, was {label}."), nameof(labels));
            }
        }

        for (int row = 0; row < weights.Length; row++)
        {
            if (!(weights[row] >= 0 && float.IsFinite(weights[row])))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"The weight of row {row} must be finite and not negative, was {weights[row]}."), nameof(weights));
            }
        }
    }
}
