namespace Auspex.Features.Windows;

/// <summary>What is known of a set of samples, so that the samples themselves need not be kept: sets that follow each other merge.</summary>
internal interface IWindowAggregate<TSelf>
    where TSelf : struct, IWindowAggregate<TSelf>
{
    /// <summary>Takes in a sample later than all in the set.</summary>
    /// <param name="seconds">Its time after an origin that all merged sets share.</param>
    /// <param name="value">Its value; finite.</param>
    public void Append(double seconds, double value);

    /// <summary>Takes in a sample earlier than all in the set.</summary>
    public void Prepend(double seconds, double value);

    /// <summary>The union of two sets, one before the other; either may be empty.</summary>
    public static abstract TSelf Merge(in TSelf older, in TSelf newer);
}
