#!/usr/bin/env bash
# Models of 1,000 organizations: what one costs beside an ONNX Runtime session, how often it is in memory, swaps under load, and whether memory grows:
#   ./dev bench models [MINUTES]     the last part for MINUTES, default 1; the long run is 30
set -euo pipefail
auspex=${AUSPEX_EXECUTABLE:?run it as ./dev bench models}
"$(cd "$(dirname "$auspex")/../.." && pwd)/Auspex.Bench/release/Auspex.Bench" models "${1:-1}"
