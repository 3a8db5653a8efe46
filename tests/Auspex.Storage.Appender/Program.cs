using System.Globalization;
using Auspex.Storage.Appender;
using Auspex.Storage.Db;

// Appends until it is killed: dialect, first number, seed.
await KillTrials.AppendAsync(Enum.Parse<Dialect>(args[0]), long.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture));
