#!/bin/bash
# Your own physics, without code: finetunes a small pretrained model on four kinds of files, forecasts
# each, opens the forecast in xarray, and scores the model beside predictors that need no training.
#   examples/own_data.sh [FOLDER]        results; default own-data. Needs python3-xarray
#   MODEL=base.safetensors examples/own_data.sh        begins with that model instead of its own
# The files: (a) The Well's layout, written by 'mpp convert data'; (b) a CF netCDF series written by
# xarray, packed into 16-bit integers, with missing cells; (c) 1D Burgers and (d) 3D compressible flow in
# PDEBench's layout. Nothing is downloaded. A minute of one core.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
mpp=${MPP:-$root/build/mpp}
model=${MODEL:+$(realpath "$MODEL")}
python=${PYTHON:-/usr/bin/python3} # with xarray and h5py
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
mkdir -p "${1:-own-data}"
cd "${1:-own-data}"
say() { printf '\n== %s\n' "$*"; }
run() {
  printf '$ mpp %s\n' "$*" >&2
  "$mpp" "$@" --quiet
}

say "A model to begin with: shallow water and diffusion-reaction"
model=${model:-base/final.safetensors}
if [[ ! -e $model ]]; then
  run generate swe -n 20 --resolution 64 --frames 41 --seed 7 -o swe.h5 --overwrite
  run generate diffusion-reaction -n 20 --resolution 64 --frames 41 --seed 7 -o dr.h5 --overwrite
  run pretrain "$root/examples/configs/quickstart.yaml" --data swe.h5,dr.h5 --steps 150 --output base \
    --validate-every 0 --overwrite >/dev/null
fi

say "The files"
[[ -e ins.h5 ]] || run generate ins-periodic -n 20 --resolution 64 --frames 41 --seed 11 -o ins.h5
[[ -e well ]] || run convert data ins.h5:lab --to well -o well
[[ -e lake.h5 ]] || run generate swe -n 1 --resolution 64 --frames 101 --seed 5 -o lake.h5
"$python" - <<'PY'
import h5py, numpy as np, xarray as xr
with h5py.File("lake.h5") as f:
    h = f["0000/data"][..., 0]
island = np.hypot(*np.meshgrid(np.arange(64) - 20, np.arange(64) - 44, indexing="ij")) < 5
d = xr.Dataset(
    {"depth": (("time", "lat", "lon"), np.where(island, np.nan, h), {"units": "m", "long_name": "depth of the water"})},
    {"time": ("time", np.arange(101) * 6.0, {"units": "hours since 1990-03-01", "calendar": "noleap"}),
     "lat": ("lat", np.linspace(40, 50, 64) + 0.2 * np.sin(np.arange(64)), {"units": "degrees_north"}),
     "lon": ("lon", np.linspace(8, 18, 64), {"units": "degrees_east"})},
    {"Conventions": "CF-1.8", "title": "a lake with an island"})
packed = dict(dtype="i2", scale_factor=5e-5, add_offset=1.5, _FillValue=-32768)
d.to_netcdf("weather.nc", encoding={"depth": packed}, unlimited_dims=["time"])
PY
[[ -e burgers.h5 ]] || run generate burgers -n 40 --resolution 256 --frames 41 --set Nu=0.01 --seed 3 -o burgers.h5
[[ -e flow.h5 ]] || run generate cns-3d -n 8 --resolution 32 --frames 21 --horizon 0.4 --seed 3 -o flow.h5

# tune NAME STEPS "DATA [options]" of training, of the scores, of the forecast
tune() {
  local name=$1 steps=$2 learn score roll
  read -ra learn <<<"$3"
  read -ra score <<<"$4"
  read -ra roll <<<"$5"
  say "$name"
  run finetune --model "$model" --data "${learn[@]}" --steps "$steps" --batch 2 --warmup 10 \
    --loss scaled --unroll 4 --validate-every 0 --report-windows 0 --output "tuned-$name" --overwrite \
    >/dev/null
  run evaluate --model "tuned-$name/final.safetensors" --data "${score[@]}" --windows 8 \
    --horizons 1,4 --json >"$name.json"
  run rollout --model "tuned-$name/final.safetensors" --data "${roll[@]}" --steps 4 --overwrite \
    -o "forecast-$name.nc" >/dev/null
}
all="--train-fraction 1 --valid-fraction 0"
tune well 100 "well/data/train $all" "well/data/test --split all" "well/data/test"
# the first 60 frames are for training, the others for the scores
cf="weather.nc --fields depth --boundary lat=wall,lon=wall --fill mask"
tune cf 100 "$cf --crop time=0:60 $all" "$cf --crop time=60: --split all" "$cf --start 60"
tune burgers 100 "burgers.h5" "burgers.h5 --split test" "burgers.h5 --sample test"
tune flow 40 "flow.h5" "flow.h5 --split test" "flow.h5 --sample 7"

say "Each forecast in xarray; NRMSE, mean over the fields, on data that no training saw"
"$python" - <<'PY'
import glob, json, xarray as xr
rows = ("model", "window", "autoregression", "backtest", "linear", "persistence")
text = "| data | steps ahead | " + " | ".join(rows) + " |\n" + "| --- " * (2 + len(rows)) + "|\n"
for name in ("well", "cf", "burgers", "flow"):
    with xr.open_dataset(sorted(glob.glob(f"forecast-{name}*.nc"))[0]) as d:
        fields = [v for v in d if v + "_truth" in d]
        print(f"{name}: {dict(d[fields[0]].sizes)}, {', '.join(fields)}")
    scores = json.load(open(name + ".json"))["datasets"][0]
    for i, ahead in enumerate(scores["horizons"]):
        values = [scores["predictors"][r]["nrmse"]["mean"][i] for r in rows]
        text += f"| {name} | {ahead} | " + " | ".join(f"{v:.2g}" for v in values) + " |\n"
print(text)
PY
