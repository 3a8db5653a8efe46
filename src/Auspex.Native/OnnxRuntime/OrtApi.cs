using System.Runtime.InteropServices;

namespace Auspex.Native.OnnxRuntime;

/// <summary>The function table of ONNX Runtime's C API, by slot: native names, in the order of onnxruntime_c_api.h, which never changes.
/// What returns a status returns null for success; it must go through <see cref="Check"/>.</summary>
internal readonly unsafe struct OrtApi(void** table)
{
    /// <summary>Version of the table that is asked for: all slots used here are older, and later libraries still give it.</summary>
    internal const uint Version = 17;

    internal const int LogFatal = 4;
    internal const int OptimizeAll = 99;
    internal const int TypeTensor = 1;

    private readonly void** _table = table;

    internal IntPtr CreateEnv(int logLevel, byte* id, IntPtr* env) =>
        ((delegate* unmanaged<int, byte*, IntPtr*, IntPtr>)_table[3])(logLevel, id, env);

    internal IntPtr DisableTelemetryEvents(IntPtr env) => ((delegate* unmanaged<IntPtr, IntPtr>)_table[6])(env);

    internal IntPtr CreateSessionFromArray(IntPtr env, void* model, nuint length, IntPtr options, IntPtr* session) =>
        ((delegate* unmanaged<IntPtr, void*, nuint, IntPtr, IntPtr*, IntPtr>)_table[8])(env, model, length, options, session);

    internal IntPtr Run(IntPtr session, IntPtr runOptions, byte** inputNames, IntPtr* inputs, nuint inputCount,
        byte** outputNames, nuint outputCount, IntPtr* outputs) =>
        ((delegate* unmanaged<IntPtr, IntPtr, byte**, IntPtr*, nuint, byte**, nuint, IntPtr*, IntPtr>)_table[9])(
            session, runOptions, inputNames, inputs, inputCount, outputNames, outputCount, outputs);

    internal IntPtr CreateSessionOptions(IntPtr* options) => ((delegate* unmanaged<IntPtr*, IntPtr>)_table[10])(options);

    internal IntPtr SetSessionLogSeverityLevel(IntPtr options, int level) => ((delegate* unmanaged<IntPtr, int, IntPtr>)_table[22])(options, level);

    internal IntPtr SetSessionGraphOptimizationLevel(IntPtr options, int level) =>
        ((delegate* unmanaged<IntPtr, int, IntPtr>)_table[23])(options, level);

    internal IntPtr SetIntraOpNumThreads(IntPtr options, int threads) => ((delegate* unmanaged<IntPtr, int, IntPtr>)_table[24])(options, threads);

    internal IntPtr SetInterOpNumThreads(IntPtr options, int threads) => ((delegate* unmanaged<IntPtr, int, IntPtr>)_table[25])(options, threads);

    internal IntPtr SessionGetInputCount(IntPtr session, nuint* count) => ((delegate* unmanaged<IntPtr, nuint*, IntPtr>)_table[30])(session, count);

    internal IntPtr SessionGetOutputCount(IntPtr session, nuint* count) => ((delegate* unmanaged<IntPtr, nuint*, IntPtr>)_table[31])(session, count);

    internal IntPtr SessionGetInputTypeInfo(IntPtr session, nuint index, IntPtr* typeInfo) =>
        ((delegate* unmanaged<IntPtr, nuint, IntPtr*, IntPtr>)_table[33])(session, index, typeInfo);

    internal IntPtr SessionGetOutputTypeInfo(IntPtr session, nuint index, IntPtr* typeInfo) =>
        ((delegate* unmanaged<IntPtr, nuint, IntPtr*, IntPtr>)_table[34])(session, index, typeInfo);

    internal IntPtr SessionGetInputName(IntPtr session, nuint index, IntPtr allocator, byte** name) =>
        ((delegate* unmanaged<IntPtr, nuint, IntPtr, byte**, IntPtr>)_table[36])(session, index, allocator, name);

    internal IntPtr SessionGetOutputName(IntPtr session, nuint index, IntPtr allocator, byte** name) =>
        ((delegate* unmanaged<IntPtr, nuint, IntPtr, byte**, IntPtr>)_table[37])(session, index, allocator, name);

    internal IntPtr CreateRunOptions(IntPtr* options) => ((delegate* unmanaged<IntPtr*, IntPtr>)_table[39])(options);

    internal IntPtr RunOptionsSetTerminate(IntPtr options) => ((delegate* unmanaged<IntPtr, IntPtr>)_table[46])(options);

    internal IntPtr CreateTensorWithDataAsOrtValue(
        IntPtr memoryInfo, void* data, nuint bytes, long* shape, nuint rank, int elementType, IntPtr* value) =>
        ((delegate* unmanaged<IntPtr, void*, nuint, long*, nuint, int, IntPtr*, IntPtr>)_table[49])(
            memoryInfo, data, bytes, shape, rank, elementType, value);

    internal IntPtr IsTensor(IntPtr value, int* isTensor) => ((delegate* unmanaged<IntPtr, int*, IntPtr>)_table[50])(value, isTensor);

    internal IntPtr GetTensorMutableData(IntPtr value, void** data) => ((delegate* unmanaged<IntPtr, void**, IntPtr>)_table[51])(value, data);

    /// <summary>The result belongs to <paramref name="typeInfo"/>.</summary>
    internal IntPtr CastTypeInfoToTensorInfo(IntPtr typeInfo, IntPtr* tensorInfo) =>
        ((delegate* unmanaged<IntPtr, IntPtr*, IntPtr>)_table[55])(typeInfo, tensorInfo);

    internal IntPtr GetOnnxTypeFromTypeInfo(IntPtr typeInfo, int* type) => ((delegate* unmanaged<IntPtr, int*, IntPtr>)_table[56])(typeInfo, type);

    internal IntPtr GetTensorElementType(IntPtr tensorInfo, int* type) => ((delegate* unmanaged<IntPtr, int*, IntPtr>)_table[60])(tensorInfo, type);

    internal IntPtr GetDimensionsCount(IntPtr tensorInfo, nuint* rank) => ((delegate* unmanaged<IntPtr, nuint*, IntPtr>)_table[61])(tensorInfo, rank);

    internal IntPtr GetDimensions(IntPtr tensorInfo, long* shape, nuint rank) =>
        ((delegate* unmanaged<IntPtr, long*, nuint, IntPtr>)_table[62])(tensorInfo, shape, rank);

    internal IntPtr GetTensorShapeElementCount(IntPtr tensorInfo, nuint* count) =>
        ((delegate* unmanaged<IntPtr, nuint*, IntPtr>)_table[64])(tensorInfo, count);

    /// <summary>The result is the caller's: <see cref="ReleaseTensorTypeAndShapeInfo"/>.</summary>
    internal IntPtr GetTensorTypeAndShape(IntPtr value, IntPtr* tensorInfo) =>
        ((delegate* unmanaged<IntPtr, IntPtr*, IntPtr>)_table[65])(value, tensorInfo);

    internal IntPtr CreateCpuMemoryInfo(int allocatorType, int memoryType, IntPtr* memoryInfo) =>
        ((delegate* unmanaged<int, int, IntPtr*, IntPtr>)_table[69])(allocatorType, memoryType, memoryInfo);

    internal IntPtr AllocatorFree(IntPtr allocator, void* memory) => ((delegate* unmanaged<IntPtr, void*, IntPtr>)_table[76])(allocator, memory);

    internal IntPtr GetAllocatorWithDefaultOptions(IntPtr* allocator) => ((delegate* unmanaged<IntPtr*, IntPtr>)_table[78])(allocator);

    internal void ReleaseSession(IntPtr session) => ((delegate* unmanaged<IntPtr, void>)_table[95])(session);

    internal void ReleaseValue(IntPtr value) => ((delegate* unmanaged<IntPtr, void>)_table[96])(value);

    internal void ReleaseRunOptions(IntPtr options) => ((delegate* unmanaged<IntPtr, void>)_table[97])(options);

    internal void ReleaseTypeInfo(IntPtr typeInfo) => ((delegate* unmanaged<IntPtr, void>)_table[98])(typeInfo);

    internal void ReleaseTensorTypeAndShapeInfo(IntPtr tensorInfo) => ((delegate* unmanaged<IntPtr, void>)_table[99])(tensorInfo);

    internal void ReleaseSessionOptions(IntPtr options) => ((delegate* unmanaged<IntPtr, void>)_table[100])(options);

    /// <summary>Every status passes through here: read, released, thrown.</summary>
    /// <exception cref="OnnxRuntimeException">The status is not null.</exception>
    internal void Check(IntPtr status)
    {
        if (status == IntPtr.Zero)
        {
            return;
        }

        try
        {
            int code = ((delegate* unmanaged<IntPtr, int>)_table[1])(status); // GetErrorCode
            string? message = Marshal.PtrToStringUTF8((IntPtr)((delegate* unmanaged<IntPtr, byte*>)_table[2])(status)); // GetErrorMessage
            throw new OnnxRuntimeException($"ONNX Runtime: {message} (code {code})");
        }
        finally
        {
            ((delegate* unmanaged<IntPtr, void>)_table[93])(status); // ReleaseStatus
        }
    }
}
