#!/usr/bin/env bash
# The 15 window features of default use over 1,000 assets x 1,000 frames against pandas: equal within 1e-9 and at least 10 times as fast each; then ten
# million updates of one asset against a recomputation: ./dev bench features [ASSETS FRAMES]
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench features}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
python=${AUSPEX_PYTHON:-/usr/bin/python3}
"$python" -c 'import pandas' 2>/dev/null || { echo "features: missing python3-pandas: apt-get install -y python3-pandas" >&2; exit 1; }
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
"$bench" features "$out" "${1:-1000}" "${2:-1000}" >"$out/figures"
"$python" "$(dirname "$0")/features_peer.py" "$out" "${1:-1000}" 10 <"$out/figures"
"$bench" features-long 10000000
