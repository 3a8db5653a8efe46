#!/usr/bin/env bash
# Ten million rows of twenty signals through default training; fails when the peak reaches 8 GiB: ./dev bench memory [ASSETS FRAMES SIGNALS]
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench memory}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
figures=$("$bench" memory "${1:-100}" "${2:-100000}" "${3:-20}")
echo "$figures"
[[ $figures =~ peak_mib=([0-9]+) ]] && ((BASH_REMATCH[1] < 8192)) || { echo "memory: the peak is not below 8192 MiB" >&2; exit 1; }
