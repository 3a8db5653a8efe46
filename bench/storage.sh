#!/usr/bin/env bash
# Telemetry: appends (every answer after an fsync), bulk reads, bytes a value on public data and the simulated furnace, and, where AUSPEX_TEST_POSTGRESQL is
# set, 32 writers against PostgreSQL's own single-row commits: ./dev bench storage [SECONDS]
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench storage}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
out=$(mktemp -d -p "${AUSPEX_BENCH_FOLDER:-$PWD}" .bench-storage.XXXXXX); trap 'rm -rf "$out"' EXIT
"$bench" storage "$out" "${1:-10}"
