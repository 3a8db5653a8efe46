namespace Auspex.Native.OnnxRuntime;

/// <summary>One input or output of a model, as it declares it.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="ElementType">Type of its elements.</param>
/// <param name="Shape">Length of each dimension; -1 where the model leaves it open, as it does for the number of rows.</param>
public sealed record OnnxPort(string Name, OnnxElementType ElementType, IReadOnlyList<long> Shape);
