namespace Auspex.Flow.Predict;

/// <summary>A model while somebody scores with it: it stays whole until it is let go of, whatever takes its place meanwhile.</summary>
public sealed class ModelUse : IDisposable
{
    private Action? _release;

    internal ModelUse(LiveModel model, ModelRecord record, Action release) => (Model, Record, _release) = (model, record, release);

    /// <summary>The model.</summary>
    public LiveModel Model { get; }

    /// <summary>What is known of it.</summary>
    public ModelRecord Record { get; }

    /// <summary>Lets go of it.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
