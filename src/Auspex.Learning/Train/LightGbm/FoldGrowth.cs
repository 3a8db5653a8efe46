using System.Globalization;
using System.Runtime.ExceptionServices;
using Auspex.Native.LightGbm;

namespace Auspex.Learning.Train.LightGbm;

/// <summary>What grew on the folds.</summary>
/// <param name="ModelTexts">LightGBM's own text of each fold's booster, cut at the best number of trees.</param>
/// <param name="Iterations">Trees of each: the number with the lowest loss over all held-out rows.</param>
/// <param name="HeldOutScores">Raw score of each row by the booster that had not seen it; of a multi-class booster one a class, row-major.</param>
/// <param name="HeldOutLoss">That lowest loss: log loss, or root mean square error.</param>
public sealed record FoldBag(IReadOnlyList<string> ModelTexts, int Iterations, double[] HeldOutScores, double HeldOutLoss)
{
    /// <summary>The first few boosters, with the held-out scores of all.</summary>
    public FoldBag Of(int members) => this with { ModelTexts = [.. ModelTexts.Take(members)] };
}

/// <summary>Grows one booster a fold, all at the same pace, until the loss over all held-out rows stops falling.</summary>
/// <remarks>Each worker is one thread that makes, grows and asks its own boosters: LightGBM keeps its thread count and its silence for the
/// thread that made a booster. A thread a fold is also much faster than several threads in each small booster, which mostly wait for each
/// other. The trees do not depend on the number of threads. Folds are subsets of rows that were binned once.</remarks>
internal sealed class FoldGrowth
{
    private const int ScoredAtOnce = 4096; // rows

    private readonly LightGbmDataset _binned;
    private readonly TrainingTable _table;
    private readonly Folds _folds;
    private readonly int _maxIterations;
    private readonly LightGbmParameters _parameters;
    private readonly int _patience;
    private readonly Action<double, string> _progress;
    private readonly double[] _heldOut;
    private readonly string[] _texts;
    private readonly double[] _losses;
    private readonly double[] _shares;
    private readonly bool[] _isFinished;
    private int _iteration = 1;
    private int _best = 1;
    private double _bestLoss = double.PositiveInfinity;
    private bool _isDone;

    private FoldGrowth(LightGbmDataset binned, TrainingTable table, Folds folds, int maxIterations,
        LightGbmParameters parameters, float[] rowWeights, int patience, Action<double, string> progress)
    {
        _binned = binned;
        _table = table;
        _folds = folds;
        _maxIterations = maxIterations;
        _parameters = parameters;
        _patience = patience;
        _progress = progress;
        _heldOut = new double[table.Rows * parameters.ClassCount];
        _texts = new string[folds.Count];
        _losses = new double[folds.Count];
        double[] weights = [.. Enumerable.Range(0, folds.Count).Select(fold => folds.HeldOutRows(fold).Sum(row => rowWeights.Length == 0 ? 1.0 : rowWeights[row]))];
        _shares = [.. weights.Select(weight => weight / weights.Sum())];
        _isFinished = new bool[folds.Count];
    }

    /// <summary>Bins all rows, for any number of runs.</summary>
    /// <param name="table">The rows.</param>
    /// <param name="parameters">Those of the runs; the learning rate may differ.</param>
    public static LightGbmDataset Bin(TrainingTable table, LightGbmParameters parameters) => LightGbmDataset.Create(
        table.Values, table.Rows, table.Columns, table.Labels[0], table.Weights, table.FeatureNames, parameters);

    /// <summary>Runs all folds.</summary>
    /// <param name="binned">The rows of the table; takes on the labels of the target.</param>
    public static FoldBag Run(LightGbmDataset binned, TrainingTable table, float[] labels, Folds folds,
        int maxIterations, LightGbmParameters parameters, TrainingOptions options, Action<double, string> progress, CancellationToken ct)
    {
        float[] weights = Weights(table, labels, parameters);
        binned.SetAnswers(labels, weights);
        int workers = Math.Min(options.Threads, folds.Count);
        var growth = new FoldGrowth(binned, table, folds, maxIterations, parameters with { Threads = options.Threads / workers, ScalePosWeight = 1, IsUnbalance = false },
            weights, options.Patience, progress);
        growth.RunWorkers(workers, ct);
        return new FoldBag(growth._texts, growth._best, growth._heldOut, growth._bestLoss);
    }

    // Labels are weighed by their rows: LightGBM's own parameters of it weigh what is taught but not the held-out loss, which would then stop
    // at the trees that are best for other weights.
    private static float[] Weights(TrainingTable table, float[] labels, LightGbmParameters parameters)
    {
        double Sum(bool positive) => Enumerable.Range(0, table.Rows).Where(row => labels[row] > 0 == positive).Sum(row => (double)table.Weight(row));
        (double positive, double negative) = (parameters.ScalePosWeight, 1);
        if (parameters.IsUnbalance)
        {
            double ratio = Sum(positive: false) / Sum(positive: true);
            (positive, negative) = (Math.Max(1, ratio), Math.Max(1, 1 / ratio));
        }

        return (positive, negative) is (1, 1)
            ? table.Weights
            : [.. Enumerable.Range(0, table.Rows).Select(row => (float)(table.Weight(row) * (labels[row] > 0 ? positive : negative)))];
    }

    private void RunWorkers(int workers, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var allGrown = new Barrier(workers, _ => Judge());
        ExceptionDispatchInfo? failure = null;
        Thread[] threads =
        [
            .. Enumerable.Range(0, workers).Select(worker => new Thread(() =>
            {
                try
                {
                    Work(worker, workers, allGrown, stop.Token);
                }
                catch (Exception e)
                {
                    // The first failure is the one that counts; the others only say that they were stopped. What the watcher of the
                    // progress threw comes wrapped by the barrier, to every worker.
                    Exception cause = e is BarrierPostPhaseException { InnerException: { } inner } ? inner : e;
                    Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(cause), null);
                    stop.Cancel();
                }
            })
            {
                IsBackground = true,
                Name = $"fold worker {worker}",
            }),
        ];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        ct.ThrowIfCancellationRequested();
        failure?.Throw();
    }

    private void Work(int worker, int workers, Barrier allGrown, CancellationToken ct)
    {
        var mine = new List<Fold>();
        try
        {
            for (int fold = worker; fold < _folds.Count; fold += workers)
            {
                ct.ThrowIfCancellationRequested();
                mine.Add(new Fold(_binned, fold, _folds, _parameters));
            }

            while (!_isDone)
            {
                foreach (Fold fold in mine)
                {
                    ct.ThrowIfCancellationRequested();
                    fold.Grow();
                    _losses[fold.Index] = fold.Loss;
                    _isFinished[fold.Index] = fold.IsFinished;
                }

                allGrown.SignalAndWait(ct);
            }

            foreach (Fold fold in mine)
            {
                _texts[fold.Index] = fold.Keep(_table, _best, _heldOut);
            }
        }
        finally
        {
            mine.ForEach(fold => fold.Dispose());
        }
    }

    // Runs on one thread while all workers wait.
    private void Judge()
    {
        double Pool(Func<double, double> of) => Enumerable.Range(0, _folds.Count).Sum(fold => of(_losses[fold]) * _shares[fold]);
        // Squared errors pool over rows, their roots do not.
        double loss = _parameters.EffectiveMetric == LightGbmMetric.RootMeanSquareError ? Math.Sqrt(Pool(l => l * l)) : Pool(l => l);
        if (loss < _bestLoss)
        {
            (_best, _bestLoss) = (_iteration, loss);
        }

        _progress((double)_iteration / _maxIterations,
            string.Create(CultureInfo.InvariantCulture, $"held-out loss {_bestLoss:0.#####} at {_best} trees"));
        _isDone = _iteration >= _maxIterations || _iteration - _best >= _patience || Array.TrueForAll(_isFinished, finished => finished);
        _iteration++;
    }

    private sealed class Fold : IDisposable
    {
        private readonly int[] _heldOutRows;
        private readonly LightGbmDataset _train;
        private readonly LightGbmDataset _heldOut;
        private readonly LightGbmBooster _booster;

        public Fold(LightGbmDataset binned, int index, Folds folds, LightGbmParameters parameters)
        {
            Index = index;
            _heldOutRows = folds.HeldOutRows(index);
            _train = binned.Subset(folds.TrainRows(index));
            _heldOut = binned.Subset(_heldOutRows);
            _booster = LightGbmBooster.Create(_train, parameters);
            _booster.AddValidation(_heldOut);
        }

        public int Index { get; }

        public double Loss { get; private set; }

        public bool IsFinished { get; private set; }

        public void Grow()
        {
            if (!IsFinished)
            {
                IsFinished = _booster.Update();
                Loss = _booster.Evaluate(dataIndex: 1)[0];
            }
        }

        /// <summary>Scores the held-out rows with the first <paramref name="iterations"/> trees, and gives the text of these.</summary>
        public string Keep(TrainingTable table, int iterations, double[] scores)
        {
            var buffer = new double[Math.Min(ScoredAtOnce, _heldOutRows.Length) * table.Columns];
            for (int first = 0; first < _heldOutRows.Length; first += ScoredAtOnce)
            {
                ReadOnlySpan<int> rows = _heldOutRows.AsSpan(first, Math.Min(ScoredAtOnce, _heldOutRows.Length - first));
                double[] held = _booster.PredictRaw(table.Take(rows, buffer), rows.Length, table.Columns, iterations);
                int outputs = held.Length / rows.Length;
                for (int i = 0; i < held.Length; i++)
                {
                    scores[(rows[i / outputs] * outputs) + (i % outputs)] = held[i];
                }
            }

            return _booster.SaveModelText(iterations);
        }

        public void Dispose()
        {
            _booster.Dispose();
            _heldOut.Dispose();
            _train.Dispose();
        }
    }
}
