#!/usr/bin/env bash
# Trains and judges the two public reference sets with the defaults, and prints the figures: ./dev bench reference
set -euo pipefail
[ -n "${AUSPEX_REFERENCE_DATA:-}" ] || { echo "reference: AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine" >&2; exit 1; }
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
auspex=${AUSPEX_EXECUTABLE:?run it as ./dev bench reference}
run() { # NAME TASK ARGS…
  local name=$1 task=$2; shift 2
  echo "== $name"
  local start=$SECONDS
  "$auspex" train --data "samples/datasets/$name.json" --root "$AUSPEX_REFERENCE_DATA" --task "$task" --out "$out/$name" "$@" 2>/dev/null
  "$auspex" inspect --model "$out/$name" | grep -E '^(threshold|trees|parity)'
  echo "took $((SECONDS - start)) s"
}
run azure-pdm failure --horizon 24h
run cmapss-fd001 rul
