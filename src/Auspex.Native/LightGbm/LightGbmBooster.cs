using System.Diagnostics;
using System.Text;

namespace Auspex.Native.LightGbm;

/// <summary>Boosted trees while they grow, or read back from the text this library wrote.</summary>
/// <remarks>Training is the caller's loop of <see cref="Update"/>, the place for cancellation and early stopping. Predictions may run on several
/// threads at once; <see cref="Update"/> waits for them.</remarks>
public sealed class LightGbmBooster : IDisposable
{
    private readonly BoosterHandle _handle;
    private readonly LightGbmParameters _parameters;
    private readonly bool _trains;
    private readonly bool _averages;
    private readonly int _columns;
    private readonly int _outputs;
    private int _validationSets;

    private LightGbmBooster(BoosterHandle handle, LightGbmParameters parameters, bool trains, bool averages)
    {
        _handle = handle;
        _parameters = parameters;
        _trains = trains;
        _averages = averages;
        NativeMethods.Check(NativeMethods.LGBM_BoosterGetNumClasses(handle, out _outputs));
        NativeMethods.Check(NativeMethods.LGBM_BoosterGetNumFeature(handle, out _columns));
    }

    /// <summary>Columns a row must have.</summary>
    public int Columns => _columns;

    /// <summary>Raw scores a row: the classes of the multiclass objective, else 1.</summary>
    public int Outputs => _outputs;

    /// <summary>Iterations grown so far, or held by the text.</summary>
    /// <exception cref="ObjectDisposedException">The booster is disposed.</exception>
    public int Iterations
    {
        get
        {
            NativeMethods.Check(NativeMethods.LGBM_BoosterGetCurrentIteration(_handle, out int iterations));
            return iterations;
        }
    }

    /// <summary>Starts with no tree.</summary>
    /// <param name="train">Training set; it stays alive until this booster is disposed.</param>
    /// <param name="parameters">The parameters the training set was binned with.</param>
    /// <exception cref="ArgumentException">A parameter is outside its range.</exception>
    /// <exception cref="LightGbmException">LightGBM refused, for example because the labels are all alike for the metric.</exception>
    public static LightGbmBooster Create(LightGbmDataset train, LightGbmParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(parameters);
        BoosterHandle handle;
        bool counted = false;
        try
        {
            train.Handle.DangerousAddRef(ref counted); // until the booster itself counts it in
            NativeMethods.Check(NativeMethods.LGBM_BoosterCreate(train.Handle, parameters.ToParameterText(), out handle));
            handle.Keep(train.Handle);
        }
        finally
        {
            if (counted)
            {
                train.Handle.DangerousRelease();
            }
        }

        return Own(handle, parameters, trains: true, parameters.Boosting == LightGbmBoosting.RandomForest);
    }

    /// <summary>Reads a model back.</summary>
    /// <param name="text">A text that <see cref="SaveModelText"/> of this program wrote. Never one from outside: the parser of LightGBM before
    /// 4.6.0 writes past its buffers on a crafted text (CVE-2024-43598).</param>
    /// <param name="threads">Threads of prediction; 0 for one a core.</param>
    /// <exception cref="LightGbmException">LightGBM cannot read it.</exception>
    public static LightGbmBooster FromModelText(string text, int threads = 0)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var parameters = new LightGbmParameters { Threads = threads };
        parameters.Validate();
        NativeMethods.Check(NativeMethods.LGBM_BoosterLoadModelFromString(text, out _, out BoosterHandle handle));
        return Own(handle, parameters, trains: false, text.Contains("\naverage_output\n", StringComparison.Ordinal));
    }

    /// <summary>Adds a data set to be measured on; the first has index 1 in <see cref="Evaluate"/>.</summary>
    /// <param name="validation">Made with the training set as reference; it stays alive until this booster is disposed.</param>
    /// <exception cref="LightGbmException">It was binned otherwise than the training set.</exception>
    /// <exception cref="InvalidOperationException">The booster was read from text.</exception>
    public void AddValidation(LightGbmDataset validation)
    {
        ArgumentNullException.ThrowIfNull(validation);
        RequireTraining();
        _handle.Keep(validation.Handle);
        NativeMethods.Check(NativeMethods.LGBM_BoosterAddValidData(_handle, validation.Handle));
        _validationSets++;
    }

    /// <summary>Grows the trees of one iteration.</summary>
    /// <returns>True when no further split is possible: training should stop.</returns>
    /// <exception cref="InvalidOperationException">The booster was read from text.</exception>
    public bool Update()
    {
        RequireTraining();
        NativeMethods.Check(NativeMethods.LGBM_BoosterUpdateOneIter(_handle, out int finished));
        return finished != 0;
    }

    /// <summary>Measures the present trees.</summary>
    /// <param name="dataIndex">0 the training set, 1 the first validation set, and so on.</param>
    /// <returns>The metric of the parameters, one value.</returns>
    /// <exception cref="InvalidOperationException">The booster was read from text.</exception>
    public unsafe double[] Evaluate(int dataIndex)
    {
        RequireTraining();
        RequireDataIndex(dataIndex);
        NativeMethods.Check(NativeMethods.LGBM_BoosterGetEvalCounts(_handle, out int count));
        var results = new double[count];
        fixed (double* target = results)
        {
            NativeMethods.Check(NativeMethods.LGBM_BoosterGetEval(_handle, dataIndex, out int written, target));
            return written == count ? results : throw new UnreachableException($"bug: {written} of {count} metrics written");
        }
    }

    /// <summary>What the present trees say of a set that takes part in training, from its bins: no feature values are needed.</summary>
    /// <param name="dataIndex">0 the training set, 1 the first validation set, and so on.</param>
    /// <returns>rows × <see cref="Outputs"/>, row-major, with the link applied: probabilities for binary and multiclass, the prediction itself for
    /// regression and quantile.</returns>
    /// <exception cref="InvalidOperationException">The booster was read from text.</exception>
    public unsafe double[] Predictions(int dataIndex)
    {
        RequireTraining();
        RequireDataIndex(dataIndex);
        NativeMethods.Check(NativeMethods.LGBM_BoosterGetNumPredict(_handle, dataIndex, out long length));
        var byOutput = new double[checked((int)length)];
        fixed (double* target = byOutput)
        {
            NativeMethods.Check(NativeMethods.LGBM_BoosterGetPredict(_handle, dataIndex, out long written, target));
            if (written != length)
            {
                throw new UnreachableException($"bug: {written} of {length} predictions written");
            }
        }

        if (_outputs == 1)
        {
            return byOutput;
        }

        int rows = byOutput.Length / _outputs;
        var byRow = new double[byOutput.Length];
        for (int i = 0; i < byOutput.Length; i++)
        {
            byRow[(i % rows * _outputs) + (i / rows)] = byOutput[i]; // LightGBM has one output after the other
        }

        return byRow;
    }

    /// <summary>The model in LightGBM's text form: trees, feature names, parameters.</summary>
    /// <param name="iterations">Only the first so many, as early stopping wants; -1 for all.</param>
    public unsafe string SaveModelText(int iterations = -1)
    {
        RequireIterations(iterations);
        NativeMethods.Check(NativeMethods.LGBM_BoosterSaveModelToString(
            _handle, start_iteration: 0, iterations, feature_importance_type: 0, buffer_len: 0, out long length, null));
        while (true)
        {
            var text = new byte[checked((int)length)];
            fixed (byte* target = text)
            {
                NativeMethods.Check(NativeMethods.LGBM_BoosterSaveModelToString(
                    _handle, start_iteration: 0, iterations, feature_importance_type: 0, text.Length, out length, target));
            }

            if (length <= text.Length) // another thread may have grown a tree in between
            {
                return Encoding.UTF8.GetString(text, 0, (int)length - 1);
            }
        }
    }

    /// <summary>Raw scores: log odds for the binary objective, the prediction itself for regression and quantile, one score a class for
    /// multiclass. Of a random forest the mean over its trees, which is what its own link is applied to.</summary>
    /// <param name="rows">rowCount × columns, row-major; NaN is "missing".</param>
    /// <param name="rowCount">Number of rows, at least 1.</param>
    /// <param name="columns">Columns of a row, as in training.</param>
    /// <param name="iterations">Only the first so many, -1 for all.</param>
    /// <returns>rowCount × <see cref="Outputs"/>, row-major.</returns>
    /// <exception cref="ArgumentException">The shape is not the model's.</exception>
    public unsafe double[] PredictRaw(ReadOnlySpan<double> rows, int rowCount, int columns, int iterations = -1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCount, 1);
        RequireIterations(iterations);
        if (columns != _columns)
        {
            throw new ArgumentException($"The model takes {_columns} columns, the rows have {columns}.", nameof(columns));
        }

        if (rows.Length != (long)rowCount * columns)
        {
            throw new ArgumentException(
                $"{rowCount} rows of {columns} columns are {(long)rowCount * columns} values, given are {rows.Length}.", nameof(rows));
        }

        var scores = new double[checked(rowCount * _outputs)];
        fixed (double* data = rows)
        fixed (double* target = scores)
        {
            NativeMethods.Check(NativeMethods.LGBM_BoosterPredictForMat(_handle, data, NativeMethods.Float64, rowCount, columns,
                is_row_major: 1, NativeMethods.PredictRawScore, start_iteration: 0, iterations, _parameters.ToPredictionText(),
                out long written, target));
            if (written != scores.Length)
            {
                throw new UnreachableException($"bug: {written} of {scores.Length} scores written");
            }
        }

        if (_averages) // LightGBM's raw prediction of a forest is the sum
        {
            int grown = Iterations;
            double trees = iterations < 0 ? grown : Math.Min(iterations, grown);
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] /= trees;
            }
        }

        return scores;
    }

    /// <summary>Frees the trees, then lets go of the data sets.</summary>
    public void Dispose() => _handle.Dispose();

    private static LightGbmBooster Own(BoosterHandle handle, LightGbmParameters parameters, bool trains, bool averages)
    {
        try
        {
            return new LightGbmBooster(handle, parameters, trains, averages);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static void RequireIterations(int iterations)
    {
        if (iterations is not (-1 or >= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(iterations), iterations, $"iterations must be at least 1, or -1 for all, was {iterations}.");
        }
    }

    private void RequireDataIndex(int dataIndex)
    {
        if (dataIndex < 0 || dataIndex > _validationSets)
        {
            throw new ArgumentOutOfRangeException(nameof(dataIndex), dataIndex, $"dataIndex must be 0 to {_validationSets}, was {dataIndex}.");
        }
    }

    private void RequireTraining()
    {
        if (!_trains)
        {
            throw new InvalidOperationException("A booster read from text has no training set: it can only predict and be saved.");
        }
    }
}
