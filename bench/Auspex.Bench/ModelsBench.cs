using System.Diagnostics;
using System.Globalization;
using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Flow.Tests;
using Auspex.Models.Package;
using Auspex.Native.OnnxRuntime;
using Auspex.Storage.Db;
using Auspex.Storage.Models;

namespace Auspex.Bench;

/// <summary>Many organizations' models: size and load time of one beside ONNX Runtime, hit rate with room for few, swaps under load, memory over time.</summary>
internal static class ModelsBench
{
    private const int Organizations = 1_000;
    private const int Room = 50;
    private const int Swaps = 1_000;

    public static void Run(string[] args)
    {
        double minutes = double.Parse(args[0], CultureInfo.InvariantCulture);
        ModelPackage[] packages = [.. Enumerable.Range(1, 20).Select(seed => OvenPackage.Sized(seed: seed))];
        byte[][] kept = [.. packages.Select(package => ScoringForm.Of(package).Write())];
        Cost(packages, kept);
        HitRates(kept);
        SwapAsync(kept).GetAwaiter().GetResult();
        SoakAsync(kept, minutes).GetAwaiter().GetResult();
    }

    private static void Cost(ModelPackage[] packages, byte[][] kept)
    {
        const int Models = 200;
        const int Sessions = 100;
        for (int i = 0; i < 2_000; i++)
        {
            _ = Said(Open(1, kept[i % kept.Length]), out _); // so that nothing is compiled below
        }

        using (new OnnxSession(packages[0].Model.Span))
        {
        }

        byte[] archive = packages[0].ToArchive();
        _ = LiveModel.Open(Version(1), archive);
        var models = new LiveModel[Models];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        double[] loads = Each(Models, i => models[i] = Open(i + 1, kept[i % kept.Length]));
        double ours = (GC.GetTotalMemory(forceFullCollection: true) - before) / 1_024.0 / Models;
        double[] packageLoads = Each(20, i => LiveModel.Open(Version(i + 1), archive).Dispose());

        var sessions = new OnnxSession[Sessions];
        GC.Collect();
        long resident = Resident();
        double[] sessionLoads = Each(Sessions, i => sessions[i] = new OnnxSession(packages[i % packages.Length].Model.Span));
        double theirs = (Resident() - resident) / 1_024.0 / Sessions;

        var random = new Random(1);
        double[] row = [.. Enumerable.Range(0, 50).Select(_ => random.NextDouble() * 100)];
        var (scores, said) = (new double[1], new double[models[0].Columns.Signals.Length]);
        double ourScore = Median(Each(100_000, _ => models[0].Score(row, scores, said, degraded: false))) * 1_000;
        double theirScore = Median(Each(20_000, _ => sessions[0].Run(row, 1, 50))) * 1_000;
        double ourCold = Median(Each(20_000, i => models[i % Models].Score(row, scores, said, degraded: false))) * 1_000;
        double theirCold = Median(Each(20_000, i => sessions[i % Sessions].Run(row, 1, 50))) * 1_000;
        Line($"== one model of 100 trees x 31 leaves x 50 features");
        Line($"ours          {ours:0.0} KiB   load {Median(loads):0.000} ms (p95 {At(loads, 0.95):0.000})   a row {ourScore:0.00} us, by turns with other models {ourCold:0.00} us");
        Line($"ONNX Runtime  {theirs:0.0} KiB   load {Median(sessionLoads):0.000} ms (p95 {At(sessionLoads, 0.95):0.000})   a row {theirScore:0.00} us, by turns {theirCold:0.00} us");
        Line($"ratio         {theirs / ours:0.0} x memory, {Median(sessionLoads) / Median(loads):0.0} x load time; the bound is 10 x each");
        Line($"from a whole package, where nothing is kept for scoring: load {Median(packageLoads):0.0} ms");
        GC.KeepAlive(models);
        foreach (OnnxSession session in sessions)
        {
            session.Dispose();
        }
    }

    private static void HitRates(byte[][] kept)
    {
        Line($"== {Organizations} organizations, room for {Room} models, 200,000 takes each");
        foreach (double exponent in (double[])[0, 1.0, 1.2, 1.5, 2.0])
        {
            double[] cumulated = Cumulated(exponent);
            string rates = "";
            foreach (ModelEviction eviction in Enum.GetValues<ModelEviction>())
            {
                ModelCache cache = Cache(kept, eviction);
                var random = new Random(7);
                for (int i = 0; i < 200_000; i++)
                {
                    int model = Draw(cumulated, random);
                    using ModelUse use = cache.TakeAsync(Db(model), Version(model), CancellationToken.None).AsTask().GetAwaiter().GetResult();
                }

                rates += string.Create(CultureInfo.InvariantCulture, $"   {eviction} {cache.State.HitRate:P1}");
            }

            double best = cumulated[Room - 1];
            Line($"{(exponent == 0 ? "uniform " : string.Create(CultureInfo.InvariantCulture, $"Zipf {exponent:0.0}"))}{rates}   the {Room} most asked for are {best:P1} of all");
        }
    }

    private static async Task SwapAsync(byte[][] kept)
    {
        await using ModelCache cache = Cache(kept, ModelEviction.LeastRecentlyUsed);
        double[][] expected = [.. kept.Select((one, i) => Said(Open(i + 1, one), out _))];
        int active = 1;
        long answers = 0, mixed = 0, failed = 0;
        using var ended = new CancellationTokenSource();
        Task[] asking = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!ended.IsCancellationRequested)
            {
                try
                {
                    int version = Volatile.Read(ref active);
                    using ModelUse use = await cache.TakeAsync(Db(0), Version(version), CancellationToken.None).ConfigureAwait(false);
                    for (int row = 0; row < 20; row++)
                    {
                        // What it says must be the version's own, to the bit, in every row of the batch.
                        double[] said = Said(use.Model, out long number);
                        if (number != version || !said.AsSpan(1).SequenceEqual(expected[(version - 1) % expected.Length].AsSpan(1)))
                        {
                            Interlocked.Increment(ref mixed);
                        }
                    }

                    Interlocked.Increment(ref answers);
                }
                catch (ModelNotLoadedException)
                {
                    Interlocked.Increment(ref failed);
                }
            }
        }))];
        long began = Stopwatch.GetTimestamp();
        for (int swap = 2; swap <= Swaps + 1; swap++)
        {
            await cache.PreloadAsync(Db(0), Version(swap), CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref active, swap);
            cache.Forget(Db(0).Organization, [Version(swap).Version]);
        }

        TimeSpan took = Stopwatch.GetElapsedTime(began);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(asking).ConfigureAwait(false);
        Line($"== {Swaps} swaps under load of 4 threads: {took.TotalMilliseconds / Swaps:0.00} ms a swap, {answers} batches of 20 rows, {failed} failed, {mixed} mixed");
        if (failed + mixed > 0)
        {
            throw new InvalidOperationException("A swap failed a request or mixed two versions.");
        }
    }

    private static async Task SoakAsync(byte[][] kept, double minutes)
    {
        await using ModelCache cache = Cache(kept, ModelEviction.LeastRecentlyUsed);
        double[] cumulated = Cumulated(1);
        var random = new Random(3);
        var samples = new List<(double Minute, double Mebibytes)>();
        long began = Stopwatch.GetTimestamp();
        double every = Math.Max(minutes / 30, 1 / 60.0);
        for (double at = 0, next = minutes / 6; at < minutes; at = Stopwatch.GetElapsedTime(began).TotalMinutes)
        {
            for (int i = 0; i < 1_000; i++)
            {
                int model = Draw(cumulated, random);
                using ModelUse use = await cache.TakeAsync(Db(model), Version(model), CancellationToken.None).ConfigureAwait(false);
                _ = Said(use.Model, out _);
            }

            if (at >= next)
            {
                samples.Add((at, GC.GetTotalMemory(forceFullCollection: true) / 1_048_576.0));
                next = at + every;
            }
        }

        double mean = samples.Average(sample => sample.Minute), level = samples.Average(sample => sample.Mebibytes);
        double slope = samples.Sum(sample => (sample.Minute - mean) * (sample.Mebibytes - level)) / samples.Sum(sample => Math.Pow(sample.Minute - mean, 2));
        Line($"== {minutes} min of Zipf 1.0: {cache.State.Takes} takes, {cache.State.Evicted} put out, {level:0.0} MiB held, slope {slope:+0.000;-0.000} MiB a minute over {samples.Count} samples, resident {Resident() / 1_048_576.0:0} MiB");
    }

    private static ModelCache Cache(byte[][] kept, ModelEviction eviction) => new(
        (_, version, _) => Task.FromResult(Open((int)version.Number, kept[(int)(version.Number - 1) % kept.Length])),
        new ModelCacheOptions { MostModels = Room, Eviction = eviction }, TimeProvider.System);

    private static OrganizationDb Db(int organization) => new(null!, new Guid(organization, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1])); // nothing is read here

    private static ModelVersion Version(int number) => new(
        string.Create(CultureInfo.InvariantCulture, $"v{number}.0.0"), number, PredictionTask.Failure, "active", "oven", Guid.Empty, "", null, DateTimeOffset.UnixEpoch, "bench", null);

    private static LiveModel Open(int number, byte[] kept)
    {
        ScoringForm form = ScoringForm.Read(kept)!;
        return LiveModel.Open(Version(number), form, FeaturePlans.Read(form.Definition, form.FeatureHash, null));
    }

    private static double[] Said(LiveModel model, out long number)
    {
        double[] row = [.. Enumerable.Range(0, 50).Select(i => (double)(i * 37 % 100))];
        var (scores, said) = (new double[1], new double[model.Columns.Signals.Length]);
        model.Score(row, scores, said, degraded: false);
        number = (long)said[PredictionColumns.Model];
        return [0, scores[0], said[PredictionColumns.Probability]];
    }

    private static double[] Cumulated(double exponent)
    {
        double[] weights = [.. Enumerable.Range(1, Organizations).Select(rank => Math.Pow(rank, -exponent))];
        double all = weights.Sum(), sum = 0;
        return [.. weights.Select(weight => (sum += weight) / all)];
    }

    private static int Draw(double[] cumulated, Random random)
    {
        int at = Array.BinarySearch(cumulated, random.NextDouble());
        return 1 + Math.Min(at < 0 ? ~at : at, cumulated.Length - 1);
    }

    private static double[] Each(int times, Action<int> work)
    {
        var took = new double[times];
        for (int i = 0; i < times; i++)
        {
            long began = Stopwatch.GetTimestamp();
            work(i);
            took[i] = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        return took;
    }

    private static double Median(double[] values) => At(values, 0.5);

    private static double At(double[] values, double share) => values.Order().ElementAt((int)(share * (values.Length - 1)));

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
