using System.Globalization;

namespace Auspex.Native.LightGbm;

/// <summary>Rows, binned by LightGBM, with their labels and weights. The values given are not kept:
/// a data set holds about one byte a value.</summary>
public sealed class LightGbmDataset : IDisposable
{
    private readonly LightGbmParameters _parameters;

    private LightGbmDataset(DatasetHandle handle, int rows, int columns, LightGbmParameters parameters)
    {
        Handle = handle;
        Rows = rows;
        Columns = columns;
        _parameters = parameters;
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
        RequireLength(featureNames.Count, columns, nameof(featureNames), "one a column");
        RequireConstraints(parameters, columns);
        if (reference is not null && reference.Columns != columns)
        {
            throw new ArgumentException($"The reference has {reference.Columns} columns, these rows {columns}.", nameof(reference));
        }

        RequireAnswers(labels, weights, rows, parameters);
        RequireValues(values, firstRow: 0, columns);

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
            SetNames(handle, featureNames);
            return Own(handle, rows, columns, labels, weights, parameters);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Copies some of the rows, binned as they are, with their labels and weights. What is taught on it and measured on another subset of
    /// the same set was binned over all rows of the whole.</summary>
    /// <param name="rows">Rows to take, strictly ascending.</param>
    /// <returns>A set of its own, which outlives this one.</returns>
    /// <exception cref="ArgumentException">No row, a row that is not there, or an order that is not ascending.</exception>
    /// <exception cref="ObjectDisposedException">This set is disposed.</exception>
    public unsafe LightGbmDataset Subset(ReadOnlySpan<int> rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows.Length, 1, nameof(rows));
        for (int i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0 || rows[i] >= Rows || (i > 0 && rows[i] <= rows[i - 1]))
            {
                throw new ArgumentException(
                    $"rows must be strictly ascending, from 0 to {Rows - 1}; entry {i} is {rows[i]}{(i > 0 ? $" after {rows[i - 1]}" : "")}.", nameof(rows));
            }
        }

        fixed (int* indices = rows)
        {
            NativeMethods.Check(NativeMethods.LGBM_DatasetGetSubset(
                Handle, indices, rows.Length, _parameters.ToParameterText(), out DatasetHandle subset));
            return new LightGbmDataset(subset, rows.Length, Columns, _parameters);
        }
    }

    /// <summary>Teaches the same rows something else: boosters made from now on learn these labels. Not while a booster over this set grows.</summary>
    /// <param name="labels">One a row, as the objective of the parameters needs them.</param>
    /// <param name="weights">One a row, finite and not negative; empty for weight 1.</param>
    /// <exception cref="ArgumentException">A length differs, or a label or weight is not allowed.</exception>
    public void SetAnswers(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        RequireAnswers(labels, weights, Rows, _parameters);
        SetField(Handle, "label", labels);
        SetField(Handle, "weight", weights); // none clears those that are there
    }

    /// <summary>Gives the rows back; a booster made over them keeps them alive until it is disposed too.</summary>
    public void Dispose() => Handle.Dispose();

    internal static LightGbmDataset Own(DatasetHandle handle, int rows, int columns, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights,
        LightGbmParameters parameters)
    {
        var owned = new LightGbmDataset(handle, rows, columns, parameters);
        owned.SetAnswers(labels, weights);
        return owned;
    }

    internal static void SetNames(DatasetHandle handle, IReadOnlyList<string> featureNames) =>
        NativeMethods.Check(NativeMethods.LGBM_DatasetSetFeatureNames(handle, SafeFeatureNames.From(featureNames), featureNames.Count));

    internal static void RequireLength(long found, long expected, string name, string meaning)
    {
        if (found != expected)
        {
            throw new ArgumentException($"{name} must have {expected} entries ({meaning}), has {found}.", name);
        }
    }

    internal static void RequireConstraints(LightGbmParameters parameters, int columns)
    {
        if (parameters.MonotoneConstraints.Count > 0)
        {
            RequireLength(parameters.MonotoneConstraints.Count, columns, nameof(LightGbmParameters.MonotoneConstraints), "one a column, or none");
        }
    }

    internal static void RequireValues(ReadOnlySpan<double> values, int firstRow, int columns)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (double.IsInfinity(values[i]))
            {
                throw new ArgumentException(
                    $"The value of row {firstRow + (i / columns)}, column {i % columns} is infinite; use NaN for missing.", nameof(values));
            }
        }
    }

    private static unsafe void SetField(DatasetHandle handle, string name, ReadOnlySpan<float> column)
    {
        fixed (float* data = column)
        {
            NativeMethods.Check(NativeMethods.LGBM_DatasetSetField(handle, name, data, column.Length, NativeMethods.Float32));
        }
    }

    private static void RequireAnswers(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, int rows, LightGbmParameters parameters)
    {
        RequireLength(labels.Length, rows, nameof(labels), "one a row");
        if (!weights.IsEmpty)
        {
            RequireLength(weights.Length, rows, nameof(weights), "one a row, or none");
        }

        for (int row = 0; row < labels.Length; row++)
        {
            float label = labels[row];
            (bool isAllowed, string allowed) = parameters.Objective switch
            {
                LightGbmObjective.Binary => (label is 0 or 1, "0 or 1"),
                LightGbmObjective.Multiclass => (label >= 0 && label < parameters.ClassCount && label == MathF.Floor(label), "a whole number from 0 to {0}"),
                _ => (float.IsFinite(label), "finite"),
            };
            if (!isAllowed)
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"The label of row {row} must be {string.Format(CultureInfo.InvariantCulture, allowed, parameters.ClassCount - 1)}, was {label}."), nameof(labels));
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
