using System.Globalization;
using System.Text.RegularExpressions;
using Auspex.Core.Time;
using Auspex.Flow.Map;
using Auspex.Server.Wiring;
using Auspex.Storage.Configuration;
using Auspex.Storage.Plant;

namespace Auspex.Server.Capabilities.Configuration;

/// <summary>When a model's prediction becomes an alert: at or above both.</summary>
public sealed record Thresholds(double FailureProbability = 0.85, double ConfidenceThreshold = 0.7);

/// <summary>What models are taught and how their answers are read. Absent keys take their defaults.</summary>
/// <param name="ModelPath">Read only: the deployed model; null before the first.</param>
/// <param name="Version">Read only: its version.</param>
/// <param name="Features">Signals or features of signals; empty takes all signals. Acts with the next training.</param>
/// <param name="Thresholds">Act at once.</param>
/// <param name="ComponentMapping">Names of the classes of the component output, by index.</param>
/// <param name="TimeToFailureMinutes">Shown, marked as configured, where a model gives no time of its own; minutes.</param>
/// <param name="LagSeconds">Acts with the next training.</param>
/// <param name="RollingWindows">Seconds. Acts with the next training.</param>
public sealed record MlModelConfig(
    string? ModelPath, string? Version, IReadOnlyList<string>? Features, Thresholds? Thresholds, IReadOnlyDictionary<string, string>? ComponentMapping,
    double? TimeToFailureMinutes, IReadOnlyList<int>? LagSeconds, IReadOnlyList<int>? RollingWindows);

/// <summary>When models are trained anew.</summary>
/// <param name="Pattern">Five-field cron; Sunday is 0 or 7.</param>
/// <param name="Timezone">IANA name.</param>
/// <param name="Enabled">Whether it is.</param>
public sealed record TrainingSchedule(string? Pattern, string? Timezone, bool? Enabled);

/// <summary>Which columns of the organization's sources are signals.</summary>
/// <param name="ContinuousColumns">Columns of continuous signals and counters.</param>
/// <param name="BooleanColumns">Columns of boolean signals.</param>
/// <param name="ColumnMapping">Signal of a column that is called otherwise, by column.</param>
/// <param name="LagSeconds">Seconds back.</param>
/// <param name="RollingWindows">Seconds.</param>
/// <param name="TargetColumn">A boolean column whose turning true is a failure; null where none is.</param>
/// <param name="ColumnUnits">Unit that a column comes in, by column: its values are converted to the unit of its signal.</param>
public sealed record SchemaConfig(
    IReadOnlyList<string>? ContinuousColumns, IReadOnlyList<string>? BooleanColumns, IReadOnlyDictionary<string, string>? ColumnMapping,
    IReadOnlyList<int>? LagSeconds, IReadOnlyList<int>? RollingWindows, string? TargetColumn, IReadOnlyDictionary<string, string>? ColumnUnits = null);

/// <summary>One section: how it is completed and judged.</summary>
/// <typeparam name="T">Its keys; null is absent.</typeparam>
/// <param name="Name">In the route and the database.</param>
/// <param name="Complete">Puts defaults where keys are absent.</param>
/// <param name="ReadOnlyKey">The first key that only the program writes, and the body does; null where none is.</param>
/// <param name="Fault">What is wrong with a completed one, given what each signal means; null where nothing is.</param>
internal sealed record Section<T>(
    string Name, Func<T?, T> Complete, Func<T, string?> ReadOnlyKey, Func<T, IReadOnlyDictionary<string, SignalMeaning>, string?> Fault)
    where T : class;

/// <summary>The sections of an organization's configuration.</summary>
internal static partial class Sections
{
    private const int MostColumns = 2_000;
    private const int MostSpans = 20;
    private const int LongestSpan = 7 * 24 * 3600;
    private const int MostComponents = 100;

    private static readonly int[] Lags = [60, 120, 300];
    private static readonly int[] Windows = [180, 300, 600];
    private static readonly string[] Calendar = ["hour_sin", "hour_cos", "day_of_week_sin", "day_of_week_cos"];

    internal static readonly Section<MlModelConfig> MlModel = new(
        AlertThresholds.Section,
        given => new MlModelConfig(
            null, null, given?.Features ?? [], given?.Thresholds ?? new Thresholds(),
            given?.ComponentMapping ?? new SortedDictionary<string, string>(StringComparer.Ordinal) { ["0"] = "General Equipment", ["1"] = "Heating System" },
            given?.TimeToFailureMinutes ?? 8, given?.LagSeconds ?? Lags, given?.RollingWindows ?? Windows),
        given => given.ModelPath is not null ? "modelPath" : given.Version is not null ? "version" : null,
        (config, signals) =>
            Ratio("thresholds.failureProbability", config.Thresholds!.FailureProbability)
            ?? Ratio("thresholds.confidenceThreshold", config.Thresholds.ConfidenceThreshold)
            ?? Components(config.ComponentMapping!)
            ?? (config.TimeToFailureMinutes is > 0 and <= 525_600 ? null
                : string.Create(CultureInfo.InvariantCulture, $"timeToFailureMinutes is {config.TimeToFailureMinutes}; more than 0 and at most 525600 are taken"))
            ?? Spans("lagSeconds", config.LagSeconds!) ?? Spans("rollingWindows", config.RollingWindows!)
            ?? Each("features", config.Features!, (feature, _) => IsFeature(feature, signals)
                ? null : "is neither a signal nor a feature of one; GET /api/v1/signals lists them"));

    internal static readonly Section<TrainingSchedule> Schedule = new(
        "training-schedule",
        given => new TrainingSchedule(given?.Pattern ?? "0 2 * * 0", given?.Timezone ?? "UTC", given?.Enabled ?? false),
        _ => null,
        (schedule, _) => schedule.Pattern!.Length > 100 ? $"pattern has {schedule.Pattern.Length} characters; at most 100 are taken"
            : CronPattern.Fault(schedule.Pattern) is { } fault ? $"pattern: '{PlainTextAttribute.Shown(schedule.Pattern)}' {fault}"
            : schedule.Timezone!.Length <= 60 && TimeZoneInfo.TryFindSystemTimeZoneById(schedule.Timezone, out TimeZoneInfo? zone) && zone.HasIanaId ? null
            : $"timezone: '{PlainTextAttribute.Shown(schedule.Timezone)}' is no IANA time zone, such as Europe/Berlin");

    internal static readonly Section<SchemaConfig> Schema = new(
        "schema",
        given => new SchemaConfig(
            given?.ContinuousColumns ?? [], given?.BooleanColumns ?? [], given?.ColumnMapping ?? new Dictionary<string, string>(),
            given?.LagSeconds ?? Lags, given?.RollingWindows ?? Windows, given?.TargetColumn,
            given?.ColumnUnits ?? new Dictionary<string, string>()),
        _ => null,
        SchemaFault);

    internal static readonly Section<PredictionSettings> Prediction = new(
        PredictionSettings.Section,
        given => new PredictionSettings(given?.PredictionEnabled ?? false, null, null, null, given?.RecordedWithinMinutes ?? PredictionSettings.DefaultRecordedWithinMinutes),
        given => given.ModelVersion is not null ? "modelVersion" : given.ModelAccuracy is not null ? "modelAccuracy" : given.LastTrainingDate is not null ? "lastTrainingDate" : null,
        (settings, _) => settings.RecordedWithinMinutes is >= 0 and <= PredictionSettings.MostRecordedWithinMinutes
            ? null : $"recordedWithinMinutes is {settings.RecordedWithinMinutes}; 0 to {PredictionSettings.MostRecordedWithinMinutes} are taken");

    internal static readonly Section<TelemetrySettings> Telemetry = new(
        TelemetrySettings.Section,
        given => new TelemetrySettings(given?.RetentionDays, given?.UnknownAssets ?? TelemetrySettings.Defaults.UnknownAssets),
        _ => null,
        (settings, _) => settings.RetentionDays is < 1 or > TelemetrySettings.MostDays
            ? $"retentionDays is {settings.RetentionDays}; 1 to {TelemetrySettings.MostDays} are taken, or null to keep frames for ever"
            : settings.UnknownAssets is "accept" or "refuse" ? null
            : $"unknownAssets: '{PlainTextAttribute.Shown(settings.UnknownAssets!)}' is neither accept nor refuse");

    private static string? SchemaFault(SchemaConfig schema, IReadOnlyDictionary<string, SignalMeaning> signals)
    {
        IReadOnlyDictionary<string, string> mapping = schema.ColumnMapping!;
        if (mapping.Count > MostColumns)
        {
            return $"columnMapping has {mapping.Count} entries; at most {MostColumns} are taken";
        }

        string? OfKind(string column, params string[] kinds)
        {
            string name = mapping.TryGetValue(column, out string? mapped) ? mapped : column;
            return !signals.TryGetValue(name, out SignalMeaning? signal) ? $"is no signal{(name == column ? "" : $" ('{PlainTextAttribute.Shown(name)}' by columnMapping)")}; make it first: POST /api/v1/signals"
                : kinds.Contains(signal.Kind) ? null
                : $"is a {signal.Kind} signal; {string.Join(" or ", kinds)} is needed";
        }

        string? both = schema.ContinuousColumns!.Intersect(schema.BooleanColumns!, StringComparer.Ordinal).FirstOrDefault();
        var columns = new HashSet<string>([.. schema.ContinuousColumns!, .. schema.BooleanColumns!], StringComparer.Ordinal);
        return Each("continuousColumns", schema.ContinuousColumns!, (column, _) => OfKind(column, "continuous", "counter"))
            ?? Each("booleanColumns", schema.BooleanColumns!, (column, _) => OfKind(column, "boolean"))
            ?? (both is null ? null : $"booleanColumns: '{PlainTextAttribute.Shown(both)}' is in continuousColumns too; leave one out")
            ?? mapping.Where(entry => entry.Value is null || !signals.ContainsKey(entry.Value)).Select(entry =>
                $"columnMapping['{PlainTextAttribute.Shown(entry.Key)}']: '{PlainTextAttribute.Shown(entry.Value ?? "")}' is no signal; make it first: POST /api/v1/signals").FirstOrDefault()
            ?? mapping.Select(entry => PlainTextAttribute.Fault(entry.Key, 200) is { } ofName ? $"columnMapping['{PlainTextAttribute.Shown(entry.Key)}']: the column {ofName}" : null).FirstOrDefault(fault => fault is not null)
            ?? UnitsFault(schema.ColumnUnits!, mapping, signals)
            ?? columns.Select(column => mapping.GetValueOrDefault(column, column)).GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1)
                .Select(group => $"columnMapping: two columns are the signal '{group.Key}'; map one of them elsewhere").FirstOrDefault()
            ?? Spans("lagSeconds", schema.LagSeconds!) ?? Spans("rollingWindows", schema.RollingWindows!)
            ?? (schema.TargetColumn is { } target && OfKind(target, "boolean") is { } fault ? $"targetColumn: '{PlainTextAttribute.Shown(target)}' {fault}" : null);
    }

    private static string? UnitsFault(IReadOnlyDictionary<string, string> units, IReadOnlyDictionary<string, string> mapping, IReadOnlyDictionary<string, SignalMeaning> signals) =>
        units.Count > MostColumns ? $"columnUnits has {units.Count} entries; at most {MostColumns} are taken" : units.Select(entry =>
        {
            string field = $"columnUnits['{PlainTextAttribute.Shown(entry.Key)}']";
            string name = mapping.GetValueOrDefault(entry.Key, entry.Key);
            return !signals.TryGetValue(name, out SignalMeaning? signal) ? $"{field}: the column is no signal; map it first, or make the signal: POST /api/v1/signals"
                : PlainTextAttribute.Fault(entry.Value ?? "", 40) is { } ofText ? $"{field} {ofText}"
                : ColumnMapping.ConversionOf(entry.Value!, signal, out string? fault) is null ? $"{field}: '{PlainTextAttribute.Shown(entry.Value!)}' {fault}"
                : null;
        }).FirstOrDefault(fault => fault is not null);

    private static string? Ratio(string field, double value) =>
        value is >= 0 and <= 1 ? null : string.Create(CultureInfo.InvariantCulture, $"{field} is {value}; 0 to 1 is taken");

    private static string? Components(IReadOnlyDictionary<string, string> mapping) =>
        mapping.Count > MostComponents ? $"componentMapping has {mapping.Count} entries; at most {MostComponents} are taken"
        : mapping.Select(entry =>
            !int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= MostComponents || index.ToString(CultureInfo.InvariantCulture) != entry.Key
                ? $"componentMapping: '{PlainTextAttribute.Shown(entry.Key)}' is no index; 0 to {MostComponents - 1} are taken"
            : PlainTextAttribute.Fault(entry.Value ?? "", 80) is { } fault ? $"componentMapping['{entry.Key}'] {fault}"
            : null).FirstOrDefault(fault => fault is not null);

    private static string? Spans(string field, IReadOnlyList<int> seconds) =>
        seconds.Count > MostSpans ? $"{field} has {seconds.Count} entries; at most {MostSpans} are taken"
        : seconds.Distinct().Count() < seconds.Count ? $"{field}: one stands twice"
        : seconds.Select((value, i) => value is >= 1 and <= LongestSpan ? null : $"{field}[{i}] is {value} s; 1 to {LongestSpan} are taken").FirstOrDefault(fault => fault is not null);

    private static string? Each(string field, IReadOnlyList<string> names, Func<string, int, string?> fault) =>
        names.Count > MostColumns ? $"{field} has {names.Count} entries; at most {MostColumns} are taken"
        : names.Distinct(StringComparer.Ordinal).Count() < names.Count ? $"{field}: one stands twice"
        : names.Select((name, i) =>
            name is null ? $"{field}[{i}] is null; a name is needed"
            : PlainTextAttribute.Fault(name, 200) is { } ofText ? $"{field}[{i}] {ofText}"
            : fault(name, i) is { } other ? $"{field}[{i}]: '{PlainTextAttribute.Shown(name)}' {other}"
            : null).FirstOrDefault(said => said is not null);

    // A signal's name may itself end like a feature's, so every cut is tried.
    private static bool IsFeature(string name, IReadOnlyDictionary<string, SignalMeaning> signals) =>
        signals.ContainsKey(name) || Calendar.Contains(name)
        || FeatureEnd().Matches(name).Any(match => match.Index > 0 && signals.ContainsKey(name[..match.Index]));

    [GeneratedRegex("(?=(_lag_[0-9]+s|_rolling_[0-9]+s_[a-z0-9_]+|_ewma_[0-9]+s|_delta|_is_[A-Za-z0-9_]+|_fraction_[A-Za-z0-9_]+)$)", RegexOptions.CultureInvariant)]
    private static partial Regex FeatureEnd();
}
