using System.Runtime.InteropServices;

namespace Auspex.Native.LightGbm;

/// <summary>Bins rows that come in blocks: first those of a sample, from which the bins are found, then all rows in their order. No more than the
/// sample and a block are ever in memory as numbers.</summary>
/// <remarks>The sample is the one LightGBM itself would draw, so the data set is the very one that <see cref="LightGbmDataset.Create"/> makes of the
/// same rows. One thread at a time.</remarks>
public sealed class LightGbmDatasetBuilder : IDisposable
{
    // LightGBM takes every |x| up to this as 0 and expects only the others in a sample.
    private const double ZeroThreshold = 1e-35f;

    private readonly LightGbmParameters _parameters;
    private readonly IReadOnlyList<string> _featureNames;
    private readonly int[] _sampleRows;
    private readonly double[][] _sampleValues;
    private readonly int[][] _sampleIndices;
    private readonly int[] _sampleCounts;
    private DatasetHandle? _handle;
    private int _sampled;
    private int _pushed;

    /// <summary>Begins a training set.</summary>
    /// <param name="rows">Number of rows there will be, at least 1.</param>
    /// <param name="featureNames">One name a column, at least one; see <see cref="LightGbmDataset.Create"/>.</param>
    /// <param name="parameters">The parameters of the booster it will be used with.</param>
    /// <exception cref="ArgumentException">A parameter is outside its range.</exception>
    /// <exception cref="NativeLibraryMissingException">The library is not on this machine.</exception>
    public unsafe LightGbmDatasetBuilder(int rows, IReadOnlyList<string> featureNames, LightGbmParameters parameters)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentNullException.ThrowIfNull(featureNames);
        ArgumentOutOfRangeException.ThrowIfLessThan(featureNames.Count, 1, nameof(featureNames));
        ArgumentNullException.ThrowIfNull(parameters);
        string parameterText = parameters.ToParameterText();
        LightGbmDataset.RequireConstraints(parameters, featureNames.Count);
        Rows = rows;
        _featureNames = featureNames;
        _parameters = parameters;
        NativeMethods.Check(NativeMethods.LGBM_GetSampleCount(rows, parameterText, out int count));
        _sampleRows = new int[count];
        fixed (int* target = _sampleRows)
        {
            NativeMethods.Check(NativeMethods.LGBM_SampleIndices(rows, parameterText, target, out int written));
            _sampleRows = _sampleRows[..written];
        }

        _sampleValues = [.. featureNames.Select(_ => new double[_sampleRows.Length])];
        _sampleIndices = [.. featureNames.Select(_ => new int[_sampleRows.Length])];
        _sampleCounts = new int[featureNames.Count];
    }

    /// <summary>Begins a validation set, binned as its training set is: it needs no sample.</summary>
    /// <param name="reference">The training set.</param>
    /// <param name="rows">Number of rows there will be, at least 1.</param>
    /// <param name="parameters">The parameters of the booster it will be used with.</param>
    public LightGbmDatasetBuilder(LightGbmDataset reference, int rows, LightGbmParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Validate();
        Rows = rows;
        _featureNames = new string[reference.Columns];
        _parameters = parameters;
        _sampleRows = [];
        _sampleValues = [];
        _sampleIndices = [];
        _sampleCounts = [];
        NativeMethods.Check(NativeMethods.LGBM_DatasetCreateByReference(reference.Handle, rows, out DatasetHandle handle));
        _handle = handle;
        Open();
    }

    /// <summary>Number of rows there will be.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns => _featureNames.Count;

    /// <summary>The rows the bins are found from, ascending: at most 200,000, drawn by the seed; none for a validation set.</summary>
    public ReadOnlySpan<int> SampleRows => _sampleRows;

    /// <summary>Adds rows of the sample, in the order of <see cref="SampleRows"/>; after the last of them the bins are found.</summary>
    /// <param name="values">A whole number of rows, row-major; NaN is "missing", infinities are refused.</param>
    /// <exception cref="ArgumentException">More rows than the sample has, or a value that is not allowed.</exception>
    public void AddSample(ReadOnlySpan<double> values)
    {
        int rows = RowsOf(values, _sampled, _sampleRows.Length, "rows of the sample");
        LightGbmDataset.RequireValues(values, _sampled, Columns);
        for (int i = 0; i < values.Length; i++)
        {
            if (Math.Abs(values[i]) > ZeroThreshold || double.IsNaN(values[i]))
            {
                int column = i % Columns;
                _sampleValues[column][_sampleCounts[column]] = values[i];
                _sampleIndices[column][_sampleCounts[column]++] = _sampled + (i / Columns);
            }
        }

        _sampled += rows;
        if (rows > 0 && _sampled == _sampleRows.Length)
        {
            FindBins();
        }
    }

    /// <summary>Bins the next rows.</summary>
    /// <param name="values">A whole number of rows, row-major; NaN is "missing", infinities are refused.</param>
    /// <exception cref="ArgumentException">More rows than were announced, or a value that is not allowed.</exception>
    /// <exception cref="InvalidOperationException">The sample is not complete.</exception>
    public unsafe void Push(ReadOnlySpan<double> values)
    {
        if (_handle is null)
        {
            throw new InvalidOperationException($"Only {_sampled} of {_sampleRows.Length} rows of the sample were added: the bins are not known yet.");
        }

        int rows = RowsOf(values, _pushed, Rows, "rows");
        if (rows == 0)
        {
            return;
        }

        LightGbmDataset.RequireValues(values, _pushed, Columns);
        fixed (double* data = values)
        {
            NativeMethods.Check(NativeMethods.LGBM_DatasetPushRows(_handle, data, NativeMethods.Float64, rows, Columns, _pushed));
        }

        _pushed += rows;
    }

    /// <summary>Gives the data set away; the builder is then empty.</summary>
    /// <param name="labels">One a row, as the objective of the parameters needs them.</param>
    /// <param name="weights">One a row, finite and not negative; empty for weight 1.</param>
    /// <exception cref="ArgumentException">A length differs, or a label or weight is not allowed.</exception>
    /// <exception cref="InvalidOperationException">Rows are missing.</exception>
    public LightGbmDataset Finish(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        if (_handle is null || _pushed != Rows)
        {
            throw new InvalidOperationException($"{_pushed} of {Rows} rows were pushed.");
        }

        NativeMethods.Check(NativeMethods.LGBM_DatasetMarkFinished(_handle));
        LightGbmDataset finished = LightGbmDataset.Own(_handle, Rows, Columns, labels, weights, _parameters);
        _handle = null;
        _pushed = 0;
        return finished;
    }

    /// <summary>Frees what was not given away.</summary>
    public void Dispose() => _handle?.Dispose();

    private unsafe void FindBins()
    {
        var pins = new GCHandle[2 * Columns];
        var values = new double*[Columns];
        var indices = new int*[Columns];
        try
        {
            for (int column = 0; column < Columns; column++)
            {
                // LightGBM sorts the values in their place.
                pins[2 * column] = GCHandle.Alloc(_sampleValues[column], GCHandleType.Pinned);
                pins[(2 * column) + 1] = GCHandle.Alloc(_sampleIndices[column], GCHandleType.Pinned);
                values[column] = (double*)pins[2 * column].AddrOfPinnedObject();
                indices[column] = (int*)pins[(2 * column) + 1].AddrOfPinnedObject();
            }

            fixed (double** allValues = values)
            fixed (int** allIndices = indices)
            fixed (int* allCounts = _sampleCounts)
            {
                NativeMethods.Check(NativeMethods.LGBM_DatasetCreateFromSampledColumn(allValues, allIndices, Columns, allCounts, _sampleRows.Length,
                    Rows, Rows, _parameters.ToParameterText(), out DatasetHandle handle));
                _handle = handle;
            }

            LightGbmDataset.SetNames(_handle, _featureNames);
            Open();
        }
        finally
        {
            foreach (GCHandle pin in pins.Where(pin => pin.IsAllocated))
            {
                pin.Free();
            }

            Array.Clear(_sampleValues); // the sample is large and no longer needed
            Array.Clear(_sampleIndices);
        }
    }

    // Without this LightGBM has buffers for the threads of the call that made the set, and writes behind them when a later one has more.
    private void Open() => NativeMethods.Check(NativeMethods.LGBM_DatasetInitStreaming(_handle!, has_weights: 0, has_init_scores: 0, has_queries: 0,
        nclasses: 0, nthreads: 1, omp_max_threads: LightGbmParameters.MaxThreads));

    private int RowsOf(ReadOnlySpan<double> values, int before, int most, string what)
    {
        if (values.Length % Columns != 0)
        {
            throw new ArgumentException($"A row has {Columns} values; {values.Length} values are no whole number of rows.", nameof(values));
        }

        int rows = values.Length / Columns;
        return rows <= most - before
            ? rows
            : throw new ArgumentException($"There are {most} {what}; {rows} after {before} are too many.", nameof(values));
    }
}
