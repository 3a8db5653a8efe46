using System.ComponentModel.DataAnnotations;

namespace Auspex.Flow.Predict;

/// <summary>Whether what failed is asked again.</summary>
public enum CircuitState
{
    /// <summary>It is asked.</summary>
    Closed,

    /// <summary>It failed too often in a row and is not asked.</summary>
    Open,

    /// <summary>It is asked once: what comes of it closes or opens the circuit.</summary>
    HalfOpen,
}

/// <summary>When a circuit opens, and for how long.</summary>
public sealed record CircuitOptions
{
    /// <summary>Failures in a row that open it; 1 or more. Default 3.</summary>
    [Range(1, 1_000)]
    public int Failures { get; init; } = 3;

    /// <summary>How long it stays open before one is let through. Default 30 s.</summary>
    public TimeSpan OpenFor { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>Keeps from asking again and again what fails. Safe for many threads.</summary>
/// <param name="options">When it opens.</param>
/// <param name="clock">Tells the time.</param>
public sealed class Circuit(CircuitOptions options, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private long _openedAt;
    private CircuitState _state;

    /// <summary>Its state.</summary>
    public CircuitState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Failures in a row.</summary>
    public int FailureCount { get; private set; }

    /// <summary>When it failed last; null if never.</summary>
    public DateTimeOffset? LastFailureTime { get; private set; }

    /// <summary>Whether to ask now. Who is let through says afterwards how it went.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_state == CircuitState.Open && clock.GetElapsedTime(_openedAt) >= options.OpenFor)
            {
                _state = CircuitState.HalfOpen;
                return true;
            }

            return _state == CircuitState.Closed;
        }
    }

    /// <summary>It went well.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            (_state, FailureCount) = (CircuitState.Closed, 0);
        }
    }

    /// <summary>It failed.</summary>
    public void Failed()
    {
        lock (_gate)
        {
            FailureCount++;
            LastFailureTime = clock.GetUtcNow();
            if (_state == CircuitState.HalfOpen || FailureCount >= options.Failures)
            {
                (_state, _openedAt) = (CircuitState.Open, clock.GetTimestamp());
            }
        }
    }
}
