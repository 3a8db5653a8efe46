using System.Globalization;
using Auspex.Storage.Appender;

// Appends until it is killed: folder, first number, seed.
await KillTrials.AppendAsync(args[0], long.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
