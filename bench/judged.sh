#!/usr/bin/env bash
# A process appends frames while the live line judges them, and is killed (SIGKILL) at random moments; every stored frame must have its one prediction, as without kills:
# ./dev bench judged [KILLS [SEED]]
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench judged}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
out=$(mktemp -d -p "${AUSPEX_BENCH_FOLDER:-$PWD}" .bench-judged.XXXXXX); trap 'rm -rf "$out"' EXIT
"$bench" judged "$out" "${1:-100}" "${2:-1}"
