using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Flow.Predict;
using Auspex.Models.Package;
using Auspex.Storage.Db;
using Auspex.Storage.Models;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Tests;

public class LivePipelineTests
{
    private static readonly AssetId[] Assets = [.. Enumerable.Range(1, 12).Select(i => new AssetId($"oven-{i}"))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Line_StoppedAndStartedAtRandomFrames_SaysWhatAnUninterruptedOneSays(bool wholeLife)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        ModelPackage package = OvenPackage.Make(wholeLife);
        List<Frame> sent = Interleaved(250);
        Dictionary<AssetId, FrameColumns> uninterrupted;
        await using (LineFixture once = await LineFixture.StartAsync())
        {
            await once.DeployAsync(package);
            await once.EnablePredictionsAsync();
            await using (LivePipeline line = once.Line())
            {
                await line.LookAsync(ct);
                await SendAsync(once, sent, 0, sent.Count, ct);
                await JudgedAsync(line, ct);
            }

            uninterrupted = await SaidAsync(once, ct);
        }

        await using LineFixture often = await LineFixture.StartAsync(new TelemetryOptions { ChunkFrames = 64, PackAtValues = 3_000 });
        await often.DeployAsync(package);
        await often.EnablePredictionsAsync();
        var random = new Random(11);
        for (int from = 0; from < sent.Count;)
        {
            int to = Math.Min(sent.Count, from + random.Next(20, 400));
            await using (LivePipeline line = often.Line(new LineOptions { CheckpointFrames = 40, CursorEvery = TimeSpan.FromMilliseconds(50), PredictionsAWrite = 100 }))
            {
                await line.LookAsync(ct);
                await SendAsync(often, sent, from, to, ct);
                if (random.Next(3) > 0)
                {
                    // Else it is stopped in the middle of what it judges.
                    await JudgedAsync(line, ct);
                }
            }

            if (random.Next(2) == 0)
            {
                await often.CloseAsync();
                await often.OpenAsync(new TelemetryOptions { ChunkFrames = 64, PackAtValues = 3_000 });
            }

            from = to;
        }

        await using (LivePipeline line = often.Line())
        {
            await line.LookAsync(ct);
            await JudgedAsync(line, ct);
        }

        Dictionary<AssetId, FrameColumns> interrupted = await SaidAsync(often, ct);
        foreach (AssetId asset in Assets)
        {
            Assert.Equal(uninterrupted[asset].Times, interrupted[asset].Times);
            Assert.NotEmpty(uninterrupted[asset].Times);
            for (int column = 0; column < uninterrupted[asset].Signals.Length; column++)
            {
                int other = Array.IndexOf(interrupted[asset].Signals, uninterrupted[asset].Signals[column]);
                Assert.Equal(
                    uninterrupted[asset].Values[column].Select(BitConverter.DoubleToInt64Bits), interrupted[asset].Values[other].Select(BitConverter.DoubleToInt64Bits));
            }
        }
    }

    [Fact]
    public async Task Line_PredictionsOff_SaysNothingAndLetsFramesBePacked()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync();
        await fixture.DeployAsync(OvenPackage.Make(false));
        await using LivePipeline line = fixture.Line();
        await line.LookAsync(ct);
        await SendAsync(fixture, Interleaved(30), 0, 300, ct);
        await JudgedAsync(line, ct);
        Assert.Null(await fixture.Telemetry.NewestAsync(LineFixture.Organization, Series.PredictionsOf(Assets[0], PredictionTask.Failure), ct));
        Assert.True(await fixture.Telemetry.PackAsync(ct) > 0);
    }

    [Fact]
    public async Task Line_ModelSwappedWhileFramesFlow_EachPredictionIsOfOneVersionAndNoneIsMissing()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync();
        await fixture.EnablePredictionsAsync();
        ModelVersion first = await fixture.DeployAsync(OvenPackage.Make(false));
        await using LivePipeline line = fixture.Line();
        await line.LookAsync(ct);
        List<Frame> sent = Interleaved(120);
        await SendAsync(fixture, sent, 0, 700, ct);
        ModelVersion second = await fixture.DeployAsync(OvenPackage.Make(false, seed: 2));
        await line.LookAsync(ct);
        await SendAsync(fixture, sent, 700, sent.Count, ct);
        await JudgedAsync(line, ct);
        Assert.Equal(("v1.0.0", "v1.1.0"), (first.Version, second.Version));
        Dictionary<AssetId, FrameColumns> said = await SaidAsync(fixture, ct);
        double[] versions = [.. said.Values.SelectMany(columns => columns.Values[Array.IndexOf(columns.Signals, "model")]).Distinct().Order()];
        Assert.Equal([first.Number, second.Number], versions);

        // By the version that is named, from the frames until then: what is judged on demand is the newest of it.
        var demand = new OnDemandPrediction(fixture.TelemetryDatabase, fixture.Telemetry, fixture.Models, TimeProvider.System);
        using ModelUse use = (await line.TakeAsync(fixture.Db, PredictionTask.Failure, ct))!;
        ExplainedPrediction now = (await demand.OfAsync(fixture.Db, use.Model, Assets[3], explained: true, ct))!;
        Frame newest = (await fixture.Telemetry.NewestAsync(LineFixture.Organization, Series.PredictionsOf(Assets[3], PredictionTask.Failure), ct))!;
        Assert.Equal(newest.TimeUnixMs, now.TimeUnixMs);
        Assert.Equal(newest.Values, now.Said);
        Assert.Equal(now.Score, now.Base + now.Reasons.Sum(reason => reason.Contribution), 9);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Line_ModelPutOutAndLoadedAgainWhileFramesFlow_SaysWhatItSaysWhenItStays(bool wholeLife)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        List<Frame> sent = Interleaved(150);
        var said = new List<Dictionary<AssetId, FrameColumns>>();
        foreach (bool shed in (bool[])[false, true])
        {
            await using LineFixture fixture = await LineFixture.StartAsync();
            await fixture.DeployAsync(OvenPackage.Make(wholeLife));
            await fixture.EnablePredictionsAsync();
            await using LivePipeline line = fixture.Line();
            await line.LookAsync(ct);
            var random = new Random(3);
            for (int from = 0; from < sent.Count; from += 50)
            {
                await SendAsync(fixture, sent, from, Math.Min(sent.Count, from + 50), ct);
                if (shed && random.Next(2) == 0)
                {
                    line.Models.Forget(LineFixture.Organization, []); // in the middle of what is judged, and between
                }
            }

            await JudgedAsync(line, ct);
            said.Add(await SaidAsync(fixture, ct));
            // It was put out indeed.
            Assert.Equal(shed, line.Models.State.Takes > line.Models.State.Hits);
        }

        foreach (AssetId asset in Assets)
        {
            Assert.Equal(said[0][asset].Times, said[1][asset].Times);
            Assert.Equal(said[0][asset].Signals, said[1][asset].Signals);
            for (int column = 0; column < said[0][asset].Signals.Length; column++)
            {
                Assert.Equal(said[0][asset].Values[column].Select(BitConverter.DoubleToInt64Bits), said[1][asset].Values[column].Select(BitConverter.DoubleToInt64Bits));
            }
        }
    }

    [Fact]
    public async Task CheckModels_WhatIsKeptOfAModelIsGone_DegradesItByNameAndItGoesOn()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync();
        await fixture.DeployAsync(OvenPackage.Make(false));
        await fixture.EnablePredictionsAsync();
        await using LivePipeline line = fixture.Line();
        await line.LookAsync(ct);
        Assert.Equal(0, await line.CheckModelsAsync(ct));
        Assert.Equal(LineState.Ready, line.State);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(fixture.Folder, "artefacts", LineFixture.Organization.ToString())))
        {
            byte[] bytes = await File.ReadAllBytesAsync(file, ct);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, ct);
        }

        Assert.Equal(1, await line.CheckModelsAsync(ct));
        Assert.Equal(LineState.Degraded, line.State);
        Assert.Equal(ModelHealth.Degraded, line.Models.RecordOf(LineFixture.Organization, "v1.0.0")!.Health);
        await SendAsync(fixture, Interleaved(10), 0, 100, ct);
        await JudgedAsync(line, ct);
        FrameColumns said = (await SaidAsync(fixture, ct))[Assets[0]];
        Assert.NotEmpty(said.Times);
        Assert.All(said.Values[Array.IndexOf(said.Signals, "degraded")], degraded => Assert.Equal(1, degraded));
    }

    [Fact]
    public async Task N52_Look_ModelOfAnotherOrganizationInItsPlace_DoesNotOpen()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync();
        ModelVersion own = await fixture.DeployAsync(OvenPackage.Make(false));
        string stranger = "0198a000-0000-7000-8000-000000000002";
        var db = new InstallationDb(fixture.Metadata);
        await db.ExecuteAsync("insert into organization (id, name, time_zone, state, created_at) values (@stranger, 'other', 'UTC', 'active', 0)", new { stranger }, ct);
        // Rows and files of the other organization's, under the stranger's name: as a hand in the database could put them there.
        await db.ExecuteAsync("insert into artefact select @stranger, id, version, kind, name, size, hash, file, created_at, created_by from artefact", new { stranger }, ct);
        await db.ExecuteAsync("insert into data_key select @stranger, sealed, created_at from data_key", new { stranger }, ct);
        string folder = Path.Combine(fixture.Folder, "artefacts");
        Directory.CreateDirectory(Path.Combine(folder, stranger));
        foreach (string file in Directory.EnumerateFiles(Path.Combine(folder, LineFixture.Organization.ToString())))
        {
            File.Copy(file, Path.Combine(folder, stranger, Path.GetFileName(file)));
        }

        var other = new OrganizationDb(fixture.Metadata, Guid.Parse(stranger));
        await Assert.ThrowsAsync<Auspex.Storage.StorageException>(() => fixture.Models.OpenAsync(other, own, ct));
        await Assert.ThrowsAsync<Auspex.Storage.StorageException>(() => fixture.Models.OpenScoringAsync(other, own, ct));
        Assert.NotEmpty(await fixture.Models.OpenAsync(fixture.Db, own, ct));
    }

    [Fact]
    public async Task Line_BegunAndAllPackedAtOnce_StillJudgesWhatWaited()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync();
        await fixture.DeployAsync(OvenPackage.Make(false));
        await fixture.EnablePredictionsAsync();
        await SendAsync(fixture, Interleaved(40), 0, 400, ct);
        await using LivePipeline line = fixture.Line();
        await line.LookAsync(ct);
        await fixture.Telemetry.PackAsync(ct);
        await JudgedAsync(line, ct);
        foreach (AssetId asset in Assets)
        {
            Assert.NotNull(await fixture.Telemetry.NewestAsync(LineFixture.Organization, Series.PredictionsOf(asset, PredictionTask.Failure), ct));
        }
    }

    [Fact]
    public async Task Look_SettingsOfOneOrganizationCannotBeRead_TheOthersHaveTheirLine()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync();
        await fixture.DeployAsync(OvenPackage.Make(false));
        await fixture.EnablePredictionsAsync();
        string first = "00000000-0000-0000-0000-000000000001"; // looked at before the other
        var db = new InstallationDb(fixture.Metadata);
        await db.ExecuteAsync("insert into organization (id, name, time_zone, state, created_at) values (@first, 'first', 'UTC', 'active', 0)", new { first }, ct);
        await db.ExecuteAsync("insert into configuration (organization, section, revision, body, changed_at, changed_by) values (@first, 'prediction', 1, 'no json', 0, '')", new { first }, ct);
        await using LivePipeline line = fixture.Line();
        await line.LookAsync(ct);
        Assert.Single(line.VersionsOf(LineFixture.Organization));
        Assert.True(line.Models.IsLoaded(LineFixture.Organization, "v1.0.0"));
        Assert.Null(line.BehindOf(Guid.Parse(first)));
    }

    [Fact]
    public async Task Append_NobodyJudges_IsRefusedBeyondTheLimitAndTakenAgainBehindIt()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync(new TelemetryOptions { MostUnjudgedBytes = 20_000 });
        JournalReader journal = await fixture.Telemetry.ReadJournalAsync(LineFixture.Organization, Partition.Of(LineFixture.Organization, Assets[0]), 0);
        List<Frame> sent = ArrivalSequence.Of(Assets[0], 3_000, seed: 3);
        int taken = 0;
        await Assert.ThrowsAsync<Auspex.Storage.StorageBusyException>(async () =>
        {
            for (; ; taken += 50)
            {
                await fixture.Telemetry.AppendAsync(LineFixture.Organization, sent.GetRange(taken, 50), ct);
            }
        });
        Assert.InRange(taken, 250, 1_000);
        ArrivedFrames rows = default;
        while (journal.TryNext(out ArrivedFrames next))
        {
            rows = next;
        }

        journal.Pass(rows.Sequence);
        await fixture.Telemetry.AppendAsync(LineFixture.Organization, sent.GetRange(taken, 50), ct);
    }

    private static List<Frame> Interleaved(int each)
    {
        var random = new Random(7);
        List<Queue<Frame>> queues = [.. Assets.Select((asset, i) => new Queue<Frame>(ArrivalSequence.Of(asset, each, i)))];
        var all = new List<Frame>();
        while (queues.Exists(queue => queue.Count > 0))
        {
            Queue<Frame> queue = queues[random.Next(queues.Count)];
            for (int i = random.Next(1, 4); i > 0 && queue.Count > 0; i--)
            {
                all.Add(queue.Dequeue());
            }
        }

        return all;
    }

    private static async Task SendAsync(LineFixture fixture, List<Frame> sent, int from, int to, CancellationToken ct)
    {
        var random = new Random(from);
        while (from < to)
        {
            int count = Math.Min(to - from, random.Next(1, 60));
            await fixture.Telemetry.AppendAsync(LineFixture.Organization, sent.GetRange(from, count), ct);
            from += count;
        }
    }

    private static async Task JudgedAsync(LivePipeline line, CancellationToken ct)
    {
        for (int quiet = 0; quiet < 5;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
            quiet = line.BehindOf(LineFixture.Organization) == 0 ? quiet + 1 : 0;
        }
    }

    private static async Task<Dictionary<AssetId, FrameColumns>> SaidAsync(LineFixture fixture, CancellationToken ct)
    {
        var said = new Dictionary<AssetId, FrameColumns>();
        foreach (AssetId asset in Assets)
        {
            said[asset] = await fixture.Telemetry.ReadAsync(
                LineFixture.Organization, Series.PredictionsOf(asset, PredictionTask.Failure), long.MinValue, long.MaxValue, null, 100_000, ct);
        }

        return said;
    }
}
