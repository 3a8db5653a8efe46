#!/usr/bin/env bash
# Anomalies of the Skoltech benchmark, point by point, each file judged by a detector fitted on its own first 400 rows: ./dev bench skab
# The valve group, on which the defaults were chosen. --other judges the other group: a test side, read once.
set -euo pipefail
[ -n "${AUSPEX_REFERENCE_DATA:-}" ] || { echo "skab: AUSPEX_REFERENCE_DATA is not set: the public data sets are not on this machine" >&2; exit 1; }
case "${1:-}" in
  "") description=bench/skab-valve1.json ;;
  --other) description=samples/datasets/skab.json ;;
  *) echo "skab: unknown '$1'; nothing, or --other" >&2; exit 2 ;;
esac
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
auspex=${AUSPEX_EXECUTABLE:?run it as ./dev bench skab}
"$auspex" train --data "$description" --root "$AUSPEX_REFERENCE_DATA" --task anomaly --out "$out/skab" 2>/dev/null
echo "published on all groups (F1 / false alarms / missed alarms): Conv-AE 0.78 / 13.6 % / 28.0 %, T2 and Q 0.76 / 26.6 % / 24.9 %, always alarm 0.70 / 100 % / 0 %"
