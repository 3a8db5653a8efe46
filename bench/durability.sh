#!/usr/bin/env bash
# A process appends and packs frames and is killed (SIGKILL) at random moments; every acknowledged frame must be there once. On SQLite, and on PostgreSQL too where
# AUSPEX_TEST_POSTGRESQL is set: ./dev bench durability [KILLS [SEED [KILLS OVER POSTGRESQL]]]
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench durability}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
out=$(mktemp -d -p "${AUSPEX_BENCH_FOLDER:-$PWD}" .bench-durability.XXXXXX); trap 'rm -rf "$out"' EXIT
"$bench" durability "$out" "${1:-1000}" "${2:-1}" "${3:-100}"
