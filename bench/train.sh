#!/usr/bin/env bash
# LightGBM as Auspex drives it against XGBoost and scikit-learn on the same rows, leaves, trees and rate: ./dev bench train [TREES]
set -euo pipefail
trees=${1:-100} threads=$(getconf _NPROCESSORS_ONLN) python=${AUSPEX_PYTHON:-/usr/bin/python3}
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench train}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
peers=()
for peer in xgboost sklearn; do "$python" -c "import $peer" 2>/dev/null && peers+=("$peer") || echo "train: $python has no $peer: left out" >&2; done
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
for size in "1000000 28" "200000 50"; do
  read -r rows columns <<<"$size"
  echo "== $rows rows x $columns columns, $trees trees of 31 leaves, $threads threads"
  "$bench" train-rows "$out" "$rows" "$columns"
  {
    "$bench" train-run "$out" "$rows" "$columns" "$trees" "$threads"
    for peer in ${peers[@]+"${peers[@]}"}; do
      OMP_NUM_THREADS=$threads "$python" "$(dirname "$0")/train.py" "$out" "$trees" "$threads" "$peer"
    done
  } | tee "$out/figures"
  # Time and memory against our own: above 1 means that the peer takes more.
  awk '{for (i = 1; i <= NF; i++) {split($i, pair, "="); f[pair[1]] = pair[2]}
        seconds = f["bin_seconds"] + f["train_seconds"]
        if (NR == 1) {ours = seconds; memory = f["peak_mib"]}
        else printf "%s against auspex: %.2f x the time, %.2f x the memory\n", f["trainer"], seconds / ours, f["peak_mib"] / memory}' "$out/figures"
done
