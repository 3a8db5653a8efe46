#!/usr/bin/env bash
# The HTTP API: an authenticated read and a write of frames under wrk, beside a bare Kestrel JSON endpoint in the same run; then every list route with 10,000
# assets, a million events and 100 organizations while frames flow: ./dev bench api [SECONDS]
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench api}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
out=$(mktemp -d -p "${AUSPEX_BENCH_FOLDER:-$PWD}" .bench-api.XXXXXX); trap 'rm -rf "$out"' EXIT
# Its own log goes where a service's would: out of the way, but written.
"$bench" api "$out" "${1:-10}" 2>"$out/log" || { grep -v '^{' "$out/log" | tail -n 20 >&2; exit 1; }
