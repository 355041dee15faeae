#!/bin/bash
# Weights to and from PyTorch itself, apart from tests/run.sh, since PyTorch is half a gigabyte of packages
# (Debian: python3-torch; benchmarks/vs_pytorch.sh installs it). What mpp exports loads strictly into the
# published network and predicts the same; what PyTorch saves converts and predicts the same; short
# floats are rounded as PyTorch rounds them. Usage: tests/torch.sh [PROGRAM]
set -euo pipefail
here=$(realpath "$(dirname "$0")")
program=$(realpath "${1:-$here/../build/mpp}")
python=/usr/bin/python3
if ! $python -c 'import torch, h5py'; then
  echo "$0: NOT TESTED: PyTorch is missing (apt-get install python3-torch python3-h5py)" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mpp() { "$program" "$@" >/dev/null; }
torch_model() { $python "$here/support/torch_model.py" "$@"; }
predict() { # predict MODEL FORECAST: one axis periodic, the axes of different lengths
  mpp rollout --model "$1" --data data.h5 --crop y=0:32 --boundary x=periodic,y=open --steps 1 -o "$2" --quiet
}

mpp generate diffusion-reaction -n 1 --resolution 48 --frames 24 --horizon 1.15 --seed 3 -o data.h5 --quiet

echo "from mpp to PyTorch"
published=$here/data/golden/avit/open_1field_48x32/ckpt.tar
mpp convert "$published" plain.safetensors
for type in f32 f16 bf16; do
  mpp convert "$published" "$type.pt" --dtype $type
  mpp convert "$published" "$type.safetensors" --dtype $type
  predict "$type.safetensors" "$type.nc"
  torch_model compare "$type.pt" data.h5 "$type.nc"
  torch_model rounding f32.pt "$type.pt" $type
done

echo "from PyTorch to mpp"
for type in f32 f16 bf16; do
  torch_model make "saved-$type.tar" $type
  mpp convert "saved-$type.tar" "saved-$type.safetensors"
  predict "saved-$type.safetensors" "saved-$type.nc"
  torch_model compare "saved-$type.tar" data.h5 "saved-$type.nc" module.
done
echo "all passed"
