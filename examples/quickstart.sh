#!/bin/bash
# From nothing to a forecast, in minutes: installs what is missing, builds mpp, generates data of two
# systems, pretrains a small model on both, finetunes it on a simulation of PDEBench with fields it
# has not seen, forecasts a trajectory it was not trained on, scores and draws the forecast.
#   examples/quickstart.sh [FOLDER]          results; default quickstart-results
set -euo pipefail

trajectories=40     # of each generated system
resolution=64       # cells along each axis
finetune_steps=200
forecast_steps=20

root=$(cd "$(dirname "$0")/.." && pwd)
results=${1:-quickstart-results}
# PDEBench's own simulator made these three trajectories. As "fhn" (FitzHugh-Nagumo), their fields
# are new to the model. Two are for training; the third one is held out, so that no choice may rest
# on its scores: the final weights are taken, not those that did best on it.
data=$root/examples/data/2D_diff-react_64_pdebench.h5:fhn
split=(--train-fraction 0.6 --valid-fraction 0.3)

say() { printf '\n== %s\n' "$*"; }
run() {
  printf '$ mpp %s\n' "$*" >&2
  "$mpp" "$@"
}

say "Packages and build"
"$root/examples/install-dependencies.sh"
build=$root/build
if [[ ! -e $build/CMakeCache.txt ]]; then
  cmake -S "$root" -B "$build" -G Ninja -DMPP_TESTS=OFF -DMPP_BENCHMARKS=OFF >/dev/null
fi
mkdir -p "$results"
cmake --build "$build" --target mpp -j "$(nproc)" >"$results/build.log" || {
  cat "$results/build.log"
  exit 1
}
mpp=$build/mpp
"$mpp" version

cd "$results"
started=$SECONDS

say "Two systems from the built-in solvers"
run generate swe -n $trajectories --resolution $resolution --seed 1 -o swe.h5 --overwrite
run generate diffusion-reaction -n $trajectories --resolution $resolution --seed 2 \
  -o diffusion-reaction.h5 --overwrite

say "Pretraining on both (the model beside predictors that need no training)"
run pretrain "$root/examples/configs/quickstart.yaml" --output=pretrained --overwrite \
  >pretraining.txt

say "Finetuning on PDEBench's simulation, as fields the model has not seen"
run finetune --model pretrained/best.safetensors --data "$data" "${split[@]}" --output=finetuned \
  --steps=$finetune_steps --loss scaled --unroll 6 --learning-rate 5e-4 --report-windows 0 --overwrite \
  >finetuning.txt

say "Forecast of the trajectory that was held out"
run rollout --model finetuned/final.safetensors --data "$data" --sample 2 --start 10 \
  --steps $forecast_steps -o forecast.nc --overwrite
run plot forecast.nc --field activator --steps 1,5,10,$forecast_steps -o forecast.png --overwrite

run report pretrained finetuned forecast.nc --title "mpp quickstart" -o report.html --overwrite

say "Scores on the held-out trajectory"
run evaluate --model finetuned/final.safetensors --data "$data" "${split[@]}" --split valid \
  --horizons 1,5,10,20 | tee scores.txt

say "Done in $((SECONDS - started)) s after the build. In $PWD:"
cat <<END
  swe.h5, diffusion-reaction.h5   generated data (PDEBench's layout)
  pretrained/, finetuned/         models, metrics.jsonl, configuration
  forecast.nc                     the forecast with truth and error: xarray, ncview, CDO
  forecast.png                    truth, forecast and error as a picture
  report.html                     trainings and forecast on one page, for any browser
  scores.txt                      the table above; pretraining.txt, finetuning.txt: those on the way
END
