#!/bin/bash
# Long forecasts on every system that a model was trained on, from trajectories that its data does not
# hold (another seed), and what the guards saw: benchmarks/long_rollouts.sh MODEL [FOLDER]
# Systems, grids and parameters are those of the files that the model was trained on, as mpp generate
# wrote them, found where they were or in the folder DATA (examples/compare_training.sh leaves both:
# FOLDER/runs/VARIANT/final.safetensors, DATA=FOLDER/data); frames come straight from the solvers. Two tables in
# Markdown on stdout: the record of the guards, beside what they see of the reference solver from the same frames,
# and the scores: as it is, with integrals kept and fields clipped, and with the solver going on for
# eight frames wherever a guard finds something. The forecasts stay in FOLDER where one is given.
# In the environment, too: STEPS (100), SAMPLES of each system (4), THREADS (1); PREFIX goes before each
# command, for machines that others share (nice -n 5); MPP, a program to use instead of building one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/trained_systems.sh"
model=${1:?usage: benchmarks/long_rollouts.sh MODEL [FOLDER]}
model=$(realpath "$model")
steps=${STEPS:-100} samples=${SAMPLES:-4} threads=${THREADS:-1} prefix=${PREFIX:-}
mpp=$(program)
read_systems "$model"
context=$("$mpp" info "$model" --json | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["context"])')
folder=${2:-}
if [[ -z $folder ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"
cd "$folder"

# roll NAME OUTPUT OPTION...: a forecast that the guards end is no failure here; one whose corrections
# have nothing to correct (64) is left out.
roll() {
  local name=$1 output=$2 start=${first_frame[$1]:-0} code=0
  shift 2
  $prefix "$mpp" rollout --data "solver:$(stream "$name" "${cells[$name]}" $((start + context + steps)))" --start "$start" \
    --sample "0-$((samples - 1))" --steps "$steps" --threads "$threads" --context "$context" --quiet --overwrite \
    -o "$name-$output-{sample}.nc" "$@" </dev/null >/dev/null 2>log.txt || code=$?
  if [[ $code -ne 0 && $code -ne 3 && ! ($code -eq 64 && $output == corrected) ]]; then
    cat log.txt >&2
    exit $code
  fi
}

for name in "${trained[@]}"; do
  roll "$name" model --model "$model"
  roll "$name" corrected --model "$model" --conserve all --positive all
  roll "$name" relieved --model "$model" --on-violation solver
  # What the reference solver itself does from the same frames: a guard that refuses the first
  # prediction hands over to it for good.
  roll "$name" solver --model window:persistence --max-growth 1e-30 --on-violation solver --solver-steps "$steps"
  for output in model corrected relieved; do
    if compgen -G "$name-$output-*.nc" >/dev/null; then
      $prefix "$mpp" evaluate --json --quiet --resamples 0 --threads "$threads" "$name-$output"-*.nc >"$name-$output.json"
    fi
  done
done
/usr/bin/python3 "$here/long_rollouts.py" "${trained[@]}"
