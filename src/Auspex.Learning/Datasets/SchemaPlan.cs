using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Auspex.Core.Signals;

namespace Auspex.Learning.Datasets;

/// <summary>One signal or fact to be read.</summary>
/// <param name="Column">The description's entry; null when the model has the signal and the data do not.</param>
/// <param name="Model">The model's definition; null when there is no model.</param>
/// <param name="States">Names of its states while reading; null for other kinds.</param>
internal sealed record PlannedSignal(SignalColumn? Column, SignalDefinition? Model, StateNames? States)
{
    internal string Name => Model?.Name ?? Column!.Name;

    internal string ColumnName => Column!.Column ?? Column.Name;

    /// <summary>False for a signal that is derived, or that the data lack.</summary>
    [MemberNotNullWhen(true, nameof(Column))]
    internal bool IsRead => Column is not null && Model?.Formula is null && Column.Formula is null;

    /// <summary>The definition, once all states are known.</summary>
    internal SignalDefinition Definition() =>
        Model ?? new SignalDefinition(Column!.Name, Column.Kind, Column.Unit, Column.Role, States?.Names ?? []) { Formula = Column.Formula, Label = Column.Label };
}

/// <summary>Which signals and facts are read, in which order: the description's, or those of a model's schema.</summary>
internal sealed record SchemaPlan(IReadOnlyList<PlannedSignal> Signals, IReadOnlyList<PlannedSignal> Facts)
{
    /// <param name="notes">Receives what the model has and the data lack, and the other way round.</param>
    /// <exception cref="DatasetException">Description and model contradict each other.</exception>
    internal static SchemaPlan Create(DatasetDescription description, AssetSchema? model, List<string> notes)
    {
        if (model is null)
        {
            IReadOnlyList<SignalColumn> columns = SignalFormulas.Resolve(description.Signals,
                (_, _, _, text) => throw new UnreachableException($"bug: a formula that the rules let pass {text}"));
            PlannedSignal[] all = [.. columns.Select(s => new PlannedSignal(s, null, StatesOf(s)))];
            return new SchemaPlan([.. all.Where(s => s.Column!.Role != SignalRole.Fact)], [.. all.Where(s => s.Column!.Role == SignalRole.Fact)]);
        }

        PlannedSignal[] signals = [.. model.Signals.Select(s => Planned(s, description, notes))];
        PlannedSignal[] facts = [.. model.Facts.Select(s => Planned(s, description, notes))];
        if (signals.All(s => !s.IsRead))
        {
            throw new DatasetException(
                $"{description.Name}: none of the model's signals is described ({CellText.List([.. model.Signals.Select(s => s.Name)])}); "
                + "name the signals as they were named when the model was trained.");
        }

        var known = model.Signals.Concat(model.Facts).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        string[] unused = [.. description.Signals.Select(s => s.Name).Where(n => !known.Contains(n))];
        if (unused.Length > 0)
        {
            notes.Add($"The model does not use {CellText.List(unused)}.");
        }

        return new SchemaPlan(signals, facts);
    }

    private static PlannedSignal Planned(SignalDefinition model, DatasetDescription description, List<string> notes)
    {
        SignalColumn? column = description.Signals.FirstOrDefault(s => s.Name == model.Name);
        if (model.Formula is { } formula)
        {
            if (column is not null && column.Formula != formula)
            {
                notes.Add($"{model.Name} is computed as the model was trained on it: {formula}.");
            }

            return new PlannedSignal(column, model, null);
        }

        if (column is { Formula: not null })
        {
            throw new DatasetException(
                $"{description.Name}: {model.Name} is described by a formula, but the model was trained on it as read; give its column.");
        }

        if (column is null)
        {
            notes.Add($"The data set does not describe {model.Name}, which the model uses: its values are missing throughout.");
            return new PlannedSignal(null, model, null);
        }

        if (column.Kind != model.Kind || (column.Role == SignalRole.Fact) != (model.Role == SignalRole.Fact))
        {
            throw new DatasetException(
                $"{description.Name}: {model.Name} is described as {column.Kind} and {column.Role}, but the model was trained on it as {model.Kind} and "
                + $"{model.Role}; correct the description.");
        }

        if (column.Unit is not null && column.Unit != model.Unit)
        {
            notes.Add($"{model.Name} is described in {column.Unit}, the model was trained on {model.Unit ?? "no unit"}: its values are used as they are.");
        }

        return new PlannedSignal(column, model, StatesOf(column));
    }

    private static StateNames? StatesOf(SignalColumn signal) => signal.Kind == SignalKind.State ? new StateNames(signal.Name, signal.States) : null;
}
