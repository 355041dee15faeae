#!/bin/bash
# A step of a forecast beside the time that the reference solver takes for the same interval, both with
# one thread on the same grid: benchmarks/rollout_times.sh MODEL [CELLS...]        default: 64 128
# Systems and their parameters are those of the files that the model was trained on, as mpp generate
# wrote them, found where they were or in the folder DATA (examples/compare_training.sh leaves both:
# FOLDER/runs/VARIANT/final.safetensors, DATA=FOLDER/data). The least of several runs, as a table in Markdown. In
# the environment, too: STEPS (40), REPEAT (3); PREFIX goes before each command, for machines that others
# share (nice -n -20 taskset -c 0); MPP, a program to use instead of building one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/trained_systems.sh"
model=${1:?usage: benchmarks/rollout_times.sh MODEL [CELLS...]}
shift
grids=${*:-64 128}
steps=${STEPS:-40} repeat=${REPEAT:-3} prefix=${PREFIX:-}
mpp=$(program)
read_systems "$model"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# times NAME CELLS MODEL CONTEXT: milliseconds of a step, and of the solver over the same horizon
times() {
  for _ in $(seq "$repeat"); do
    # Guards and truth are no part of either; the solver starts where the forecast does.
    $prefix "$mpp" rollout --model "$3" --context "$4" --data "solver:$(stream "$1" "$2" $(($4 + steps)))" \
      --steps "$steps" --threads 1 --json --quiet --overwrite -o "$folder/out.nc" </dev/null
  done | /usr/bin/python3 -c '
import json, sys
decoder, text, runs = json.JSONDecoder(), sys.stdin.read().strip(), []
while text:
    run, end = decoder.raw_decode(text)
    runs.append(run)
    text = text[end:].strip()
print(*(1e3 * min(r[k] for r in runs) for k in ("seconds_per_step", "solver_seconds_per_step")))'
}

echo '| | cells | interval | model [ms] | window [ms] | solver [ms] | solver / model |'
echo '| --- | --- | --- | --- | --- | --- | --- |'
context=$("$mpp" info "$model" --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["context"])')
for name in "${trained[@]}"; do
  for n in $grids; do
    read -r step solver < <(times "$name" "$n" "$model" "$context")
    read -r window again < <(times "$name" "$n" window "$context")
    awk -v name="$name" -v cells="$n" -v dt="${interval[$name]}" -v m="$step" -v w="$window" -v s="$solver" \
      -v t="$again" 'BEGIN {s = t < s ? t : s
        printf "| %s | %d² | %s | %.3g | %.3g | %.3g | %.2g |\n", name, cells, dt, m, w, s, s / m}'
  done
done
