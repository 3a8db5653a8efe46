using System.Globalization;
using System.Text;
using Auspex.Simulation;
using Auspex.Simulation.Furnace;

namespace Auspex.Cli.Tests;

/// <summary>Two small data sets on disk and room beside them: a simulated plant, and engines that ran to failure.</summary>
public sealed class Plant : IDisposable
{
    private const int TrainEngines = 8;
    private const int TestEngines = 4;

    public Plant()
    {
        SimulatedPlant plant = FurnacePlant.Generate(new FurnacePlantOptions
        {
            Furnaces = 5,
            Duration = TimeSpan.FromDays(24),
            SamplingPeriod = TimeSpan.FromMinutes(30),
            MedianLife = TimeSpan.FromDays(4),
            PreventiveInterval = TimeSpan.FromDays(8),
        });
        Failures = PlantFiles.Write(plant, Path.Combine(Folder, "plant"));
        Rows = plant.Assets.Sum(asset => asset.Count);
        Lives = WriteEngines(Path.Combine(Folder, "engines"));
    }

    /// <summary>Everything lies in here.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("auspex-cli-").FullName;

    /// <summary>Description of the plant, for failures.</summary>
    public string Failures { get; }

    /// <summary>Frames of the plant.</summary>
    public int Rows { get; }

    /// <summary>Description of the engines, for remaining useful life.</summary>
    public string Lives { get; }

    /// <summary>A new empty folder.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Folder, Guid.NewGuid().ToString("N"))).FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Copies a package or data set so that a test may damage it.</summary>
    public string Copy(string folder)
    {
        string copy = NewFolder();
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    // Wear grows with the square of the age; two signals see it through a ripple that stands for noise.
    private static string WriteEngines(string folder)
    {
        Directory.CreateDirectory(folder);
        var train = new StringBuilder();
        var test = new StringBuilder();
        var lives = new StringBuilder();
        for (int engine = 1; engine <= TrainEngines + TestEngines; engine++)
        {
            bool isTest = engine > TrainEngines;
            int life = 40 + (engine * 11 % 30);
            int seen = isTest ? life * (engine % 4 + 5) / 10 : life;
            for (int cycle = 1; cycle <= seen; cycle++)
            {
                double wear = Math.Pow((double)cycle / life, 2);
                (isTest ? test : train).Append(CultureInfo.InvariantCulture,
                    $"{(isTest ? engine - TrainEngines : engine)} {cycle} {640 + (10 * wear) + Math.Sin(cycle * engine):0.###} {553 - (6 * wear) + Math.Cos(cycle * 3 * engine):0.###}\n");
            }

            if (isTest)
            {
                lives.Append(CultureInfo.InvariantCulture, $"{life - seen}\n");
            }
        }

        File.WriteAllText(Path.Combine(folder, "train.txt"), train.ToString());
        File.WriteAllText(Path.Combine(folder, "test.txt"), test.ToString());
        File.WriteAllText(Path.Combine(folder, "lives.txt"), lives.ToString());
        string description = Path.Combine(folder, "engines.json");
        File.WriteAllText(description, """
            {
              "name": "engines",
              "frames": [
                { "file": "train.txt", "separator": " ", "columns": ["unit", "cycle", "t24", "p30"],
                  "asset": { "column": "unit", "prefix": "train-" },
                  "time": { "counter": "cycle", "period": "1h", "periodName": "cycle" }, "part": "train", "endsInFailure": true },
                { "file": "test.txt", "separator": " ", "columns": ["unit", "cycle", "t24", "p30"],
                  "asset": { "column": "unit", "prefix": "test-" },
                  "time": { "counter": "cycle", "period": "1h", "periodName": "cycle" }, "part": "test" }
              ],
              "signals": [{ "name": "t24", "unit": "°R" }, { "name": "p30", "unit": "psia" }],
              "remainingUsefulLife": [{ "file": "lives.txt", "frames": "test.txt" }],
              "features": { "lags": [], "windows": ["5h", "15h"] }
            }
            """);
        return description;
    }
}
