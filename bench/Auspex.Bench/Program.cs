using Auspex.Bench;
using Auspex.Bench.Train;

// The parts of the benchmarks that run our own code: bench/NAME.sh calls them and prints the ratios.
var verbs = new Dictionary<string, Action<string[]>>(StringComparer.Ordinal)
{
    ["train-rows"] = TrainBench.Write,
    ["train-run"] = TrainBench.Run,
    ["memory"] = MemoryBench.Run,
    ["score"] = ScoreBench.Run,
    ["fuzz"] = FuzzBench.Run,
    ["features"] = FeaturesBench.Run,
    ["features-long"] = FeaturesBench.RunLong,
    ["storage"] = StorageBench.Run,
    ["million-assets"] = MillionAssetsBench.Run,
    ["durability"] = DurabilityBench.Run,
    ["judged"] = DurabilityBench.RunJudged,
    ["api"] = ApiBench.Run,
    ["pipeline"] = PipelineBench.Run,
    ["pipeline-load"] = PipelineBench.Load,
    ["models"] = ModelsBench.Run,
};
if (args.Length == 0 || !verbs.TryGetValue(args[0], out Action<string[]>? verb))
{
    Console.Error.WriteLine($"Auspex.Bench VERB …, with VERB one of: {string.Join(", ", verbs.Keys)}");
    return 2;
}

verb(args[1..]);
return 0;
