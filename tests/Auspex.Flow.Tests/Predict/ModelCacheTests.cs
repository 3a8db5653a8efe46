using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Storage.Db;
using Auspex.Storage.Models;

namespace Auspex.Flow.Tests.Predict;

public sealed class ModelCacheTests
{
    private static readonly byte[] Archive = OvenPackage.Make(false).ToArchive();
    private static readonly long Each = LiveModel.Open(Version(1), Archive).Bytes;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_100AtOnce_LoadsOnceAndAllShareIt()
    {
        var plant = new Plant();
        var gate = new TaskCompletionSource();
        await using var cache = plant.Cache(before: () => gate.Task);
        Task<ModelUse>[] takes = [.. Enumerable.Range(0, 100).Select(_ => Task.Run(async () => await cache.TakeAsync(plant.Db, Version(1), Ct), Ct))];
        gate.SetResult();
        ModelUse[] uses = await Task.WhenAll(takes);
        Assert.Equal(1, plant.Loads);
        Assert.Single(uses.Select(use => use.Model).Distinct());
        Assert.Equal((100, 1, 1L), ((int)cache.State.Takes, cache.State.Models, cache.RecordOf(plant.Db.Organization, "v1.0.0")!.Loads));
        foreach (ModelUse use in uses)
        {
            use.Dispose();
            use.Dispose(); // twice does no harm
        }

        Assert.Equal(Each, cache.State.Bytes);
    }

    [Fact]
    public async Task Take_FirstCallerGivesUp_OthersStillGetTheModel()
    {
        var plant = new Plant();
        var gate = new TaskCompletionSource();
        await using var cache = plant.Cache(before: () => gate.Task);
        using var leaves = new CancellationTokenSource();
        Task<ModelUse> first = cache.TakeAsync(plant.Db, Version(1), leaves.Token).AsTask();
        Task<ModelUse> second = cache.TakeAsync(plant.Db, Version(1), Ct).AsTask();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        (await second).Dispose();
        Assert.Equal(1, plant.Loads);
    }

    [Theory]
    [InlineData(ModelEviction.LeastRecentlyUsed)]
    [InlineData(ModelEviction.LeastFrequentlyUsed)]
    public async Task Take_MoreModelsThanFit_TheLeastUsefulGoes(ModelEviction eviction)
    {
        var plant = new Plant();
        await using var cache = plant.Cache(new ModelCacheOptions { MostModels = 15, Eviction = eviction });
        for (int model = 1; model <= 15; model++)
        {
            await plant.UseAsync(cache, model);
        }

        await plant.UseAsync(cache, 1, 1); // often, and long ago in the end
        await plant.UseAsync(cache, 1);
        for (int model = 2; model <= 15; model++)
        {
            await plant.UseAsync(cache, model);
        }

        await plant.UseAsync(cache, 16);
        bool recently = eviction == ModelEviction.LeastRecentlyUsed;
        Assert.Equal(!recently, cache.IsLoaded(plant.Db.Organization, "v1.0.0"));
        Assert.Equal(recently, cache.IsLoaded(plant.Db.Organization, "v2.0.0"));
        Assert.Equal((15, 15 * Each, 1L), (cache.State.Models, cache.State.Bytes, cache.State.Evicted));
        await plant.UseAsync(cache, recently ? 1 : 2);
        Assert.Equal(17, plant.Loads);
    }

    [Fact]
    public async Task Take_MoreBytesThanFit_GoesByBytes()
    {
        var plant = new Plant();
        long most = Math.Max(1 << 20, 4 * Each);
        await using var cache = plant.Cache(new ModelCacheOptions { MostBytes = most });
        for (int model = 1; model <= (int)(most / Each) + 3; model++)
        {
            await plant.UseAsync(cache, model);
            Assert.True(cache.State.Bytes <= most);
        }

        Assert.Equal(most / Each, cache.State.Models);
        Assert.Equal(3, cache.State.Evicted);
    }

    [Fact]
    public async Task Take_ModelLetGoOfWhileInUse_StaysWholeForItsUser()
    {
        var plant = new Plant();
        await using var cache = plant.Cache(new ModelCacheOptions { MostModels = 15 });
        using ModelUse held = await cache.TakeAsync(plant.Db, Version(1), Ct);
        cache.Forget(plant.Db.Organization, []);
        Assert.Equal((0, 0L), (cache.State.Models, cache.State.Bytes));
        using ModelUse again = await cache.TakeAsync(plant.Db, Version(1), Ct);
        Assert.NotSame(held.Model, again.Model);
        Assert.Equal(Said(again.Model), Said(held.Model));
    }

    [Fact]
    public async Task Take_DoesNotLoad_IsSaidAtOnceUntilItIsTriedAgain()
    {
        var plant = new Plant();
        bool broken = true;
        await using var cache = plant.Cache(new ModelCacheOptions { TryAgainAfter = TimeSpan.FromMinutes(1) }, before: () => broken ? throw new IOException("torn") : Task.CompletedTask);
        for (int i = 0; i < 5; i++)
        {
            Assert.Contains("torn", (await Assert.ThrowsAsync<ModelNotLoadedException>(async () => await cache.TakeAsync(plant.Db, Version(1), Ct))).Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, plant.Loads);
        Assert.Equal("torn", cache.RecordOf(plant.Db.Organization, "v1.0.0")!.Fault);
        broken = false;
        plant.Clock.Advance(TimeSpan.FromSeconds(61));
        await plant.UseAsync(cache, 1);
        Assert.Null(cache.RecordOf(plant.Db.Organization, "v1.0.0")!.Fault);
    }

    [Fact]
    public async Task N36_Shed_MemoryAbove80Percent_LeastUsefulGoAndNoRequestFails()
    {
        var plant = new Plant();
        long used = 700;
        await using var cache = plant.Cache(memory: () => new MemoryLoad(used, 1_000));
        for (int model = 1; model <= 60; model++)
        {
            await plant.UseAsync(cache, model);
        }

        Assert.Equal(0, cache.Shed());
        used = 800 + (Each * 5);
        Assert.InRange(cache.Shed(), 5, 6);
        Assert.False(cache.IsLoaded(plant.Db.Organization, "v1.0.0"));
        Assert.True(cache.IsLoaded(plant.Db.Organization, "v60.0.0"));

        used = long.MaxValue / 2; // as short as can be, while requests go on
        using var ended = new CancellationTokenSource();
        Task[] asking = [.. Enumerable.Range(0, 4).Select(worker => Task.Run(
            async () =>
            {
                var random = new Random(worker);
                for (int i = 0; i < 300; i++)
                {
                    await plant.UseAsync(cache, random.Next(1, 61));
                }
            },
            Ct))];
        while (!Task.WhenAll(asking).IsCompleted)
        {
            cache.Shed();
            await Task.Yield();
        }

        await Task.WhenAll(asking);
        cache.Shed();
        Assert.Equal(ModelCacheOptions.FewestModels, cache.State.Models);
        Assert.Equal(cache.State.Models * Each, cache.State.Bytes);
    }

    [Fact]
    public async Task N62_Take_SameVersionOfTwoOrganizations_AreTwoModels()
    {
        var plant = new Plant();
        var other = new OrganizationDb(null!, Guid.Parse("0198a000-0000-7000-8000-000000000002"));
        await using var cache = plant.Cache();
        using ModelUse one = await cache.TakeAsync(plant.Db, Version(1), Ct);
        using ModelUse two = await cache.TakeAsync(other, Version(1), Ct);
        Assert.NotSame(one.Model, two.Model);
        Assert.Equal([plant.Db.Organization, other.Organization], plant.Loaded);
        Assert.Single(cache.RecordsOf(other.Organization));
    }

    [Fact]
    public async Task Preload_NoRoomLeft_PutsNoneOut()
    {
        var plant = new Plant();
        await using var cache = plant.Cache(new ModelCacheOptions { MostModels = 15 });
        for (int model = 1; model <= 40; model++)
        {
            Assert.Equal(model <= 15, await cache.PreloadAsync(plant.Db, Version(model), Ct));
        }

        Assert.True(cache.IsLoaded(plant.Db.Organization, "v1.0.0"));
        Assert.Equal((15, 0L, 0L), (cache.State.Models, cache.State.Evicted, cache.State.Takes));
    }

    [Fact]
    public async Task Take_1000ModelsFromManyThreadsWithRoomFor50_KeepsItsBoundsAndCountsHonestly()
    {
        var plant = new Plant();
        await using var cache = plant.Cache(new ModelCacheOptions { MostModels = 50 });
        await Parallel.ForEachAsync(Enumerable.Range(0, 4), Ct, async (worker, _) =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 1_000; i++)
            {
                using ModelUse use = await cache.TakeAsync(plant.Db, Version(random.Next(1, 1_001)), Ct);
                Assert.True(cache.State.Models <= 54); // those in use may wait for their users
            }
        });
        ModelCacheState state = cache.State;
        Assert.Equal(50, state.Models);
        Assert.Equal(50 * Each, state.Bytes);
        Assert.Equal(4_000, state.Takes);
        Assert.Equal(plant.Loads, state.Evicted + state.Models);
        Assert.InRange(state.Takes - state.Hits, plant.Loads, plant.Loads + 40); // who joined a load waited too
    }

    [Fact]
    public void Latency_OfKnownRows_IsWithinAStep()
    {
        var record = new ModelRecord(Guid.Empty, "v1.0.0", new CircuitOptions(), TimeProvider.System);
        Assert.Null(record.Latency(0.5));
        for (int i = 1; i <= 1_000; i++)
        {
            record.Add(TimeSpan.FromMicroseconds(i));
        }

        foreach (double share in (double[])[0.5, 0.95, 0.99])
        {
            Assert.InRange(record.Latency(share)!.Value, share, share * 1.2);
        }
    }

    [Fact]
    public void Circuit_FailsOpensHalfOpensAndCloses()
    {
        var clock = new ManualClock();
        var circuit = new Circuit(new CircuitOptions { Failures = 2, OpenFor = TimeSpan.FromSeconds(10) }, clock);
        circuit.Failed();
        Assert.True(circuit.TryEnter());
        circuit.Failed();
        Assert.Equal((CircuitState.Open, 2), (circuit.State, circuit.FailureCount));
        Assert.False(circuit.TryEnter());
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(circuit.TryEnter());
        Assert.False(circuit.TryEnter()); // one at a time
        circuit.Failed();
        Assert.False(circuit.TryEnter());
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(circuit.TryEnter());
        circuit.Succeeded();
        Assert.Equal((CircuitState.Closed, 0), (circuit.State, circuit.FailureCount));
        Assert.True(circuit.TryEnter());
    }

    internal static double[] Said(LiveModel model)
    {
        var said = new double[model.Columns.Signals.Length];
        model.Score(Enumerable.Range(0, model.Plan.Definition.Columns.Count).Select(i => (double)(i * 7 % 90)).ToArray(), new double[model.TargetCount], said, degraded: false);
        return said;
    }

    private static ModelVersion Version(int number) =>
        new($"v{number}.0.0", number, PredictionTask.Failure, "active", "oven", Guid.Empty, "", null, DateTimeOffset.UnixEpoch, "tests", null);

    private sealed class Plant
    {
        private int _loads;

        public OrganizationDb Db { get; } = new(null!, LineFixture.Organization); // nothing is read here

        public ManualClock Clock { get; } = new();

        public int Loads => _loads;

        public List<Guid> Loaded { get; } = [];

        public ModelCache Cache(ModelCacheOptions? options = null, Func<Task>? before = null, Func<MemoryLoad>? memory = null) => new(
            async (db, version, _) =>
            {
                Interlocked.Increment(ref _loads);
                await (before?.Invoke() ?? Task.CompletedTask);
                lock (Loaded)
                {
                    Loaded.Add(db.Organization);
                }

                return LiveModel.Open(version, Archive);
            },
            options ?? new ModelCacheOptions(), Clock, memory ?? (() => default));

        public async Task UseAsync(ModelCache cache, int model, int more = 0)
        {
            for (int i = 0; i <= more; i++)
            {
                using ModelUse use = await cache.TakeAsync(Db, Version(model), Ct);
                Assert.Equal(model, Said(use.Model)[PredictionColumns.Model]);
            }
        }
    }
}
