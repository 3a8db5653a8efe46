#!/usr/bin/env bash
# Telemetry: appends (every answer after an fsync), bulk reads, bytes a value on public data, the simulated furnace and noise, and, where AUSPEX_TEST_POSTGRESQL is
# set, 32 writers against PostgreSQL's own single-row commits; then a million assets. VictoriaMetrics and InfluxDB stand beside where they are installed
# (apt-get install victoria-metrics influxdb): ./dev bench storage [SECONDS [SECONDS OF A MILLION ASSETS [segments]]]; "segments" leaves out the ways not chosen
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench storage}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
out=$(mktemp -d -p "${AUSPEX_BENCH_FOLDER:-$PWD}" .bench-storage.XXXXXX); trap 'rm -rf "$out"' EXIT
"$bench" storage "$out" "${1:-10}"
"$bench" million-assets "$out" "${2:-30}" "${3:-all}"
