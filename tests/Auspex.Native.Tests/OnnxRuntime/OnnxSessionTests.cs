using System.Diagnostics;
using System.Runtime.InteropServices;
using Auspex.Native.OnnxRuntime;
using static Auspex.Native.Tests.OnnxRuntime.OnnxModelWriter;

namespace Auspex.Native.Tests.OnnxRuntime;

public sealed class OnnxSessionTests
{
    private static readonly double[] Weights = [0.5, -1.25, 3, 1.0 / 3, 0.1, 1e-3];

    [Fact]
    public void Run_DoubleMatMulAndSigmoid_AgreesWithOwnComputation()
    {
        using var session = new OnnxSession(Sigmoid(OnnxModelWriter.Double));
        double[] rows = [1, 2, 3, -0.1, 0.7, 2.5];

        IReadOnlyDictionary<string, OnnxTensor> outputs = session.Run(rows, 2, 3);

        double[] scores = MatMul(rows, Weights, 2, 3, 2);
        Assert.Equal(["score", "probability"], outputs.Keys);
        Assert.Equal([2, 2], outputs["score"].Shape);
        Assert.Equal(scores, outputs["score"].Values, (a, b) => Math.Abs(a - b) <= 1e-15 * Math.Max(1, Math.Abs(a)));
        Assert.Equal(scores.Select(s => 1 / (1 + Math.Exp(-s))), outputs["probability"].Values, (a, b) => Math.Abs(a - b) <= 1e-15);
    }

    [Fact]
    public void Run_FloatModel_RoundsRowsToFloat()
    {
        using var session = new OnnxSession(Sigmoid(OnnxModelWriter.Float));
        double[] rows = [0.1, 2, 3];

        double[] scores = session.Run(rows, 1, 3)["score"].Values;

        double[] floatRows = [.. rows.Select(v => (double)(float)v)];
        double[] floatWeights = [.. Weights.Select(w => (double)(float)w)];
        Assert.Equal(MatMul(floatRows, floatWeights, 1, 3, 2), scores, (a, b) => Math.Abs(a - b) <= 1e-6 * Math.Abs(a));
        Assert.All(scores, score => Assert.Equal((float)score, score)); // a float widened, nothing more
    }

    [Fact]
    public void Run_Int64Output_IsConverted()
    {
        using var session = new OnnxSession(Model(Graph(
            [Node("ArgMax", ["x"], ["class"], IntAttribute("axis", 1), IntAttribute("keepdims", 0))],
            [],
            [Value("x", OnnxModelWriter.Double, -1, 3)],
            [Value("class", OnnxModelWriter.Int64, -1)])));

        OnnxTensor classes = session.Run([0.1, 0.7, 0.2, 9, 1, 1], 2, 3)["class"];

        Assert.Equal([1.0, 0.0], classes.Values);
        Assert.Equal([2], classes.Shape);
    }

    [Fact]
    public void Run_NaN_ComesThrough()
    {
        using var session = new OnnxSession(Model(Graph([Node("Identity", ["x"], ["y"])], [],
            [Value("x", OnnxModelWriter.Double, -1, 2)], [Value("y", OnnxModelWriter.Double, -1, 2)])));

        Assert.Equal([double.NaN, 1, 2, double.NaN], session.Run([double.NaN, 1, 2, double.NaN], 2, 2)["y"].Values);
    }

    [Fact]
    public void Ports_SigmoidModel_AreAsDeclared()
    {
        using var session = new OnnxSession(Sigmoid(OnnxModelWriter.Double));

        OnnxPort input = Assert.Single(session.Inputs);
        Assert.Equal(("x", OnnxElementType.Double), (input.Name, input.ElementType));
        Assert.Equal([-1, 3], input.Shape);
        Assert.Equal(["score", "probability"], session.Outputs.Select(port => port.Name));
        Assert.Equal([-1, 2], session.Outputs[1].Shape);
    }

    [Fact]
    public void Constructor_NoModel_IsRefused()
    {
        var garbage = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession([1, 2, 3, 4, 5, 6, 7, 8]));
        byte[] cut = Sigmoid(OnnxModelWriter.Double)[..60];
        var half = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(cut));
        var empty = Assert.Throws<ArgumentException>(() => new OnnxSession([]));

        var noGraph = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(new OnnxModelWriter().Number(1, 8).ToArray()));

        Assert.Contains("not well-formed protobuf", garbage.Message, StringComparison.Ordinal);
        Assert.Contains("not well-formed protobuf", half.Message, StringComparison.Ordinal);
        Assert.StartsWith("ONNX Runtime: ", noGraph.Message, StringComparison.Ordinal);
        Assert.Contains("has 0", empty.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("\\\\server\\share\\weights.bin")]
    [InlineData("//server/share/weights.bin")]
    [InlineData("symbolic")]
    [InlineData("hard")]
    [InlineData("weights.bin")] // a good file beside the model, of the length that is needed
    public void Constructor_ExternalDataOfAnyPath_IsRefusedBeforeAnyOpen(string location)
    {
        string folder = Directory.CreateTempSubdirectory("auspex-external-").FullName;
        string weights = Path.Combine(folder, "weights.bin");
        File.WriteAllBytes(weights, new byte[16]);
        File.CreateSymbolicLink(Path.Combine(folder, "symbolic"), weights);
        if (location == "hard")
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "hard links are made by ln");
            System.Diagnostics.Process.Start("ln", [weights, Path.Combine(folder, "hard")]).WaitForExit();
        }

        var opened = DateTime.UnixEpoch.AddDays(1);
        File.SetLastAccessTimeUtc(weights, opened);
        OnnxModelWriter tensor = new OnnxModelWriter().Number(1, 2).Number(2, OnnxModelWriter.Double).Text(8, "w")
            .Message(13, new OnnxModelWriter().Text(1, "location").Text(2, location.Length < 9 ? Path.Combine(folder, location) : location)).Number(14, 1);

        var error = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(Model(Graph(
            [Node("Add", ["x", "w"], ["y"])], [tensor], [Value("x", OnnxModelWriter.Double, -1, 2)], [Value("y", OnnxModelWriter.Double, -1, 2)]))));

        Assert.Contains("external data files", error.Message, StringComparison.Ordinal);
        Assert.Equal(opened, File.GetLastAccessTimeUtc(weights));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Constructor_ExternalData_IsRefusedWhereverItIs(bool inConstant)
    {
        OnnxModelWriter tensor = new OnnxModelWriter().Number(1, 2).Number(2, OnnxModelWriter.Double).Text(8, "w")
            .Message(13, new OnnxModelWriter().Text(1, "location").Text(2, "../weights.bin")).Number(14, 1);
        OnnxModelWriter add = Node("Add", ["x", "w"], ["y"]);
        OnnxModelWriter constant = Node("Constant", [], ["w"], new OnnxModelWriter().Text(1, "value").Message(5, tensor).Number(20, 4));

        var error = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(Model(Graph(
            inConstant ? [constant, add] : [add], inConstant ? [] : [tensor],
            [Value("x", OnnxModelWriter.Double, -1, 2)], [Value("y", OnnxModelWriter.Double, -1, 2)]))));

        Assert.Contains("external data files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_ModelTooLarge_IsRefusedUnread()
    {
        byte one = 8; // the span claims more than there is: reading past the first byte would crash
        var error = Assert.Throws<ArgumentException>(
            () => new OnnxSession(MemoryMarshal.CreateReadOnlySpan(ref one, OnnxSession.MaxModelBytes + 1)));

        Assert.Contains("has 2000000001", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_SequenceOutput_IsRefusedByName()
    {
        var error = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(Model(Graph(
            [Node("SplitToSequence", ["x"], ["parts"])],
            [],
            [Value("x", OnnxModelWriter.Double, -1, 2)],
            [SequenceValue("parts", OnnxModelWriter.Double)]))));

        Assert.Contains("output 'parts' is a sequence", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OnnxModelWriter.Int64, new long[] { -1, 2 }, "input 'x' is Int64 of shape [-1 × 2]")]
    [InlineData(OnnxModelWriter.Double, new long[] { -1, 5, 2 }, "input 'x' is Double of shape [-1 × 5 × 2]")]
    public void Constructor_InputOfOtherForm_SaysItsForm(int type, long[] shape, string expected)
    {
        var error = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(
            Model(Graph([Node("Identity", ["x"], ["y"])], [], [Value("x", type, shape)], [Value("y", type, shape)]))));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_TwoInputsOrBooleanOutput_IsRefused()
    {
        var inputs = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(Model(Graph([Node("Add", ["x", "z"], ["y"])], [],
            [Value("x", OnnxModelWriter.Double, -1, 2), Value("z", OnnxModelWriter.Double, -1, 2)], [Value("y", OnnxModelWriter.Double, -1, 2)]))));
        var output = Assert.Throws<OnnxRuntimeException>(() => new OnnxSession(Model(Graph([Node("IsNaN", ["x"], ["y"])], [],
            [Value("x", OnnxModelWriter.Double, -1, 2)], [Value("y", OnnxModelWriter.Bool, -1, 2)]))));

        Assert.Contains("2 inputs (x, z)", inputs.Message, StringComparison.Ordinal);
        Assert.Contains("output 'y' is of Boolean", output.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WrongShape_SaysBothNumbers()
    {
        using var session = new OnnxSession(Sigmoid(OnnxModelWriter.Double));
        using var oneRow = new OnnxSession(Model(Graph([Node("Identity", ["x"], ["y"])], [],
            [Value("x", OnnxModelWriter.Double, 1, 2)], [Value("y", OnnxModelWriter.Double, 1, 2)])));

        var columns = Assert.Throws<ArgumentException>(() => session.Run(new double[4], 1, 4));
        var length = Assert.Throws<ArgumentException>(() => session.Run(new double[5], 2, 3));
        var rows = Assert.Throws<ArgumentException>(() => oneRow.Run(new double[4], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.Run([], 0, 3));

        Assert.Contains("takes 3 columns, the rows have 4", columns.Message, StringComparison.Ordinal);
        Assert.Contains("are 6 values, given are 5", length.Message, StringComparison.Ordinal);
        Assert.Contains("takes 1 rows at once, given are 2", rows.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ModelFails_OnnxRuntimesMessageIsThrown()
    {
        // The model leaves its columns open but multiplies by 3 × 2: only ONNX Runtime can see that 4 columns do not fit.
        using var session = new OnnxSession(Model(Graph(
            [Node("MatMul", ["x", "w"], ["y"])],
            [Tensor("w", OnnxModelWriter.Double, MemoryMarshal.AsBytes<double>(Weights), 3, 2)],
            [Value("x", OnnxModelWriter.Double, -1, -1)],
            [Value("y", OnnxModelWriter.Double, -1, 2)])));

        Assert.Contains("MatMul", Assert.Throws<OnnxRuntimeException>(() => session.Run(new double[4], 1, 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RunCancellable_TokenCancelledBefore_DoesNotRun()
    {
        using var session = new OnnxSession(Sigmoid(OnnxModelWriter.Double));

        Assert.Throws<OperationCanceledException>(() => session.RunCancellable(new double[3], 1, 3, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void RunCancellable_TokenCancelledDuring_IsAbandonedAndSessionLives()
    {
        // Alone this loop of 10⁹ turns takes minutes.
        using var session = new OnnxSession(Loop());
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        long start = Stopwatch.GetTimestamp();

        var error = Assert.Throws<OperationCanceledException>(() => session.RunCancellable([1e9, 1], 1, 2, source.Token));

        Assert.Equal(source.Token, error.CancellationToken);
        Assert.IsType<OnnxRuntimeException>(error.InnerException);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
        using var unused = new CancellationTokenSource();
        Assert.Equal([7.0, 3.5], session.RunCancellable([7, 0.5], 1, 2, unused.Token)["total"].Values); // 7 turns of adding (1, 0.5)
    }

    [Fact]
    public async Task Dispose_DuringRuns_RunsEndAndLaterOnesAreRefused()
    {
        var session = new OnnxSession(Loop());
        using var started = new CountdownEvent(2);
        Task<double[]>[] runs = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            started.Signal();
            return session.Run([300_000, 0.5], 1, 2)["total"].Values;
        }))];
        started.Wait(TestContext.Current.CancellationToken);
        SpinWait.SpinUntil(() => false, TimeSpan.FromMilliseconds(20)); // into the loop, which takes longer

        session.Dispose();

        Assert.False(runs.All(run => run.IsCompleted), "the runs ended before the session was disposed: the test shows nothing");
        double[][] totals = await Task.WhenAll(runs);
        Assert.All(totals, total => Assert.Equal([300_000.0, 150_000.0], total));
        Assert.Throws<ObjectDisposedException>(() => session.Run([1, 1], 1, 2));
    }

    [Fact]
    public async Task Run_FromManyThreads_GivesTheSame()
    {
        using var session = new OnnxSession(Sigmoid(OnnxModelWriter.Double));
        var random = new Random(3);
        double[] rows = [.. Enumerable.Range(0, 3_000).Select(_ => random.NextDouble())];
        double[] expected = session.Run(rows, 1_000, 3)["probability"].Values;

        double[][] found = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 50).Select(_ => session.Run(rows, 1_000, 3)["probability"].Values).Last())));

        Assert.All(found, values => Assert.Equal(expected, values));
    }

    /// <summary>score = x · w (3 × 2), probability = sigmoid(score).</summary>
    private static byte[] Sigmoid(int type)
    {
        byte[] weights = type == OnnxModelWriter.Double
            ? MemoryMarshal.AsBytes<double>(Weights).ToArray()
            : MemoryMarshal.AsBytes<float>(Weights.Select(w => (float)w).ToArray()).ToArray();
        return Model(Graph(
            [Node("MatMul", ["x", "w"], ["score"]), Node("Sigmoid", ["score"], ["probability"])],
            [Tensor("w", type, weights, 3, 2)],
            [Value("x", type, -1, 3)],
            [Value("score", type, -1, 2), Value("probability", type, -1, 2)]));
    }

    /// <summary>For x = (n, s): total = n turns of adding (1, s), as a loop of the graph.</summary>
    private static byte[] Loop()
    {
        byte[] ends = MemoryMarshal.AsBytes<long>(new long[] { 0, 1, 1, 2 }).ToArray();
        OnnxModelWriter body = Graph(
            [Node("Identity", ["condition"], ["goOn"]), Node("Add", ["before", "step"], ["after"])],
            [],
            [Value("turn", OnnxModelWriter.Int64), Value("condition", OnnxModelWriter.Bool), Value("before", OnnxModelWriter.Double, 1, 2)],
            [Value("goOn", OnnxModelWriter.Bool), Value("after", OnnxModelWriter.Double, 1, 2)]);
        return Model(Graph(
            [
                Node("Slice", ["x", "zero", "one", "axis"], ["first"]),
                Node("Cast", ["first"], ["turns2d"], IntAttribute("to", OnnxModelWriter.Int64)),
                Node("Reshape", ["turns2d", "one"], ["turns"]),
                Node("Slice", ["x", "one", "two", "axis"], ["second"]),
                Node("Concat", ["oneStep", "second"], ["step"], IntAttribute("axis", 1)),
                Node("Loop", ["turns", "", "start"], ["total"], GraphAttribute("body", body)),
            ],
            [
                Tensor("zero", OnnxModelWriter.Int64, ends.AsSpan(0, 8), 1),
                Tensor("one", OnnxModelWriter.Int64, ends.AsSpan(8, 8), 1),
                Tensor("axis", OnnxModelWriter.Int64, ends.AsSpan(16, 8), 1),
                Tensor("two", OnnxModelWriter.Int64, ends.AsSpan(24, 8), 1),
                Tensor("oneStep", OnnxModelWriter.Double, BitConverter.GetBytes(1.0), 1, 1),
                Tensor("start", OnnxModelWriter.Double, new byte[16], 1, 2),
            ],
            [Value("x", OnnxModelWriter.Double, 1, 2)],
            [Value("total", OnnxModelWriter.Double, 1, 2)]));
    }

    private static OnnxModelWriter SequenceValue(string name, int type) => new OnnxModelWriter()
        .Text(1, name)
        .Message(2, new OnnxModelWriter().Message(4, new OnnxModelWriter()
            .Message(1, new OnnxModelWriter().Message(1, new OnnxModelWriter().Number(1, type)))));

    private static double[] MatMul(double[] a, double[] b, int rows, int inner, int columns)
    {
        var product = new double[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                for (int i = 0; i < inner; i++)
                {
                    product[(row * columns) + column] += a[(row * inner) + i] * b[(i * columns) + column];
                }
            }
        }

        return product;
    }
}
