namespace Auspex.Native.OnnxRuntime;

/// <summary>One output of one run.</summary>
/// <param name="Shape">Length of each dimension; empty for a single number.</param>
/// <param name="Values">The elements, row-major, converted to double: exact for float, and for int64 up to 2⁵³ in size.</param>
public sealed record OnnxTensor(IReadOnlyList<long> Shape, double[] Values);
