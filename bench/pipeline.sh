#!/usr/bin/env bash
# The live line under load: frames of 20 signals over HTTP through journal, features and a package, on this machine with its load generator: ./dev bench pipeline [SECONDS [ASSETS [json|lines]]]
# PACKAGE names the package; without it one is trained with default settings on four furnace lines of three days.
set -euo pipefail
auspex=${AUSPEX_EXECUTABLE:?run it as ./dev bench pipeline}
bench=$(cd "$(dirname "$auspex")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
out=$(mktemp -d -p "${AUSPEX_BENCH_FOLDER:-$PWD}" .bench-pipeline.XXXXXX); trap 'rm -rf "$out"' EXIT
package=${PACKAGE:-}
if [ -z "$package" ]; then
  package=$out/model
  "$auspex" demo --plant furnace-line --plants 4 --days 3 --untrained --out "$out/plant" >/dev/null 2>&1
  "$auspex" train --data "$out/plant/plant/furnace-line.json" --task failure --out "$package" --runs "$out/runs" >/dev/null 2>&1
fi
"$bench" pipeline "$out" "${1:-30}" "${2:-1000}" "$package" 20 "${3:-json}" 2>"$out/log" || { grep -v '^{' "$out/log" | tail -n 20 >&2; exit 1; }
