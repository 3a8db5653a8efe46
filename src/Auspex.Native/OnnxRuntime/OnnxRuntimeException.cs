namespace Auspex.Native.OnnxRuntime;

/// <summary>ONNX Runtime refused a model or a call, or the model is of a form that cannot be run here; the message says which.</summary>
public sealed class OnnxRuntimeException(string message) : Exception(message);
