#!/usr/bin/env bash
# Trains and judges the public reference sets with the defaults, and prints the figures beside a peer's: ./dev bench reference [NAME …]
# NAME: azure, cmapss, cmapss-budget, cmapss-ageless, ai4i, cnc; all of them by default. SEEDS (default "1 2 3 4 5") are those of cmapss.
set -euo pipefail
[ -n "${AUSPEX_REFERENCE_DATA:-}" ] || { echo "reference: AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine" >&2; exit 1; }
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
auspex=${AUSPEX_EXECUTABLE:?run it as ./dev bench reference}
python=/usr/bin/python3
"$python" -c 'import xgboost, sklearn' 2>/dev/null || { echo "reference: missing python3-xgboost and python3-sklearn: apt-get install -y python3-xgboost python3-sklearn" >&2; exit 1; }
seeds=${SEEDS:-1 2 3 4 5}
# Threads that wait sleep, for the peer as for us: spinning ones starve each other where cores are shared.
export OMP_WAIT_POLICY=passive

azure() {
  "$auspex" train --data samples/datasets/azure-pdm.json --root "$AUSPEX_REFERENCE_DATA" --task failure --horizon 24h --out "$out/azure" --runs "$out/runs" --report "$out/azure.json" 2>/dev/null
  "$auspex" inspect --model "$out/azure" | grep -E '^(threshold|trees|parity)'
  "$python" - "$out/azure.json" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
for baseline in report["baselines"]:
    fleet = baseline["fleet"]
    print(f"baseline   {baseline['name']}: {fleet['caught']} of {fleet['failures']} caught, {fleet['falseAlerts']} false, cost {baseline['cost']:g} ({baseline['rule']})")
print(f"cost       {report['events']['cost']:g} of the model")
PY
}

# life NAME BUDGET AGE: five seeds beside XGBoost on the same rows, features and folds.
life() {
  local description=$out/$1-$3.json
  "$python" - "samples/datasets/$1.json" "$3" >"$description" <<'PY'
import json, sys
description = json.load(open(sys.argv[1]))
del description["$schema"]
if sys.argv[2] == "ageless":
    description["features"] = {**description.get("features", {}), "runningAge": False}
print(json.dumps(description))
PY
  for seed in $seeds; do
    rm -rf "$out/model" "$out/rows"
    "$auspex" train --data "$description" --root "$AUSPEX_REFERENCE_DATA" --task rul --live-budget "$2" --seed "$seed" \
      --out "$out/model" --runs "$out/runs" --export "$out/rows" --report "$out/report.json" >/dev/null 2>&1
    "$python" bench/life_peer.py "$out/rows" "$seed" 2>/dev/null
    "$python" - "$out/report.json" <<'PY'
import json, sys
m = json.load(open(sys.argv[1]))["metrics"]
o = m["outOfFold"]
third = ["Low", "Middle", "High"]
print(json.dumps({"who": "terciles", **{f"oofCoverage90{t}": c for t, c in zip(third, o["coverage90ByTercile"])}, **{f"oofMeanWidth90{t}": w for t, w in zip(third, o["meanWidth90ByTercile"])}}))
print(json.dumps({"who": "intervals", "oofCoverage90": o["coverage90"], "oofMeanWidth90": o["meanWidth90"], "testCoverage90": m["coverage90"], "testMeanWidth90": m["meanWidth90"]}))
PY
  done | "$python" bench/mean_figures.py
}

run() {
  case "$1" in
    azure) echo "== azure-pdm"; azure ;;
    cmapss) for set in cmapss-fd001 cmapss-fd003; do echo "== $set, no live budget"; life "$set" off aged; done ;;
    cmapss-budget) for set in cmapss-fd001 cmapss-fd003; do echo "== $set, inside the live budget of 500 trees"; life "$set" 500 aged; done ;;
    cmapss-ageless) for set in cmapss-fd001 cmapss-fd003; do echo "== $set, no live budget, without running age"; life "$set" off ageless; done ;;
    ai4i)
      echo "== ai4i2020, 5 x 5 folds of whole tools"
      "$auspex" cross-validate --data samples/datasets/ai4i2020.json --root "$AUSPEX_REFERENCE_DATA" --task failure --folds 5 --rounds 5 --seed 101 \
        --live-budget off --export "$out/ai4i" 2>/dev/null
      "$python" bench/condition_peer.py "$out/ai4i" ;;
    cnc)
      echo "== cnc-mill, one experiment left out in turn"
      "$auspex" cross-validate --data samples/datasets/cnc-mill.json --root "$AUSPEX_REFERENCE_DATA" --task failure --folds 0 --live-budget off 2>/dev/null ;;
    *) echo "reference: no set named $1" >&2; exit 2 ;;
  esac
}

[ $# -gt 0 ] || set -- azure cmapss cmapss-ageless cmapss-budget ai4i cnc
for name in "$@"; do
  start=$SECONDS
  run "$name"
  echo "took $((SECONDS - start)) s"
done
