using Auspex.Core.Assets;
using Auspex.Core.Predictions;
using Auspex.Learning.Datasets;
using Auspex.Learning.Label;
using static Auspex.Learning.Tests.Plants;

namespace Auspex.Learning.Tests.Label;

public sealed class LabelChoiceTests
{
    [Fact]
    public void Of_Failure_TakesTheDescriptionsDurationsAndAllComponents()
    {
        Dataset dataset = Of(new LabelSettings { Horizon = "12h", Grace = "30m", Recovery = "6h" }, null,
            [new DatasetAsset(History("a", [0, 1], Failure("a", 1, "fan"), Maintenance("a", 1, "belt")), DatasetPart.Unassigned)]);

        LabelDefinition label = LabelChoice.Of(dataset, PredictionTask.Failure, null);

        Assert.Equal((TimeSpan.FromHours(12), TimeSpan.FromMinutes(30), TimeSpan.FromHours(6)), (label.Horizon, label.Grace, label.Recovery));
        Assert.Equal(["belt", "fan"], label.Components);
        Assert.Null(label.LifeUnit);
        Assert.Null(label.LifeCap);
        Assert.Equal(TimeSpan.FromHours(3), LabelChoice.Of(dataset, PredictionTask.Failure, TimeSpan.FromHours(3)).Horizon);
    }

    [Fact]
    public void Of_FailuresThatNameNoComponent_AreTaughtTogetherEvenWhenMaintenanceNamesSome()
    {
        Dataset dataset = Of(History("a", [0, 1], Failure("a", 1), Maintenance("a", 1, "belt")));

        Assert.Empty(LabelChoice.Of(dataset, PredictionTask.Failure, null).Components);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Of_HorizonNotAboveZero_IsRefused(int hours)
    {
        var error = Assert.Throws<DatasetException>(() => LabelChoice.Of(Of(History("a", [0])), PredictionTask.Failure, TimeSpan.FromHours(hours)));
        Assert.Contains("The horizon must be longer than 0s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_HorizonOfZeroWithRowLabels_AsksOfThePresentButNotForLives()
    {
        Dataset dataset = Of(History("a", [0]));
        dataset = dataset with { Description = dataset.Description with { RowLabels = [new RowLabel { Column = "down" }] } };

        Assert.Equal(TimeSpan.Zero, LabelChoice.Of(dataset, PredictionTask.Failure, TimeSpan.Zero).Horizon);
        Assert.Throws<DatasetException>(() => LabelChoice.Of(dataset, PredictionTask.RemainingUsefulLife, TimeSpan.Zero));
    }

    [Fact]
    public void Taught_HorizonOfZero_CountsTheSpansWithARowThatIsKnown()
    {
        AssetHistory history = History("a", Enumerable.Range(0, 20), Failure("a", 2, "belt"), Failure("a", 8, "belt"), Failure("a", 5, "fan"), Failure("a", 15, "fan"));
        FailedSpan Span(string component, int from, int to) => new(component, from * Hour, to * Hour);
        var asset = new DatasetAsset(history, DatasetPart.Unassigned) { FailedSpans = [Span("belt", 2, 3), Span("fan", 5, 5), Span("belt", 8, 9), Span("fan", 15, 16)] };
        var notes = new List<string>();

        LabelDefinition taught = LabelChoice.Taught(FailureLabel(0, 0, "belt", "fan"), [asset], 10 * Hour, notes);

        Assert.Equal(["belt"], taught.Components); // the fan's second span is not known yet
        Assert.Contains("'fan' is not taught: it failed once", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, "h", 60)]
    [InlineData("1h", "cycle", "cycle", 60)]
    [InlineData("10m", "lap", "lap", 10)]
    [InlineData("10m", null, "period", 10)] // ten minutes must not be called an hour
    [InlineData("1h", null, "h", 60)]
    public void Of_Life_HasTheUnitOfTheTimeColumn(string? period, string? name, string unit, int minutes)
    {
        Dataset dataset = Of(History("a", [0]));
        FrameFile frames = dataset.Description.Frames[0];
        dataset = dataset with
        {
            Description = dataset.Description with { Frames = [frames with { Time = frames.Time with { Period = period, PeriodName = name } }] },
        };

        LabelDefinition label = LabelChoice.Of(dataset, PredictionTask.RemainingUsefulLife, null);

        Assert.Equal((unit, TimeSpan.FromMinutes(minutes), 125.0), (label.LifeUnit, label.LifeUnitLength, label.LifeCap));
        Assert.Empty(label.Components);
    }

    [Fact]
    public void Of_LifeCapZero_MeansNone() => Assert.Null(LabelChoice.Of(
        Of(new LabelSettings { LifeCap = 0 }, null, [new DatasetAsset(History("a", [0]), DatasetPart.Unassigned)]),
        PredictionTask.RemainingUsefulLife, null).LifeCap);

    [Fact]
    public void Taught_ComponentWithOneFailureInTraining_IsLeftOutWithANote()
    {
        DatasetAsset[] assets =
        [
            Asset(History("a", Enumerable.Range(0, 50), Failure("a", 10, "fan"), Failure("a", 20, "belt"), Failure("a", 45, "belt"))),
            Asset(History("b", Enumerable.Range(0, 50), Failure("b", 30, "fan"))),
        ];
        var notes = new List<string>();

        LabelDefinition label = LabelChoice.Taught(FailureLabel(4, 0, "belt", "door", "fan"), assets, 40 * Hour, notes);

        Assert.Equal(["fan"], label.Components);
        Assert.Equal(2, notes.Count);
        Assert.Contains("'belt' is not taught: it failed once", notes[0], StringComparison.Ordinal);
        Assert.Contains("'door' is not taught: it failed 0 times", notes[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Taught_FailuresNoFrameForetells_DoNotCount()
    {
        // The first lies before the record, the second has no frame within its horizon: neither can be learned from.
        AssetHistory asset = History("a", [.. Enumerable.Range(0, 10), .. Enumerable.Range(30, 30)],
            Failure("a", -3, "fan"), Failure("a", 25, "fan"), Failure("a", 40, "belt"), Failure("a", 50, "belt"));
        var notes = new List<string>();

        LabelDefinition label = LabelChoice.Taught(FailureLabel(4, 0, "belt", "fan"), [Asset(asset)], long.MaxValue, notes);

        Assert.Equal(["belt"], label.Components);
        Assert.Single(notes);
    }

    [Fact]
    public void Taught_NoComponentFailedTwice_IsRefused()
    {
        AssetHistory asset = History("a", Enumerable.Range(0, 50), Failure("a", 10, "fan"));

        var error = Assert.Throws<DatasetException>(() => LabelChoice.Taught(FailureLabel(4, 0, "fan"), [Asset(asset)], long.MaxValue, []));
        Assert.Contains("no component failed at least 2 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Taught_LabelWithoutComponents_StaysAsItIs()
    {
        Assert.Empty(LabelChoice.Taught(FailureLabel(4), [], long.MaxValue, []).Components);
        Assert.Equal(LifeLabel(5), LabelChoice.Taught(LifeLabel(5), [], long.MaxValue, []) with { Components = LifeLabel(5).Components });
    }

    private static DatasetAsset Asset(AssetHistory history) => new(history, DatasetPart.Unassigned);
}
