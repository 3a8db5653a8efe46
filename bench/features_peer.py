"""The peer of bench/features.sh: FOLDER ASSETS LEAST, with our figures on standard input. pandas works the same windows out, by groupby and rolling over
time, and is held against our values and our time; exits with 1 where a value differs or we are not LEAST times as fast.

A window is (t - length, t] of event time, which is what pandas' rolling over a length of time means as well: no value is left out of the comparison.
pandas has no rolling slope; it is made of the rolling count and sums that least squares needs. Times are whole seconds after an asset's first frame and
values multiples of 1/1024, so that those sums are exact: of other numbers pandas' running sums keep seven digits of a slope."""
import sys
import time

import numpy as np
import pandas as pd

folder, assets, least = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
tolerance = 1e-9  # of the largest absolute value in the window

frames = pd.DataFrame({"time": np.load(f"{folder}/times.npy"), "x": np.load(f"{folder}/values.npy")})
frames["asset"] = np.repeat(np.arange(assets), len(frames) // assets)
frames.index = pd.to_datetime(frames["time"], unit="ms")
frames["t"] = ((frames["time"] - frames.groupby("asset")["time"].transform("first")) / 1000).where(frames["x"].notna())
frames["tt"], frames["tx"], frames["size"] = frames["t"] * frames["t"], frames["t"] * frames["x"], frames["x"].abs()


def rolled(column, window, statistic):
    return getattr(frames.groupby("asset")[column].rolling(window), statistic)().to_numpy()


def slope(window):
    n, t, x, tt, tx = (rolled(*what) for what in (("x", window, "count"), *((column, window, "sum") for column in ("t", "x", "tt", "tx"))))
    with np.errstate(invalid="ignore"):  # 0 / 0 where there is one sample
        return 3600 * (n * tx - t * x) / (n * tt - t * t)


def timed(window, statistic):
    seconds = np.inf
    for _ in range(2):
        started = time.process_time()
        found = slope(window) if statistic == "slope" else rolled("x", window, statistic)
        seconds = min(seconds, time.process_time() - started)
    return found, seconds * 1e9 / len(frames)


ours = np.load(f"{folder}/features.npy", mmap_mode="r")
figures = {name: (int(columns), float(live), float(batch), allocated) for name, columns, live, batch, allocated in (line.split() for line in sys.stdin)}
_, live, batch, _ = figures.pop("together")
_, *whole = figures.pop("default")
print(f"nanoseconds of processor time a value, {len(frames)} rows of {assets} assets; ours as one of the {len(figures)} and, in brackets, asked for alone")
print(f"{'feature':<22}{'live':>6}{'':9}{'batch':>6}{'':9}{'pandas':>8}   {'pandas / live':<16}largest difference")
failed, ratios = [], []
for column, (name, (_, live_alone, batch_alone, _)) in enumerate(figures.items()):
    _, _, window, statistic = name.split("_")
    found, theirs = timed(window, statistic)
    apart = np.isnan(ours[:, column]) != np.isnan(found)
    difference = np.nanmax(np.abs(ours[:, column] - found) / rolled("size", window, "max"))
    ratios.append(theirs / live)
    print(f"{name:<22}{live:>6.1f} ({live_alone:>5.1f}) {batch:>6.1f} ({batch_alone:>5.1f}) {theirs:>8.1f}   "
          f"{ratios[-1]:>6.1f} ({theirs / live_alone:>5.1f})  {difference:.1e}", flush=True)
    if apart.any():
        failed.append(f"{name} is missing on one side only in {np.count_nonzero(apart)} rows")
    if not difference <= tolerance:
        failed.append(f"{name} differs by {difference:.1e} of the largest value in the window, above {tolerance:g}")
    if ratios[-1] < least:
        failed.append(f"{name} is {ratios[-1]:.1f} times as fast as pandas, below {least:g}")
print(f"default failure model, with lags and running age: live {whole[0]:.1f}, batch {whole[1]:.1f}; {whole[2]} bytes allocated a row live")
print(f"least ratio {min(ratios):.1f}; floor {least:g}")
for line in failed:
    print(f"features: {line}", file=sys.stderr)
sys.exit(1 if failed else 0)
