#!/usr/bin/env bash
# Lockstep beside the reference Python library's generate, interleaved, three runs each, on the same rows: medians and
# their ratio of generated tokens per second.
#
#   benchmarks/peers/compare.sh MODEL_DIR [ROWS=64] [NEW_TOKENS=64] [DTYPE=fp32]
#
# PYTHON names an interpreter with torch and transformers (default: python3).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
model=$1
rows=${2:-64}
new_tokens=${3:-64}
dtype=${4:-fp32}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head -n "$rows" "$here/workload.jsonl" >"$work/rows.jsonl"
for run in 1 2 3; do
    HF_HUB_OFFLINE=1 "$python" "$here/reference_generate.py" "$model" "$work/rows.jsonl" --rows "$rows" \
        --max-new-tokens "$new_tokens" --dtype "$dtype" 2>/dev/null | tee -a "$work/reference"
    "$here/../../bin/lockstep" generate "$model" --dtype "$dtype" --input "$work/rows.jsonl" --output "$work/out.jsonl" \
        --max-new-tokens "$new_tokens" --ignore-eos --stats | tail -n 1 | tee -a "$work/lockstep"
done
"$python" - "$work" <<'END'
import json, statistics, sys
def rate(name):
    runs = [json.loads(line) for line in open(f"{sys.argv[1]}/{name}")]
    return statistics.median(r["generated_tokens"] / r["wall_s"] for r in runs)
reference, lockstep = rate("reference"), rate("lockstep")
print(f"median generated tokens/s: reference {reference:.1f}, lockstep {lockstep:.1f}, ratio {lockstep / reference:.2f}")
END
