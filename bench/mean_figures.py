"""Reads lines of JSON with the same keys for the same "who", and prints mean and spread over them, and ratios of Auspex to XGBoost."""
import json, sys
import numpy as np

rows = {}
for line in sys.stdin:
    entry = json.loads(line)
    rows.setdefault(entry.pop("who"), []).append(entry)
means = {}
for who, entries in rows.items():
    figures = {key: np.array([entry[key] for entry in entries], float) for key in entries[0] if key not in ("seed", "rounds") and entries[0][key] is not None}
    means[who] = {key: values.mean() for key, values in figures.items()}
    print(f"{who:10} " + ", ".join(f"{key} {values.mean():.3f} ± {values.std(ddof=1) if len(values) > 1 else 0:.3f}" for key, values in figures.items()))
if "Auspex" in means and "XGBoost" in means:
    print("ratio      " + ", ".join(f"{key} {means['Auspex'][key] / means['XGBoost'][key]:.3f}" for key in means["Auspex"]))
