#!/usr/bin/env bash
# Ten million damaged model files through both parsers; fails on a crash, 100 ms or 64 MiB: ./dev bench fuzz [COUNT [SEED]]
set -euo pipefail
bench=$(cd "$(dirname "${AUSPEX_EXECUTABLE:?run it as ./dev bench fuzz}")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench
# The smallest of the fixtures, so that most of the time goes into damage that matters.
"$bench" fuzz "${1:-10000000}" "${2:-1}" "$(dirname "$0")/../tests/Auspex.Models.Tests/Fixtures/forest.txt"
