#!/usr/bin/env bash
# Our scorer against ONNX Runtime on a random model and on packages, by default the one that `auspex demo` trains: ./dev bench score [PACKAGE …]
set -euo pipefail
auspex=${AUSPEX_EXECUTABLE:?run it as ./dev bench score}
bench=$(cd "$(dirname "$auspex")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
if [ $# -eq 0 ]; then
  out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
  "$auspex" demo --out "$out/demo" >/dev/null 2>&1
  set -- "$(dirname "$(find "$out/demo" -name manifest.json | head -n 1)")"
fi
"$bench" score "$@"
