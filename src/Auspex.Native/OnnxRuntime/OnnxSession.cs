using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Auspex.Native.OnnxRuntime;

/// <summary>A loaded ONNX model that takes rows of numbers: one input of two dimensions, double or float; outputs are tensors of
/// double, float or int64. Runs may overlap on several threads, and a session disposed meanwhile stays until they have ended.</summary>
/// <remarks>A model that keeps tensors in external files is refused.</remarks>
public sealed class OnnxSession : IDisposable
{
    /// <summary>Largest model, in bytes; the format itself ends at 2 GiB.</summary>
    public const int MaxModelBytes = 2_000_000_000;

    private readonly SessionHandle _handle;
    private readonly byte[] _names; // input then outputs, UTF-8, each ended by a zero
    private readonly int[] _nameStarts;

    /// <summary>Loads a model.</summary>
    /// <param name="model">The bytes of the file; not needed afterwards.</param>
    /// <param name="intraOpThreads">Threads of one run, at least 1. More than one gives the session a pool of its own.</param>
    /// <exception cref="ArgumentException">The model is empty or larger than <see cref="MaxModelBytes"/>.</exception>
    /// <exception cref="OnnxRuntimeException">It is not a model, or not of the form that can be run here.</exception>
    /// <exception cref="NativeLibraryMissingException">The library is not on this machine.</exception>
    public OnnxSession(ReadOnlySpan<byte> model, int intraOpThreads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(intraOpThreads, 1);
        if (model.IsEmpty || model.Length > MaxModelBytes)
        {
            throw new ArgumentException($"A model must have 1 to {MaxModelBytes} bytes, this one has {model.Length}.", nameof(model));
        }

        ExternalTensors.Refuse(model);
        _handle = CreateSession(model, intraOpThreads);
        try
        {
            Inputs = ReadPorts(_handle, inputs: true);
            Outputs = ReadPorts(_handle, inputs: false);
            RequireRunnable();
        }
        catch
        {
            _handle.Dispose();
            throw;
        }

        byte[][] names = [.. Inputs.Concat(Outputs).Select(port => Encoding.UTF8.GetBytes(port.Name + '\0'))];
        _names = new byte[names.Sum(name => name.Length)];
        _nameStarts = new int[names.Length];
        for (int i = 0, start = 0; i < names.Length; start += names[i].Length, i++)
        {
            _nameStarts[i] = start;
            names[i].CopyTo(_names, start);
        }
    }

    /// <summary>The one input.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; }

    /// <summary>The outputs, in the model's order; at least one.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <summary>Runs the model over rows, to its end.</summary>
    /// <param name="rows">rowCount × columns, row-major. A model of float input gets each value rounded to float.</param>
    /// <param name="rowCount">Number of rows, at least 1.</param>
    /// <param name="columns">Columns of a row, as the model declares them.</param>
    /// <returns>Every output by name.</returns>
    /// <exception cref="ArgumentException">The shape is not the model's.</exception>
    /// <exception cref="OnnxRuntimeException">The model failed on these rows.</exception>
    public IReadOnlyDictionary<string, OnnxTensor> Run(ReadOnlySpan<double> rows, int rowCount, int columns) =>
        RunCancellable(rows, rowCount, columns, CancellationToken.None);

    /// <summary>Runs the model over rows, or gives up when the token says so; for a time-out, give the token of a source that has one.
    /// The token is looked at between the nodes of the graph, so one long node is not cut short.</summary>
    /// <inheritdoc cref="Run"/>
    /// <exception cref="OperationCanceledException">The token was cancelled before the run ended.</exception>
    public IReadOnlyDictionary<string, OnnxTensor> RunCancellable(ReadOnlySpan<double> rows, int rowCount, int columns, CancellationToken ct)
    {
        RequireShape(rows.Length, rowCount, columns);
        ct.ThrowIfCancellationRequested();
        if (!ct.CanBeCanceled)
        {
            return RunConverted(rows, rowCount, columns, options: null);
        }

        using RunOptionsHandle options = RunOptionsHandle.Create();
        using CancellationTokenRegistration registration = ct.UnsafeRegister(static state => ((RunOptionsHandle)state!).Terminate(), options);
        try
        {
            return RunConverted(rows, rowCount, columns, options);
        }
        catch (OnnxRuntimeException e) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException("The run of the model was abandoned.", e, ct);
        }
    }

    /// <summary>Lets go of the model; runs that are under way end first.</summary>
    public void Dispose() => _handle.Dispose();

    private unsafe Dictionary<string, OnnxTensor> RunConverted(ReadOnlySpan<double> rows, int rowCount, int columns, RunOptionsHandle? options)
    {
        if (Inputs[0].ElementType == OnnxElementType.Double)
        {
            fixed (double* data = rows)
            {
                return RunPinned(data, checked((nuint)rows.Length * sizeof(double)), rowCount, columns, options);
            }
        }

        float[] floats = ArrayPool<float>.Shared.Rent(rows.Length);
        try
        {
            for (int i = 0; i < rows.Length; i++)
            {
                floats[i] = (float)rows[i];
            }

            fixed (float* data = floats)
            {
                return RunPinned(data, checked((nuint)rows.Length * sizeof(float)), rowCount, columns, options);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(floats);
        }
    }

    private unsafe Dictionary<string, OnnxTensor> RunPinned(void* data, nuint bytes, int rowCount, int columns, RunOptionsHandle? options)
    {
        OrtEnvironment environment = OrtEnvironment.Instance;
        OrtApi api = environment.Api;
        int outputCount = Outputs.Count;
        long* shape = stackalloc long[] { rowCount, columns };
        byte** names = stackalloc byte*[_nameStarts.Length];
        IntPtr* outputs = stackalloc IntPtr[outputCount]; // zeroed: ONNX Runtime allocates what is null
        IntPtr input = IntPtr.Zero;
        bool counted = false;
        bool optionsCounted = false;
        try
        {
            _handle.DangerousAddRef(ref counted);
            options?.DangerousAddRef(ref optionsCounted);
            api.Check(api.CreateTensorWithDataAsOrtValue(
                environment.CpuMemory, data, bytes, shape, rank: 2, (int)Inputs[0].ElementType, &input));
            fixed (byte* allNames = _names)
            {
                for (int i = 0; i < _nameStarts.Length; i++)
                {
                    names[i] = allNames + _nameStarts[i];
                }

                api.Check(api.Run(_handle.DangerousGetHandle(), options?.DangerousGetHandle() ?? IntPtr.Zero,
                    names, &input, inputCount: 1, names + 1, (nuint)outputCount, outputs));
            }

            var results = new Dictionary<string, OnnxTensor>(outputCount, StringComparer.Ordinal);
            for (int i = 0; i < outputCount; i++)
            {
                results.Add(Outputs[i].Name, ReadTensor(api, outputs[i], Outputs[i].Name));
            }

            return results;
        }
        finally
        {
            for (int i = 0; i < outputCount; i++)
            {
                if (outputs[i] != IntPtr.Zero)
                {
                    api.ReleaseValue(outputs[i]);
                }
            }

            if (input != IntPtr.Zero)
            {
                api.ReleaseValue(input);
            }

            if (optionsCounted)
            {
                options!.DangerousRelease();
            }

            if (counted)
            {
                _handle.DangerousRelease();
            }
        }
    }

    private static unsafe OnnxTensor ReadTensor(OrtApi api, IntPtr value, string name)
    {
        int isTensor = 0;
        if (value != IntPtr.Zero)
        {
            api.Check(api.IsTensor(value, &isTensor));
        }

        if (isTensor == 0)
        {
            throw new OnnxRuntimeException($"The model gave no tensor for its output '{name}'.");
        }

        IntPtr info;
        api.Check(api.GetTensorTypeAndShape(value, &info));
        try
        {
            (OnnxElementType type, long[] shape) = ReadTensorType(api, info);
            nuint count;
            api.Check(api.GetTensorShapeElementCount(info, &count));
            var values = new double[checked((int)count)];
            void* data;
            api.Check(api.GetTensorMutableData(value, &data));
            switch (type)
            {
                case OnnxElementType.Double:
                    new ReadOnlySpan<double>(data, values.Length).CopyTo(values);
                    break;
                case OnnxElementType.Float:
                    CopyTo(new ReadOnlySpan<float>(data, values.Length), values);
                    break;
                case OnnxElementType.Int64:
                    CopyTo(new ReadOnlySpan<long>(data, values.Length), values);
                    break;
                default:
                    throw new UnreachableException($"bug: output '{name}' of type {type} passed the check of the session");
            }

            return new OnnxTensor(shape, values);
        }
        finally
        {
            api.ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    private static void CopyTo(ReadOnlySpan<float> from, double[] to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = from[i];
        }
    }

    private static void CopyTo(ReadOnlySpan<long> from, double[] to)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = from[i];
        }
    }

    private static unsafe SessionHandle CreateSession(ReadOnlySpan<byte> model, int intraOpThreads)
    {
        OrtEnvironment environment = OrtEnvironment.Instance;
        OrtApi api = environment.Api;
        IntPtr options;
        api.Check(api.CreateSessionOptions(&options));
        try
        {
            api.Check(api.SetSessionLogSeverityLevel(options, OrtApi.LogFatal));
            api.Check(api.SetSessionGraphOptimizationLevel(options, OrtApi.OptimizeAll));
            api.Check(api.SetIntraOpNumThreads(options, intraOpThreads));
            api.Check(api.SetInterOpNumThreads(options, 1));
            IntPtr session;
            fixed (byte* bytes = model)
            {
                api.Check(api.CreateSessionFromArray(environment.Handle, bytes, (nuint)model.Length, options, &session));
            }

            return new SessionHandle(session);
        }
        finally
        {
            api.ReleaseSessionOptions(options);
        }
    }

    private static unsafe OnnxPort[] ReadPorts(SessionHandle handle, bool inputs)
    {
        OrtEnvironment environment = OrtEnvironment.Instance;
        OrtApi api = environment.Api;
        IntPtr session = handle.DangerousGetHandle(); // owned by the constructor that calls: nobody else can dispose it yet
        nuint count;
        api.Check(inputs ? api.SessionGetInputCount(session, &count) : api.SessionGetOutputCount(session, &count));
        var ports = new OnnxPort[checked((int)count)];
        for (int i = 0; i < ports.Length; i++)
        {
            byte* text;
            api.Check(inputs
                ? api.SessionGetInputName(session, (nuint)i, environment.Allocator, &text)
                : api.SessionGetOutputName(session, (nuint)i, environment.Allocator, &text));
            string name = Marshal.PtrToStringUTF8((IntPtr)text) ?? "";
            api.Check(api.AllocatorFree(environment.Allocator, text));

            IntPtr type;
            api.Check(inputs ? api.SessionGetInputTypeInfo(session, (nuint)i, &type) : api.SessionGetOutputTypeInfo(session, (nuint)i, &type));
            try
            {
                ports[i] = ReadPort(api, type, $"{(inputs ? "input" : "output")} '{name}'", name);
            }
            finally
            {
                api.ReleaseTypeInfo(type);
            }
        }

        return ports;
    }

    private static unsafe OnnxPort ReadPort(OrtApi api, IntPtr type, string title, string name)
    {
        int kind;
        api.Check(api.GetOnnxTypeFromTypeInfo(type, &kind));
        if (kind != OrtApi.TypeTensor)
        {
            string found = kind switch { 2 => "a sequence", 3 => "a map", 5 => "a sparse tensor", 6 => "an optional value", _ => $"of type {kind}" };
            throw new OnnxRuntimeException(
                $"The model's {title} is {found}; only tensors can be run. Export classifiers with plain probabilities (zipmap off).");
        }

        IntPtr tensor;
        api.Check(api.CastTypeInfoToTensorInfo(type, &tensor));
        (OnnxElementType elementType, long[] shape) = ReadTensorType(api, tensor);
        return new OnnxPort(name, elementType, shape);
    }

    private static unsafe (OnnxElementType Type, long[] Shape) ReadTensorType(OrtApi api, IntPtr tensorInfo)
    {
        int type;
        nuint rank;
        api.Check(api.GetTensorElementType(tensorInfo, &type));
        api.Check(api.GetDimensionsCount(tensorInfo, &rank));
        var shape = new long[checked((int)rank)];
        fixed (long* target = shape)
        {
            api.Check(api.GetDimensions(tensorInfo, target, rank));
        }

        return ((OnnxElementType)type, shape);
    }

    private void RequireRunnable()
    {
        if (Inputs.Count != 1)
        {
            throw new OnnxRuntimeException(
                $"The model has {Inputs.Count} inputs ({string.Join(", ", Inputs.Select(port => port.Name))}); exactly one can be run.");
        }

        OnnxPort input = Inputs[0];
        if (input.Shape.Count != 2 || input.ElementType is not (OnnxElementType.Double or OnnxElementType.Float))
        {
            throw new OnnxRuntimeException(
                $"The model's input '{input.Name}' is {input.ElementType} of shape {Text(input.Shape)}; "
                + "it must be Double or Float of rows × columns.");
        }

        foreach (OnnxPort output in Outputs)
        {
            if (output.ElementType is not (OnnxElementType.Double or OnnxElementType.Float or OnnxElementType.Int64))
            {
                throw new OnnxRuntimeException(
                    $"The model's output '{output.Name}' is of {output.ElementType}; outputs must be Double, Float or Int64.");
            }
        }
    }

    private void RequireShape(int length, int rowCount, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCount, 1);
        IReadOnlyList<long> declared = Inputs[0].Shape;
        if (declared[1] >= 0 && declared[1] != columns)
        {
            throw new ArgumentException($"The model takes {declared[1]} columns, the rows have {columns}.", nameof(columns));
        }

        if (declared[0] >= 0 && declared[0] != rowCount)
        {
            throw new ArgumentException($"The model takes {declared[0]} rows at once, given are {rowCount}.", nameof(rowCount));
        }

        if (length != (long)rowCount * columns)
        {
            throw new ArgumentException($"{rowCount} rows of {columns} columns are {(long)rowCount * columns} values, given are {length}.");
        }
    }

    private static string Text(IReadOnlyList<long> shape) => $"[{string.Join(" × ", shape)}]";
}
