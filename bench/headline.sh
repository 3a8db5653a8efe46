#!/usr/bin/env bash
# The furnace line: trained with default settings on the plants of seeds 1 to 20, judged on plants it has never seen: ./dev bench headline [FIRST_SEED [DAYS]]
# MODEL names a package to judge instead of training one; KEEP_MODEL where a trained one is kept.
# FIRST_SEED (default 101) begins the twenty plants that are judged; 21 are those to try things with.
set -euo pipefail
auspex=${AUSPEX_EXECUTABLE:?run it as ./dev bench headline}
python=/usr/bin/python3
first=${1:-101} days=${2:-3}
out=$(mktemp -d -p "${AUSPEX_BENCH_FOLDER:-$PWD}" .bench-headline.XXXXXX); trap 'rm -rf "$out"' EXIT
"$auspex" demo --plant furnace-line --plants 20 --seed 1 --days "$days" --untrained --out "$out/train" >/dev/null 2>&1
"$auspex" demo --plant furnace-line --plants 20 --seed "$first" --days "$days" --untrained --out "$out/judge" >/dev/null 2>&1
# Both plants as one data set: the first to learn from, the second to be judged on.
"$python" - "$out" <<'PY'
import json, sys
out = sys.argv[1]
description = json.load(open(f"{out}/train/plant/furnace-line.json"))
del description["split"]
for section in ("frames", "assetFacts", "events"):
    description[section] = [
        {**entry, "file": f"{plant}/plant/{entry['file']}", **({"part": part} if section == "frames" else {})}
        for plant, part in (("train", "train"), ("judge", "test")) for entry in description[section]]
json.dump(description, open(f"{out}/furnace-line.json", "w"))
PY
start=$SECONDS
if [ -n "${MODEL:-}" ]; then
  # A model of these settings that was trained before.
  "$auspex" evaluate --model "$MODEL" --data "$out/furnace-line.json" --root "$out" --report "$out/report.json" 2>/dev/null
  cp -r "$MODEL" "$out/model"
else
"$auspex" train --data "$out/furnace-line.json" --root "$out" --task failure --out "$out/model" --runs "$out/runs" --report "$out/report.json" 2>/dev/null
fi
echo "took       $((SECONDS - start)) s"
"$auspex" inspect --model "$out/model" | grep -E '^(threshold|trees|parity)' || true
"$python" bench/headline.py "$out/report.json" "$out/judge/truth.csv"
[ -z "${KEEP_MODEL:-}" ] || cp -r "$out/model" "$KEEP_MODEL"
