using System.Diagnostics.CodeAnalysis;

namespace Auspex.Native.OnnxRuntime;

/// <summary>Element types of tensors, with the numbers of the ONNX format (TensorProto.DataType).</summary>
[SuppressMessage("Naming", "CA1720", Justification = "These are the words of the ONNX format.")]
public enum OnnxElementType
{
    /// <summary>Not said.</summary>
    Undefined = 0,

    /// <summary>32-bit floating point.</summary>
    Float = 1,

    /// <summary>8-bit unsigned integer.</summary>
    UInt8 = 2,

    /// <summary>8-bit integer.</summary>
    Int8 = 3,

    /// <summary>16-bit unsigned integer.</summary>
    UInt16 = 4,

    /// <summary>16-bit integer.</summary>
    Int16 = 5,

    /// <summary>32-bit integer.</summary>
    Int32 = 6,

    /// <summary>64-bit integer.</summary>
    Int64 = 7,

    /// <summary>Text.</summary>
    Text = 8,

    /// <summary>True or false.</summary>
    Boolean = 9,

    /// <summary>16-bit floating point.</summary>
    Float16 = 10,

    /// <summary>64-bit floating point.</summary>
    Double = 11,
}
