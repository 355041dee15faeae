# mpp convert: published checkpoints in, files of torch.load out, and the same weights on the way.
checkpoint=$MPP_DATA/golden/avit/open_1field_48x32/ckpt.tar
"$MPP" convert "$checkpoint" model.safetensors >out.txt
grep -q 'model.safetensors: 87,592 weights, width 48, 3 heads, 2 blocks' out.txt
"$MPP" info model.safetensors | has 'compNS:pressure' || fail "the published names are not attached"
"$MPP" convert model.safetensors model.pt >/dev/null
/usr/bin/python3 "$MPP_SOURCE/tests/support/read_torch.py" model.pt model.safetensors
"$MPP" convert model.pt again.safetensors >/dev/null
same_arrays model.safetensors again.safetensors

expect 73 'model.pt: exists' "$MPP" convert model.safetensors model.pt
"$MPP" convert model.safetensors model.pt --overwrite >/dev/null
expect 64 'expected a name that ends in' "$MPP" convert model.safetensors model.onnx
expect 64 'needs an input and an output' "$MPP" convert model.safetensors
expect 66 'none.tar' "$MPP" convert none.tar x.safetensors
head -c 200000 "$checkpoint" >cut.tar
expect 65 'cut.tar: no sound zip file' "$MPP" convert cut.tar x.safetensors
expect 65 "mpp convert" "$MPP" info "$checkpoint"

# Short floats: half the bytes, read everywhere, refused where a weight does not fit.
"$MPP" generate swe -n 4 --resolution 32 --frames 24 --seed 3 -o swe.h5 --quiet >/dev/null
for type in f16 bf16; do
  "$MPP" convert model.safetensors "$type.safetensors" --dtype $type >/dev/null
  [[ $(stat -c %s "$type.safetensors") -lt $(($(stat -c %s model.safetensors) * 6 / 10)) ]] || fail "$type is no shorter"
  grep -q " ${type^^} " <<<"$(arrays "$type.safetensors")" || fail "$type is not stored"
  "$MPP" info "$type.safetensors" | has -E "dtype +$type" || fail "info does not name $type"
  "$MPP" convert model.safetensors "$type.pt" --dtype $type >/dev/null
  # The same values by way of PyTorch's file, and float32 again.
  "$MPP" convert "$type.pt" "$type-back.safetensors" >/dev/null
  "$MPP" convert "$type.safetensors" "$type-wide.safetensors" --dtype f32 >/dev/null
  same_arrays "$type-back.safetensors" "$type-wide.safetensors"
  [[ $(arrays "$type-wide.safetensors") != "$(arrays model.safetensors)" ]] || fail "$type rounds nothing"
  # Whoever reads models: a forecast, an evaluation, a finetuning, from it as from what it says.
  for model in "$type" "$type-wide"; do
    "$MPP" rollout --model "$model.safetensors" --data swe.h5 --steps 2 -o "$model.nc" --quiet >/dev/null
    "$MPP" finetune --model "$model.safetensors" --data swe.h5 --steps 2 --batch 2 --context 4 --train-fraction 0.5 \
      --valid-fraction 0.25 --validate-windows 2 --horizons 1 -o "$model-run" --quiet >/dev/null
  done
  same_arrays "$type.nc" "$type-wide.nc"
  same_arrays "$type-run/final.safetensors" "$type-wide-run/final.safetensors"
  "$MPP" evaluate --model "$type.safetensors" --data swe.h5 --horizons 1 --quiet >/dev/null
done
expect 64 "dtype" "$MPP" convert model.safetensors x.safetensors --dtype f8
# A weight beyond 65504, put into the file by hand; the digest goes, as in files of others.
/usr/bin/python3 - <<'PY'
import json
import struct

with open("model.safetensors", "rb") as f:
    header = json.loads(f.read(*struct.unpack("<Q", f.read(8))))
    data = bytearray(f.read())
header["__metadata__"].pop("mpp_digest")
begin = header["blocks.1.temporal.gamma"]["data_offsets"][0]
data[begin:begin + 4] = struct.pack("<f", 7e4)
text = json.dumps(header).encode()
with open("large.safetensors", "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
PY
expect 65 "'blocks.1.temporal.gamma': value 0 is 70000, expected at most 65504" \
  "$MPP" convert large.safetensors x.safetensors --dtype f16
expect 65 "bf16 holds it" "$MPP" convert large.safetensors x.pt --dtype f16
"$MPP" convert large.safetensors held.safetensors --dtype bf16 >/dev/null
[[ ! -e x.safetensors && ! -e x.pt ]] || fail "a failure leaves a file"
