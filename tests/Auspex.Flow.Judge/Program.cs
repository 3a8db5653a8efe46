using System.Globalization;
using Auspex.Flow.Tests;

// Appends and judges until it is killed: folder, seed.
await JudgeTrials.RunUntilKilledAsync(args[0], int.Parse(args[1], CultureInfo.InvariantCulture));
