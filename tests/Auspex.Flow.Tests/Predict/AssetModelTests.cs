using Auspex.Core.Assets;
using Auspex.Flow.Predict;
using Auspex.Storage.Line;
using Auspex.Storage.Models;
using Auspex.Storage.Plant;
using Auspex.Storage.Telemetry;

namespace Auspex.Flow.Tests.Predict;

public class AssetModelTests
{
    private static readonly AssetId Asset = new("oven-1");

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Restore_At50RandomFrames_NextRowIsBitEqualToAnUninterruptedRun(bool wholeLife, bool checkpoints)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using LineFixture fixture = await LineFixture.StartAsync(new TelemetryOptions { ChunkFrames = 64 });
        LiveModel model = Open(OvenPackage.Make(wholeLife));
        JournalReader journal = await fixture.Telemetry.ReadJournalAsync(LineFixture.Organization, Partition.Of(LineFixture.Organization, Asset), 0);
        var random = new Random(5);
        List<Frame> sent = ArrivalSequence.Of(Asset, 1_200, seed: 5);
        HashSet<int> stops = [.. Enumerable.Range(0, 50).Select(_ => random.Next(20, sent.Count - 1))];
        AssetModel running = await RestoreAsync(fixture, model, sent[0].TimeUnixMs, 0, ct);
        var map = new SignalMap(model.Plan.Definition.Schema);
        var values = new double[3];
        var expected = new double[model.Plan.Definition.Columns.Count];
        var actual = new double[expected.Length];
        int compared = 0;
        int duplicates = 0;
        for (int i = 0; i < sent.Count; i++)
        {
            if ((await fixture.Telemetry.AppendAsync(LineFixture.Organization, [sent[i]], ct))[0] == FrameOutcome.Duplicate)
            {
                duplicates++;
                continue;
            }

            ArrivedFrames rows = await journal.NextAsync(ct);
            AssetModel? restored = stops.Contains(i) ? await RestoreAsync(fixture, model, sent[i].TimeUnixMs, rows.Sequence - 1, ct) : null;
            foreach (ArrivedFrame row in rows)
            {
                map.Read(row.Frame, values);
                if (row.Frame.TimeUnixMs <= running.Features.NewestUnixMs)
                {
                    bool counts = running.Features.Add(row.Frame.TimeUnixMs, values);
                    Assert.Equal(counts, restored?.Features.Add(row.Frame.TimeUnixMs, values) ?? counts);
                    continue;
                }

                running.Features.Next(row.Frame.TimeUnixMs, values, expected);
                if (restored is not null)
                {
                    restored.Features.Next(row.Frame.TimeUnixMs, values, actual);
                    Assert.Equal(expected.Select(BitConverter.DoubleToInt64Bits), actual.Select(BitConverter.DoubleToInt64Bits));
                    compared++;
                }
            }

            if (checkpoints && random.Next(120) == 0)
            {
                await LineStore.MoveAsync(
                    fixture.TelemetryDb, journal.Part, rows.Sequence,
                    [new FeatureCheckpoint(Asset, model.Plan.Definition.Hash, rows.Sequence, running.Features.Checkpoint())], ct);
            }

            journal.Pass(rows.Sequence);
            if (random.Next(200) == 0)
            {
                await fixture.Telemetry.PackAsync(ct);
            }
        }

        Assert.InRange(compared, 35, 50);
        Assert.InRange(duplicates, 10, 100);
    }

    private static LiveModel Open(Auspex.Models.Package.ModelPackage package) => LiveModel.Open(
        new ModelVersion("v1.0.0", 1, package.Manifest.Task, "active", "oven", Guid.Empty, package.Manifest.Features.Hash, null, DateTimeOffset.UnixEpoch, "tests", null),
        package.ToArchive());

    private static Task<AssetModel> RestoreAsync(LineFixture fixture, LiveModel model, long nextMs, long sequence, CancellationToken ct) =>
        AssetModel.RestoreAsync(model.Plan, AssetPast.Unknown, fixture.TelemetryDb, fixture.Telemetry, Asset, nextMs, sequence, ct);
}
