namespace Auspex.Learning.Train;

/// <summary>Deals whole assets out to folds.</summary>
internal static class AssetDeal
{
    /// <summary>Each asset goes to the fold that has least so far of what is scarce, positive labels, then of rows. A fold without rows has least, so
    /// with as many assets as folds none stays empty.</summary>
    /// <param name="positives">Of each asset.</param>
    /// <param name="rows">Of each asset.</param>
    /// <param name="order">In which order they are dealt out.</param>
    /// <param name="count">Number of folds.</param>
    /// <returns>Fold of each asset.</returns>
    public static int[] Deal(double[] positives, int[] rows, IEnumerable<int> order, int count)
    {
        var foldPositives = new double[count];
        var foldRows = new int[count];
        var foldOf = new int[rows.Length];
        foreach (int asset in order)
        {
            int least = Enumerable.Range(0, count).MinBy(fold => (foldPositives[fold], foldRows[fold]));
            foldOf[asset] = least;
            foldPositives[least] += positives[asset];
            foldRows[least] += rows[asset];
        }

        return foldOf;
    }
}
