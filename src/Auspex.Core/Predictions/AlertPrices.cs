namespace Auspex.Core.Predictions;

/// <summary>What mistakes cost an organization, in any one unit.</summary>
/// <param name="MissedFailure">A failure that nobody was told of in time; more than 0.</param>
/// <param name="FalseAlert">A person sent for nothing; more than 0.</param>
public sealed record AlertPrices(double MissedFailure, double FalseAlert)
{
    /// <summary>Until an organization states its own: a stop that was not planned for is five looks at a machine that is well.</summary>
    public static readonly AlertPrices Default = new(5, 1);

    /// <summary>Cost of what happened: missed failures, and false alerts with those that maintenance ended, since nobody knows that these
    /// were right.</summary>
    public double Cost(int missed, int falseAlerts, int averted) => (MissedFailure * missed) + (FalseAlert * (falseAlerts + averted));

    /// <summary>Refuses prices by which no choice can be made.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A price is not a number above 0.</exception>
    public void Check()
    {
        Check(MissedFailure, nameof(MissedFailure));
        Check(FalseAlert, nameof(FalseAlert));
    }

    private static void Check(double price, string name)
    {
        if (!(price > 0 && double.IsFinite(price)))
        {
            throw new ArgumentOutOfRangeException(name, price, "A price is a number above 0; give what the mistake costs.");
        }
    }
}
