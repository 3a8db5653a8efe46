using Auspex.Models.Trees;

namespace Auspex.Models.Calibration;

/// <summary>Fits an isotonic regression by pooling adjacent violators (Ayer et al. 1955; Zadrozny and Elkan 2002 for calibration).</summary>
public static class IsotonicFit
{
    /// <summary>The blocks, at most <see cref="IsotonicCalibration.MaxKnots"/> of them: the neighbours whose joining costs the least squared error are
    /// joined until they are few enough. Probabilities are drawn off 0 and 1 as far as the regularised targets of <see cref="SigmoidFit"/> are.</summary>
    public static IsotonicCalibration Fit(HeldOutScores rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        (double negative, double positive) = SigmoidFit.Targets(rows);
        double[] x = Array.ConvertAll(rows.Scores, ModelOutputs.Probability);
        var blocks = new List<Block>();
        foreach (int row in Enumerable.Range(0, rows.Count).OrderBy(row => x[row]))
        {
            var next = new Block(rows.Weights[row], x[row], rows.Positive[row] ? positive : negative, x[row]);
            while (blocks.Count > 0 && (blocks[^1].LastX == next.LastX || blocks[^1].Y >= next.Y))
            {
                next = blocks[^1].With(next);
                blocks.RemoveAt(blocks.Count - 1);
            }

            blocks.Add(next);
        }

        List<Block> kept = NotTooSteep(Fewest(blocks));
        return kept.Count > 1
            ? new IsotonicCalibration([.. kept.Select(block => block.X)], [.. kept.Select(block => block.Y)])
            : new IsotonicCalibration([0, 1], [kept[0].Y, kept[0].Y]);
    }

    private static List<Block> Fewest(List<Block> blocks)
    {
        Block[] at = [.. blocks];
        int[] after = [.. Enumerable.Range(1, at.Length)];
        int[] before = [.. Enumerable.Range(-1, at.Length)];
        int[] joins = new int[at.Length]; // how often a block has grown; -1 for one that is gone
        var costs = new PriorityQueue<(int Left, int LeftJoins, int Right, int RightJoins), double>();
        for (int left = 0; left + 1 < at.Length; left++)
        {
            Offer(left);
        }

        for (int count = at.Length; count > IsotonicCalibration.MaxKnots;)
        {
            (int left, int leftJoins, int right, int rightJoins) = costs.Dequeue();
            if (joins[left] != leftJoins || joins[right] != rightJoins)
            {
                continue; // one of the two has grown since
            }

            at[left] = at[left].With(at[right]);
            joins[left]++;
            joins[right] = -1;
            after[left] = after[right];
            count--;
            if (after[left] < at.Length)
            {
                before[after[left]] = left;
                Offer(left);
            }

            if (before[left] >= 0)
            {
                Offer(before[left]);
            }
        }

        return [.. Enumerable.Range(0, at.Length).Where(i => joins[i] >= 0).Select(i => at[i])];

        void Offer(int left) => costs.Enqueue((left, joins[left], after[left], joins[after[left]]), at[left].CostOfJoining(at[after[left]]));
    }

    private static List<Block> NotTooSteep(List<Block> blocks)
    {
        var kept = new List<Block>();
        foreach (Block block in blocks)
        {
            Block next = block;
            while (kept.Count > 0 && !(next.Y - kept[^1].Y <= (next.X - kept[^1].X) * (IsotonicCalibration.MaxSlope / 2)))
            {
                next = kept[^1].With(next);
                kept.RemoveAt(kept.Count - 1);
            }

            kept.Add(next);
        }

        return kept;
    }

    // X and Y are weighted means.
    private readonly record struct Block(double Weight, double X, double Y, double LastX)
    {
        public Block With(Block next)
        {
            double weight = Weight + next.Weight;
            double share = next.Weight / weight;
            return new Block(weight, X + (share * (next.X - X)), Y + (share * (next.Y - Y)), next.LastX);
        }

        public double CostOfJoining(Block next) => Weight * next.Weight / (Weight + next.Weight) * (next.Y - Y) * (next.Y - Y);
    }
}
