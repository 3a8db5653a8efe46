namespace Auspex.Flow.Connect.Sql;

/// <summary>Calls of drivers, which may wait for a server that never answers. Each runs on a thread of its own; one that does not end in its time is left behind with its
/// connection, and few are.</summary>
/// <param name="limits">How long a call may take.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class SqlCalls(SqlLimits limits, TimeProvider clock)
{
    private const int MostLeftBehind = 2;

    private int _leftBehind;

    /// <summary>Whether calls that were given up have not ended yet.</summary>
    internal bool HasLeftBehind => Volatile.Read(ref _leftBehind) > 0;

    /// <summary>Makes a call.</summary>
    /// <param name="call">What blocks.</param>
    /// <param name="ct">Ends waiting, not the call.</param>
    /// <exception cref="SqlSourceException">It did not end in time, or too many before it have not ended yet.</exception>
    internal async Task<T> RunAsync<T>(Func<T> call, CancellationToken ct)
    {
        if (Volatile.Read(ref _leftBehind) >= MostLeftBehind)
        {
            throw new SqlSourceException($"{MostLeftBehind} earlier calls have not ended yet: the server neither answers nor hangs up.", needsPerson: false);
        }

        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                done.SetResult(call());
            }
#pragma warning disable CA1031 // it belongs to whoever waits for the call
            catch (Exception e)
#pragma warning restore CA1031
            {
                done.SetException(e);
            }
        })
        { IsBackground = true, Name = "sql source" }.Start();
        try
        {
            return await done.Task.WaitAsync(limits.Call, clock, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !done.Task.IsCompleted)
        {
            Interlocked.Increment(ref _leftBehind);
            _ = done.Task.ContinueWith(
                ended =>
                {
                    _ = ended.Exception; // nobody waits for it any more
                    Interlocked.Decrement(ref _leftBehind);
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            if (e is OperationCanceledException)
            {
                throw;
            }

            throw new SqlSourceException($"The server did not answer within {limits.Call.TotalSeconds:0.#} s; its connection was given up.", needsPerson: false, e);
        }
    }
}
