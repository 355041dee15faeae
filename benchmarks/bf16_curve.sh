#!/bin/bash
# Training curves in float32 and in bf16: the same nano model on the same windows, and float32 with
# other seeds for what noise is. Mode frame, so that the network does all of the prediction.
#   benchmarks/bf16_curve.sh [STEPS] [SEEDS]       default: 2000 steps, 3 seeds
# Prints the loss as a mean over each tenth of the steps, and the validation's NRMSE one step ahead.
# THREADS in the environment changes their number (1).
set -euo pipefail
cd "$(dirname "$0")/.."
steps=${1:-2000} seeds=${2:-3} threads=${THREADS:-1}
cmake -S . -B build -G Ninja >/dev/null
cmake --build build --target mpp >/dev/null
mpp=$PWD/build/mpp
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$mpp" generate swe -n 24 --resolution 32 --frames 40 --seed 1 -q -o swe.h5 >/dev/null
"$mpp" generate diffusion-reaction -n 24 --resolution 32 --frames 40 --horizon 2 --seed 2 -q -o dr.h5 >/dev/null

# train NAME SEED PRECISION
train() {
  "$mpp" pretrain --size nano --mode frame --context 8 --batch 4 --data swe.h5 --data dr.h5 --seed "$2" \
    --precision "$3" --steps "$steps" --validate-every "$steps" --validate-windows 16 --horizons 1 \
    --checkpoint-every 0 --threads "$threads" -q -o "$1" >/dev/null
}
for seed in $(seq "$seeds"); do
  for precision in float32 bf16; do train "$precision-$seed" "$seed" $precision; done
done
/usr/bin/python3 - "$steps" "$seeds" <<'PY'
import json, sys
steps, seeds = int(sys.argv[1]), int(sys.argv[2])
print("seed  precision  loss over tenths of the steps" + " " * 61 + "NRMSE")
for seed in range(1, seeds + 1):
    for precision in "float32", "bf16":
        lines = [json.loads(l) for l in open(f"{precision}-{seed}/metrics.jsonl")]
        loss = [l["loss"] for l in lines if "loss" in l]
        tenth = len(loss) // 10
        means = [sum(loss[i * tenth:(i + 1) * tenth]) / tenth for i in range(10)]
        sets = [l["validation"] for l in lines if "validation" in l][-1]["datasets"]
        scores = [x for s in sets for field in s["model"]["nrmse"] for x in field]
        score = sum(scores) / len(scores)
        print(f"{seed:4d}  {precision:9s}  " + " ".join(f"{m:8.5f}" for m in means) + f"  {score:.4f}")
PY
