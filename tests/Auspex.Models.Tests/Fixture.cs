using System.Globalization;
using Auspex.Models.Trees;

namespace Auspex.Models.Tests;

/// <summary>A model that LightGBM trained, and what LightGBM says of some rows.</summary>
internal static class Fixture
{
    public static readonly string[] Names = ["binary", "life", "classes", "forest"];

    public static string Text(string name)
    {
        using Stream stream = typeof(Fixture).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    public static LightGbmModel Model(string name) => LightGbmModelText.Parse(Text(name + ".txt"));

    /// <summary>Rows and LightGBM's raw scores of them.</summary>
    public static IReadOnlyList<(double[] Row, double[] Scores)> Rows(string name) => Halves(name + ".csv");

    /// <summary>Rows and LightGBM's contributions: of each target, one value a feature and then the expected value.</summary>
    public static IReadOnlyList<(double[] Row, double[] Contributions)> Contributions(string name) => Halves(name + "-contributions.csv");

    private static IReadOnlyList<(double[] Row, double[] Values)> Halves(string file) =>
    [
        .. Text(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(';'))
            .Select(halves => (Numbers(halves[0]), Numbers(halves[1]))),
    ];

    private static double[] Numbers(string list) => [.. list.Split(',').Select(cell => double.Parse(cell, CultureInfo.InvariantCulture))];
}
