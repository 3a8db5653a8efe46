using System.IO.Pipelines;
using Auspex.Core.Csv;
using Auspex.Server.Security;
using Auspex.Storage.Audit;
using Auspex.Storage.Db;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Auspex.Server.Wiring;

/// <summary>A CSV file that goes out while it is made: memory holds one piece of it. Where making it fails the connection is cut, so that a part is never taken for the whole.</summary>
internal sealed class CsvDownload
{
    // What the separator may be, as it is asked for.
    internal const string Comma = "comma";
    internal const string Semicolon = "semicolon";

    private const int MostWaitingBytes = 64 * 1024;

    private readonly PipeWriter _pipe;

    private CsvDownload(PipeWriter pipe, string separator)
    {
        _pipe = pipe;
        Cells = new CsvWriter(pipe, separator == Semicolon ? ';' : ',');
    }

    /// <summary>Takes the cells of a row.</summary>
    internal CsvWriter Cells { get; }

    private long Rows { get; set; }

    /// <summary>The file as an answer. That it went out stands in the audit, with how many rows did and whether that was all.</summary>
    /// <param name="name">Of the file: letters, digits, dots and hyphens.</param>
    /// <param name="separator"><see cref="Comma"/> or <see cref="Semicolon"/>.</param>
    /// <param name="export">What is told of it.</param>
    /// <param name="write">Writes the header and all rows. What it finds wrong it must find before, while there is another answer to give.</param>
    internal static PushStreamHttpResult Of(string name, string separator, Export export, Func<CsvDownload, Task> write) => TypedResults.Stream(
        async body =>
        {
            var pipe = PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true));
            var file = new CsvDownload(pipe, separator);
            bool whole = false;
            try
            {
                await write(file).ConfigureAwait(false);
                whole = true;
            }
            finally
            {
                await export.AuditAsync(Math.Max(0, file.Rows - 1), whole).ConfigureAwait(false);
            }

            await pipe.CompleteAsync().ConfigureAwait(false);
        },
        "text/csv; charset=utf-8",
        name);

    /// <summary>Ends a row, and waits until who reads has taken enough of those before.</summary>
    internal ValueTask EndRowAsync(CancellationToken ct)
    {
        Cells.EndRow();
        Rows++;
        return _pipe.UnflushedBytes < MostWaitingBytes ? ValueTask.CompletedTask : FlushAsync(ct);
    }

    private async ValueTask FlushAsync(CancellationToken ct) => await _pipe.FlushAsync(ct).ConfigureAwait(false);

    /// <summary>Who takes what out of which organization.</summary>
    /// <param name="Action">As the audit calls it.</param>
    /// <param name="Resource">Of what.</param>
    /// <param name="Asked">What was asked for.</param>
    internal sealed record Export(OrganizationDb Db, Caller Caller, TimeProvider Clock, string Action, string Resource, object Asked)
    {
        internal Task AuditAsync(long rows, bool whole) => Db.WriteAsync(
            async transaction =>
            {
                await AuditLog.AppendAsync(transaction, Db.Organization, Caller.Name, Action, Resource, new { Asked, rows, whole }, Clock.Now()).ConfigureAwait(false);
                return 0;
            },
            CancellationToken.None);
    }
}
