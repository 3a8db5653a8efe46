using System.Text.Json;
using Auspex.Core.DataQuality;
using Auspex.Core.Expressions;
using Auspex.Core.Signals;
using Auspex.Storage.DataQuality;
using Auspex.Storage.Plant;

namespace Auspex.Flow.Map;

/// <summary>What the kind of a rule needs; the rest is null.</summary>
/// <param name="Low">Least value of a range.</param>
/// <param name="High">Greatest value of a range.</param>
/// <param name="PerSecond">Largest change of a rate, a second.</param>
/// <param name="Seconds">Longest time of freshness or flatness.</param>
/// <param name="SamplesAnHour">Values an hour of completeness.</param>
/// <param name="Share">Share of those that suffices.</param>
/// <param name="Allowed">Values of states.</param>
/// <param name="Expression">A condition.</param>
public sealed record QualityRuleBody(
    double? Low, double? High, double? PerSecond, double? Seconds, double? SamplesAnHour, double? Share, IReadOnlyList<double>? Allowed, string? Expression);

/// <summary>The quality rules of an organization that count, ready to judge. Immutable.</summary>
public sealed class QualityRuleSet
{
    private readonly (StoredQualityRule Stored, QualityRule Rule)[] _rules;

    private QualityRuleSet((StoredQualityRule, QualityRule)[] rules) => _rules = rules;

    /// <summary>Reads rules; those that are switched off, and conditions over signals that are no more, are left out.</summary>
    public static QualityRuleSet Of(IEnumerable<StoredQualityRule> rules, IReadOnlyDictionary<string, SignalMeaning> signals)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new QualityRuleSet([.. rules.Where(rule => rule.Enabled != 0).Select(rule => (rule, Ready(rule, signals, out _))).Where(pair => pair.Item2 is not null).Select(pair => (pair.rule, pair.Item2!))]);
    }

    /// <summary>Makes a rule ready; null where its condition cannot be read.</summary>
    /// <param name="rule">As stored.</param>
    /// <param name="signals">What signals mean now.</param>
    /// <param name="fault">Why it cannot.</param>
    public static QualityRule? Ready(StoredQualityRule rule, IReadOnlyDictionary<string, SignalMeaning> signals, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(rule);
        fault = null;
        QualityRuleBody body = JsonSerializer.Deserialize<QualityRuleBody>(rule.Body, JsonSerializerOptions.Web)!;
        Expression? condition = body.Expression is null ? null : ConditionOf(body.Expression, signals, out fault);
        return fault is not null ? null : new QualityRule(
            rule.Id, rule.Name, Enum.Parse<QualityRuleKind>(rule.Kind, ignoreCase: true), rule.Signal, rule.Verdict == "uncertain" ? Quality.Uncertain : Quality.Bad)
        {
            Low = body.Low ?? double.NegativeInfinity,
            High = body.High ?? double.PositiveInfinity,
            PerSecond = body.PerSecond ?? 0,
            Longest = TimeSpan.FromSeconds(body.Seconds ?? 0),
            SamplesAnHour = body.SamplesAnHour ?? 0,
            Share = body.Share ?? 0,
            Allowed = body.Allowed ?? [],
            Condition = condition,
        };
    }

    /// <summary>Reads a condition with the signals it names.</summary>
    /// <param name="text">The condition.</param>
    /// <param name="signals">What signals mean.</param>
    /// <param name="fault">What is wrong with it; null where nothing is.</param>
    public static Expression? ConditionOf(string text, IReadOnlyDictionary<string, SignalMeaning> signals, out string? fault)
    {
        ArgumentNullException.ThrowIfNull(signals);
        fault = null;
        try
        {
            SignalDefinition[] all = [.. signals.Select(signal => new SignalDefinition(
                signal.Key, Enum.Parse<SignalKind>(signal.Value.Kind, ignoreCase: true), signal.Value.Units[0], SignalRole.Reading, []))];
            IReadOnlyList<string> named = Expression.Parse(text, all).Signals;
            var condition = Expression.Parse(text, [.. all.Where(signal => named.Contains(signal.Name))]);
            fault = !condition.IsCondition ? "is a number; a condition is needed, such as pressure < 2 or not pump_on"
                : named.Count == 0 ? "names no signal"
                : named.FirstOrDefault(name => signals[name].Units.Distinct().Count() > 1) is { } mixed ? $"names '{mixed}', which is declared in several units; declare it in one"
                : null;
            return fault is null ? condition : null;
        }
        catch (ExpressionException e)
        {
            fault = $"cannot be read: {e.Message}";
            return null;
        }
    }

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _rules.Length == 0;

    /// <summary>The rules of an asset, by name.</summary>
    /// <param name="asset">Its id; null for a name that is no asset's.</param>
    /// <param name="assetClass">Its class.</param>
    public IReadOnlyList<QualityRule> OfAsset(string? asset, string? assetClass) =>
    [
        .. _rules.Where(rule => rule.Stored.Asset is { } one ? one == asset : rule.Stored.AssetClass is not { } ofClass || ofClass == assetClass).Select(rule => rule.Rule),
    ];
}
