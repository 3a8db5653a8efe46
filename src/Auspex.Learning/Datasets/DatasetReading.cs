using System.Diagnostics;
using System.Text;
using Auspex.Core.Assets;
using Auspex.Core.Signals;
using Auspex.Core.Time;

namespace Auspex.Learning.Datasets;

/// <summary>One reading of a data set: frames first, which say what assets there are, then facts, events and labels of those.</summary>
internal sealed class DatasetReading
{
    private const double LeastWeight = 1e-6;
    private const double MostWeight = 1e6;

    private readonly DatasetDescription _description;
    private readonly DatasetFolder _folder;
    private readonly AssetSchema? _model;
    private readonly IProgress<DatasetReadProgress>? _progress;
    private readonly CancellationToken _ct;
    private readonly List<string> _notes = [];
    private readonly List<FileReadReport> _files = [];
    private readonly SchemaPlan _plan;
    private readonly string[] _labelComponents;
    private readonly Dictionary<string, AssetFrames> _assets = new(StringComparer.Ordinal);
    private readonly List<AssetFrames>[] _assetsOfEntry;

    internal DatasetReading(
        DatasetDescription description, DatasetFolder folder, AssetSchema? model, IProgress<DatasetReadProgress>? progress, CancellationToken ct)
    {
        _description = description;
        _folder = folder;
        _model = model;
        _progress = progress;
        _ct = ct;
        _plan = SchemaPlan.Create(description, model, _notes);
        _labelComponents = [.. description.RowLabels.Select(l => l.Component ?? "")];
        _assetsOfEntry = [.. description.Frames.Select(_ => new List<AssetFrames>())];
    }

    internal Dataset Read()
    {
        HashSet<string> factColumns = FactFileColumns();
        for (int entry = 0; entry < _description.Frames.Count; entry++)
        {
            ReadFrames(entry, factColumns);
        }

        DropAssetsWithoutFrames();
        foreach (FactFile file in _description.AssetFacts)
        {
            ReadFacts(file);
        }

        foreach (EventFile file in _description.Events)
        {
            ReadEvents(file);
        }

        foreach (LifeLabelFile file in _description.RemainingUsefulLife)
        {
            ReadLives(file);
        }

        return new DatasetAssembly(_description, _model, _plan, _labelComponents, _notes).Assemble([.. _assets.Values.OrderBy(a => a.Asset)], _files);
    }

    /// <summary>Reads the rows of each file that a name stands for.</summary>
    /// <param name="open">Prepares a file; what it returns reads the present row into the tally. Lines of a wrong column count do not come to it.</param>
    /// <param name="wrongCount">Called for those; may be null.</param>
    private void ReadRows(TextFile file, Func<TextRows, FileTally, Action> open, Action? wrongCount = null)
    {
        foreach (string name in _folder.Match(file.File))
        {
            using TextRows rows = TextRows.Open(_folder, file, name);
            var tally = new FileTally(name);
            Action readRow = open(rows, tally);
            Report(rows, tally);
            while (rows.Read())
            {
                if (rows.Count == 1 && rows.Columns.Count > 1 && rows.Cell(0).IsEmpty)
                {
                    continue; // a line of blanks
                }

                tally.Rows++;
                if (rows.Count != rows.Columns.Count || !rows.IsWellFormed)
                {
                    string line = rows.IsWellFormed ? $"{rows.Count} columns instead of {rows.Columns.Count}" : "a quote is not closed";
                    tally.Bad(BadRowReason.WrongColumnCount, rows.Line, "(line)", line);
                    wrongCount?.Invoke();
                }
                else
                {
                    readRow();
                }

                if ((tally.Rows & 0xFFFF) == 0)
                {
                    _ct.ThrowIfCancellationRequested();
                    Report(rows, tally);
                }
            }

            Report(rows, tally);
            _files.Add(tally.Report(_description.BadRowShare));
            _ct.ThrowIfCancellationRequested();
        }
    }

    private void Report(TextRows rows, FileTally tally) =>
        _progress?.Report(new DatasetReadProgress(rows.Name, rows.BytesRead, rows.Bytes, tally.Rows));

    private void ReadFrames(int entry, HashSet<string> factColumns)
    {
        FrameFile file = _description.Frames[entry];
        int counted = 0;
        var values = new double[_plan.Signals.Count];
        var facts = new double[_plan.Facts.Count];
        var labels = new double[_labelComponents.Length];
        byte[][] missing = CellReader.MissingCells(file);
        AssetFrames? fixedFrames = null; // of a file that is one asset
        ReadRows(
            file,
            (rows, tally) =>
            {
                var names = new AssetNames(file.Asset, file, rows, counted);
                var clock = new RowClock(file.Time, rows);
                CellReader[] signalCells = Cells(_plan.Signals, file, rows, skip: null);
                CellReader[] factCells = Cells(_plan.Facts, file, rows, skip: factColumns);
                CellReader[] labelCells = LabelCells(file, rows, factColumns);
                // Scoring teaches nothing: a model's data need no weights.
                int weightColumn = file.WeightColumn is { } named && _model is null ? rows.Require(named) : -1;
                Array.Fill(values, double.NaN);
                Array.Fill(facts, double.NaN);
                Array.Fill(labels, double.NaN);
                fixedFrames = names.Fixed is null ? null : FramesOf(names.Fixed, entry, file, tally);
                AssetFrames? frames = null;
                string lastName = "";
                return () =>
                {
                    if (!names.TryRead(rows, out string name, out BadRowReason reason))
                    {
                        tally.Bad(reason, rows.Line, names.Field, names.Cell(rows));
                        return;
                    }

                    counted = names.Counted;
                    if (frames is null || !ReferenceEquals(name, lastName))
                    {
                        frames = FramesOf(name, entry, file, tally);
                        lastName = name;
                    }

                    frames.RowsSeen++;
                    if (!clock.TryRead(rows, frames.RowsSeen, out long time))
                    {
                        tally.Bad(BadRowReason.BadTime, rows.Line, clock.Field, clock.Cell(rows));
                        return;
                    }

                    frames.EndUnixMs = Math.Max(frames.EndUnixMs, time);
                    if (!TryReadCells(signalCells, rows, values, tally) || !TryReadCells(factCells, rows, facts, tally)
                        || !TryReadCells(labelCells, rows, labels, tally))
                    {
                        return;
                    }

                    float weight = 1;
                    if (weightColumn >= 0 && !TryReadWeight(rows.Cell(weightColumn), missing, out weight, out reason))
                    {
                        tally.Bad(reason, rows.Line, file.WeightColumn!, rows.Cell(weightColumn));
                        return;
                    }

                    if (time <= frames.LastUnixMs)
                    {
                        reason = time == frames.LastUnixMs ? BadRowReason.DuplicateTime : BadRowReason.TimeGoesBack;
                        tally.Bad(reason, rows.Line, clock.Field, clock.Cell(rows));
                        return;
                    }

                    frames.Add(time, values, facts, labels, weight);
                    tally.Good++;
                };
            },
            wrongCount: () =>
            {
                if (fixedFrames is not null)
                {
                    fixedFrames.RowsSeen++;
                }
            });
    }

    private AssetFrames FramesOf(string name, int entry, FrameFile file, FileTally tally)
    {
        if (!_assets.TryGetValue(name, out AssetFrames? frames))
        {
            frames = new AssetFrames(name, file.Part, _plan.Signals.Count, _plan.Facts.Count, _labelComponents);
            _assets.Add(name, frames);
        }
        else if (frames.Part != file.Part)
        {
            throw new DatasetException(
                $"{tally.File}: asset {name} is of part {file.Part} here and of part {frames.Part} in an earlier file; give the files different prefixes, "
                + "or the same part.");
        }

        if (frames.Entry != entry)
        {
            frames.Entry = entry;
            frames.EndsInFailure |= file.EndsInFailure;
            _assetsOfEntry[entry].Add(frames);
        }

        return frames;
    }

    private static bool TryReadWeight(ReadOnlySpan<byte> cell, byte[][] missing, out float weight, out BadRowReason reason)
    {
        weight = 1;
        reason = BadRowReason.BadWeight;
        if (CellReader.IsOneOf(cell, missing))
        {
            return true;
        }

        if (!CellReader.TryReadNumber(cell, out double number, out reason))
        {
            return false;
        }

        weight = (float)number;
        reason = BadRowReason.BadWeight;
        return number is >= LeastWeight and <= MostWeight;
    }

    private static bool TryReadCells(CellReader[] cells, TextRows rows, double[] into, FileTally tally)
    {
        foreach (CellReader cell in cells)
        {
            if (!cell.TryRead(rows, out into[cell.Target], out BadRowReason reason))
            {
                tally.Bad(reason, rows.Line, cell.Field, cell.Cell(rows));
                return false;
            }
        }

        return true;
    }

    private CellReader[] Cells(IReadOnlyList<PlannedSignal> signals, TextFile file, TextRows rows, HashSet<string>? skip)
    {
        var cells = new List<CellReader>();
        for (int i = 0; i < signals.Count; i++)
        {
            PlannedSignal signal = signals[i];
            if (!signal.IsRead || skip?.Contains(signal.ColumnName) == true)
            {
                continue;
            }

            // A model scores what there is; a training set that lacks what its description names is a mistake.
            int column = _model is null ? rows.Require(signal.ColumnName) : rows.Find(signal.ColumnName);
            if (column < 0)
            {
                _notes.Add($"{rows.Name} has no column {signal.ColumnName}: {signal.Name} is missing throughout.");
            }
            else
            {
                cells.Add(new CellReader(signal.ColumnName, column, i, signal.Column.Kind, signal.States, file));
            }
        }

        return [.. cells];
    }

    /// <param name="elsewhere">Columns that another file has for this one; there is no note about those.</param>
    private CellReader[] LabelCells(TextFile file, TextRows rows, HashSet<string> elsewhere)
    {
        var cells = new List<CellReader>();
        for (int i = 0; i < _description.RowLabels.Count; i++)
        {
            RowLabel label = _description.RowLabels[i];
            int column = _model is null && !elsewhere.Contains(label.Column) ? rows.Require(label.Column) : rows.Find(label.Column);
            if (column >= 0)
            {
                cells.Add(new CellReader(label.Column, column, i, SignalKind.Boolean, null, file, label.Values));
            }
            else if (!elsewhere.Contains(label.Column))
            {
                _notes.Add($"{rows.Name} has no column {label.Column}: its failures are not known.");
            }
        }

        return [.. cells];
    }

    /// <summary>Columns of facts that a fact file has; the other facts are read from the frames.</summary>
    private HashSet<string> FactFileColumns()
    {
        var columns = new HashSet<string>(StringComparer.Ordinal);
        foreach (FactFile file in _description.AssetFacts)
        {
            using TextRows rows = TextRows.Open(_folder, file, _folder.Match(file.File)[0]);
            columns.UnionWith(rows.Columns);
        }

        return columns;
    }

    private void DropAssetsWithoutFrames()
    {
        string[] empty = [.. _assets.Values.Where(a => a.Count == 0).Select(a => a.Asset.Value).Order(StringComparer.Ordinal)];
        if (empty.Length == _assets.Count)
        {
            string files = CellText.List([.. _files.Select(f => f.File)]);
            throw new DatasetException($"{_description.Name}: there are no frames: no good row in {files}.");
        }

        foreach (string name in empty)
        {
            _assets.Remove(name);
        }

        foreach (List<AssetFrames> assets in _assetsOfEntry)
        {
            assets.RemoveAll(a => a.Count == 0);
        }

        if (empty.Length > 0)
        {
            _notes.Add($"Assets without a good row are left out: {CellText.List(empty)}.");
        }

        foreach (FileReadReport file in _files.Where(f => f.Rows == 0))
        {
            _notes.Add($"{file.File} has no rows.");
        }
    }

    private void ReadFacts(FactFile file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var facts = new double[_plan.Facts.Count];
        var labels = new double[_labelComponents.Length];
        ReadRows(file, (rows, tally) =>
        {
            var names = new AssetNames(file.Asset, file, rows, 0);
            PlannedSignal[] here = [.. _plan.Facts.Select(f => f.IsRead && rows.Find(f.ColumnName) >= 0 ? f : f with { Column = null })];
            // A label that this fact file does not have is another file's.
            CellReader[] labelCells = LabelCells(file, rows, [.. _description.RowLabels.Select(l => l.Column)]);
            if (here.All(f => f.Column is null) && labelCells.Length == 0)
            {
                string what = $"{rows.Name}, line 1: there is no column of a fact; the columns are {CellText.List([.. rows.Columns], 60)}, the facts "
                    + $"{CellText.List([.. _plan.Facts.Select(f => f.Name)])}.";
                if (_model is null)
                {
                    throw new DatasetException(what + " Describe the column as a signal of role fact, or drop the file.");
                }

                _notes.Add(what);
            }

            CellReader[] cells = Cells(here, file, rows, skip: null);
            return () =>
            {
                if (FindAsset(names, file.OtherAssets, rows, tally) is not { } asset)
                {
                    return;
                }

                Array.Fill(facts, double.NaN);
                Array.Fill(labels, double.NaN);
                if (!TryReadCells(cells, rows, facts, tally) || !TryReadCells(labelCells, rows, labels, tally))
                {
                    return;
                }

                if (!seen.Add(asset.Asset.Value))
                {
                    tally.Bad(BadRowReason.DuplicateTime, rows.Line, names.Field, names.Cell(rows));
                    return;
                }

                foreach (CellReader cell in cells)
                {
                    asset.Facts[cell.Target] = facts[cell.Target];
                }

                asset.FailThroughout(labels);

                tally.Good++;
            };
        });
        string[] without = [.. _assets.Keys.Where(a => !seen.Contains(a)).Order(StringComparer.Ordinal)];
        if (without.Length > 0)
        {
            _notes.Add($"{file.File} has no row for {without.Length} of {_assets.Count} assets, so facts of theirs are missing: {CellText.List(without)}.");
        }
    }

    private void ReadEvents(EventFile file) => ReadRows(file, (rows, tally) =>
    {
        var names = new AssetNames(file.Asset, file, rows, 0);
        var clock = new RowClock(file.Time, rows);
        int nameColumn = file.NameColumn is { } column ? rows.Require(column) : -1;
        byte[][] missing = CellReader.MissingCells(file);
        var eventNames = new Dictionary<string, string>(StringComparer.Ordinal);
        return () =>
        {
            if (FindAsset(names, file.OtherAssets, rows, tally) is not { } asset)
            {
                return;
            }

            if (!clock.TryRead(rows, 0, out long time))
            {
                tally.Bad(BadRowReason.BadTime, rows.Line, clock.Field, clock.Cell(rows));
                return;
            }

            string name = "";
            if (nameColumn >= 0 && !CellReader.IsOneOf(rows.Cell(nameColumn), missing))
            {
                name = Encoding.UTF8.GetString(rows.Cell(nameColumn));
                if (!CellText.IsName(name, DescriptionRules.MaxNameLength))
                {
                    tally.Bad(BadRowReason.UnknownState, rows.Line, file.NameColumn!, rows.Cell(nameColumn));
                    return;
                }

                name = eventNames.TryGetValue(name, out string? known) ? known : eventNames[name] = name;
            }

            asset.Events.Add(new AssetEvent(asset.Asset, time, file.Kind, name));
            tally.Good++;
        };
    });

    private AssetFrames? FindAsset(AssetNames names, OtherAssets others, TextRows rows, FileTally tally)
    {
        if (!names.TryRead(rows, out string name, out BadRowReason reason))
        {
            tally.Bad(reason, rows.Line, names.Field, names.Cell(rows));
            return null;
        }

        if (_assets.TryGetValue(name, out AssetFrames? asset))
        {
            return asset;
        }

        if (others == OtherAssets.Skip)
        {
            tally.Skipped++;
        }
        else
        {
            tally.Bad(BadRowReason.UnknownAsset, rows.Line, names.Field, names.Fixed is null ? CellText.Shown(names.Cell(rows)) : name);
        }

        return null;
    }

    private void ReadLives(LifeLabelFile file)
    {
        int entry = _description.Frames.ToList().FindIndex(f => f.File == file.Frames);
        List<AssetFrames> assets = _assetsOfEntry[entry];
        if (!DurationText.TryParse(_description.Frames[entry].Time.Period, out TimeSpan period))
        {
            throw new UnreachableException("bug: a period that the rules let pass is no duration");
        }

        var lives = new List<double>();
        var one = new FactFile { File = file.File, Separator = " ", Columns = ["life"], Asset = new AssetColumn() };
        using TextRows rows = TextRows.Open(_folder, one, file.File);
        while (rows.Read())
        {
            double life = double.NaN;
            if (rows.Count != 1 || !CellReader.TryReadNumber(rows.Cell(0), out life, out _) || life < 0
                || (lives.Count < assets.Count && assets[lives.Count].EndUnixMs + (life * period.TotalMilliseconds) > RowClock.LastUnixMs))
            {
                throw new DatasetException(
                    $"{file.File}, line {rows.Line}: \"{CellText.Shown(rows.Cell(0))}\" is no remaining useful life; each line holds one number of periods, "
                    + "0 or above. A line cannot be set aside, because the lines are matched with the assets by their order.");
            }

            lives.Add(life);
        }

        if (lives.Count != assets.Count)
        {
            throw new DatasetException(
                $"{file.File}: {lives.Count} lines for {assets.Count} assets of {file.Frames}; there must be one line for each asset with a good row, "
                + "in the order in which the file has them.");
        }

        for (int i = 0; i < assets.Count; i++)
        {
            long failure = assets[i].EndUnixMs + (long)Math.Round(lives[i] * period.TotalMilliseconds);
            assets[i].Events.Add(new AssetEvent(assets[i].Asset, failure, AssetEventKind.Failure, ""));
        }

        _files.Add(new FileReadReport(file.File, lives.Count, lives.Count, 0, new Dictionary<BadRowReason, long>(), []));
    }
}
