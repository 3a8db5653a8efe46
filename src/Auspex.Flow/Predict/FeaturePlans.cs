using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Auspex.Features;
using Auspex.Models.Package;

namespace Auspex.Flow.Predict;

/// <summary>The features of models, one plan for each definition of an organization as long as anybody uses it: assets remember by the same plan that the model has which is loaded again.
/// Safe for many threads.</summary>
public sealed class FeaturePlans
{
    private readonly ConcurrentDictionary<(Guid Organization, string Definition), WeakReference<FeaturePlan>> _plans = new();
    private int _adds;

    /// <summary>The plan of a definition.</summary>
    /// <param name="organization">Whose. Labels of signals, which reasons say, are not in the hash of the features: so plans of two organizations are never one.</param>
    /// <param name="definition">As JSON.</param>
    /// <param name="hash">That it must have.</param>
    /// <param name="names">Columns that it must have, in this order; null where the hash is enough.</param>
    /// <exception cref="ModelPackageException">It is no definition, or of other features.</exception>
    public FeaturePlan Of(Guid organization, string definition, string hash, ModelPackage? names = null)
    {
        (Guid, string) key = (organization, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(definition))));
        if (_plans.TryGetValue(key, out WeakReference<FeaturePlan>? known) && known.TryGetTarget(out FeaturePlan? plan) && plan.Definition.Hash == hash)
        {
            return plan;
        }

        plan = Read(definition, hash, names);
        _plans[key] = new WeakReference<FeaturePlan>(plan);
        if (Interlocked.Increment(ref _adds) % 1_024 == 0)
        {
            foreach (KeyValuePair<(Guid, string), WeakReference<FeaturePlan>> dead in _plans.Where(one => !one.Value.TryGetTarget(out _)))
            {
                _plans.TryRemove(dead);
            }
        }

        return plan;
    }

    /// <summary>The plan of a definition that nobody else has.</summary>
    /// <exception cref="ModelPackageException">It is no definition, or of other features.</exception>
    public static FeaturePlan Read(string definition, string hash, ModelPackage? names)
    {
        try
        {
            var plan = FeaturePlan.FromJson(definition);
            names?.RequireFeatures(plan.Definition.Names, plan.Definition.Hash);
            return plan.Definition.Hash == hash
                ? plan
                : throw new ModelPackageException(ModelPackage.ManifestFileName, "features.hash", $"is {hash}, that of its definition {plan.Definition.Hash}. Package the model again.");
        }
        catch (FormatException e)
        {
            throw new ModelPackageException(ModelPackage.ManifestFileName, "features.definition", $"{e.Message} Package the model again.", e);
        }
    }
}
