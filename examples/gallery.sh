#!/bin/bash
# Draws one trajectory of each 2D system (those in pdes/README.md): examples/gallery.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-examples/images/solvers}
cmake -S . -B build -G Ninja >/dev/null
cmake --build build --target mpp >/dev/null
mkdir -p "$folder"
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT

draw() { # NAME FIELD SYSTEM [options]
  local name=$1 field=$2
  shift 2
  build/mpp generate "$@" --resolution 128 --quiet -o "$data/$name.h5" >/dev/null
  build/mpp plot "$data/$name.h5" --field "$field" --size 128 --overwrite -o "$folder/$name.png"
}

draw shallow-water h swe
draw diffusion-reaction activator diffusion-reaction
draw compressible-random density cns-2d --preset 2D_CFD_Rand_M1.0_Eta1e-08_Zeta1e-08_periodic_512
draw compressible-turbulent density cns-2d --preset 2D_CFD_Turb_M1.0_Eta1e-08_Zeta1e-08_periodic_512
draw kelvin-helmholtz density cns-2d --preset KH_M02_dk1_Re1e3
draw shock density cns-2d --preset 2D_shock
draw incompressible particles ins
draw incompressible-periodic particles ins-periodic
draw darcy u darcy
draw gray-scott A gray-scott
draw kuramoto-sivashinsky u kuramoto-sivashinsky
draw wave u wave
