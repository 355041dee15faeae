# mpp convert: published checkpoints in, files of torch.load out, and the same weights on the way.
checkpoint=$MPP_DATA/golden/avit/open_1field_48x32/ckpt.tar
"$MPP" convert "$checkpoint" model.safetensors >out.txt
grep -q 'model.safetensors: 87,592 weights, width 48, 3 heads, 2 blocks' out.txt
"$MPP" info model.safetensors | grep -q 'compNS:pressure' || fail "the published names are not attached"
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
[[ ! -e x.safetensors ]] || fail "a failure leaves a file"
