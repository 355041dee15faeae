# What is wrong with an input is said in one line with the right exit code, and nothing half-written
# stays. Constant fields are no error.
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=4 --validate-every=0 --quiet >/dev/null
model=run/final.safetensors
/usr/bin/python3 "$MPP_SOURCE/tests/support/bad_inputs.py" dr.h5 swe.h5 $model
mkdir out empty_folder
mkfifo fifo.h5 fifo.yaml
ln -s nowhere.h5 dangling.h5

table=()
# refuse NAME CODE WORDS COMMAND...
refuse() {
  local name=$1
  shift
  expect "$@"
  # A training that began has said with what; it has no weights.
  left=$(find out -type f ! -name config.yaml ! -name environment.jsonl ! -name metrics.jsonl \
    ! -name timing.jsonl)
  [[ -z $left ]] || fail "$name: left $left"
  rm -rf out/run
  table+=("$name")
}

info() { echo "$MPP" info; }
roll() { echo "$MPP" rollout --model $model --steps 2 -o out/a.nc --data; }
roll_by() { echo "$MPP" rollout --data dr.h5 --steps 2 -o out/a.nc --model; }
tune() { echo "$MPP" finetune --model $model --steps 2 --output=out/run --data; }
pre() { echo "$MPP" pretrain; }

# ---- datasets ----
for command in info roll tune; do
  refuse "$command missing dataset"    66 'missing.h5'          $($command) missing.h5
  refuse "$command dangling link"      66 'dangling.h5'         $($command) dangling.h5
  refuse "$command FIFO"               66 'fifo.h5'             $($command) fifo.h5
  refuse "$command empty folder"       66 'empty_folder'        $($command) empty_folder
  refuse "$command empty file"         65 'empty.h5'            $($command) empty.h5
  refuse "$command text file"          65 'text.h5'             $($command) text.h5
  refuse "$command truncated dataset"  65 'truncated.h5'        $($command) truncated.h5
  refuse "$command header bit flipped" 65 'header.h5'           $($command) header.h5
  refuse "$command no known layout"    65 'unknown.h5'          $($command) unknown.h5
  refuse "$command wrong rank"         65 'rank.h5'             $($command) rank.h5
  refuse "$command shapes disagree"    65 'shapes.h5'           $($command) shapes.h5
  refuse "$command external link"      65 'external.h5'         $($command) external.h5
  refuse "$command virtual dataset"    65 'virtual.h5'          $($command) virtual.h5
done
refuse "payload bit flipped"           65 'payload.h5'          $(roll) payload.h5
refuse "NaN in a frame"                65 'nan.h5.*activator'   $(roll) nan.h5
refuse "NaN while training"            65 'nan.h5.*activator'   $(tune) nan.h5 --train-fraction 0.9 --valid-fraction 0.1
refuse "infinity in a frame"           65 'inf.h5.*inhibitor'   $(roll) inf.h5
refuse "NaN in evaluation"             65 'nan.h5'              "$MPP" evaluate --model $model --data nan.h5 --split all
refuse "sample past the end"           64 'sample'            $(roll) dr.h5 --sample 99
refuse "start past the end"            64 'frames 23 to'            $(roll) dr.h5 --start 23
refuse "trajectory too short"          65 'short.h5'            $(tune) short.h5
refuse "horizon too long"              65 'swe.h5'              "$MPP" evaluate --model $model --data swe.h5 --horizons 500

# Without the first look the same files are refused in the same words, and good ones are read.
for file in truncated.h5 text.h5 rank.h5; do
  expect 65 "$file" "$MPP" info $file
  grep '^mpp: ' stderr.txt >looked.txt
  expect 65 "$file" "$MPP" info --trust-input $file
  grep '^mpp: ' stderr.txt | cmp - looked.txt || fail "--trust-input changes what is said of $file"
done
"$MPP" info --trust-input dr.h5 >trusted.txt
"$MPP" info dr.h5 | cmp - trusted.txt || fail "--trust-input changes what is read"

# Filters of other libraries: none is loaded from a folder that the environment names, by the child
# that looks nor by the program itself, unless inputs are trusted.
mkdir plugins
# shellcheck disable=SC2046
gcc -shared -fPIC "$MPP_SOURCE/tests/support/plugin.c" $(pkg-config --cflags hdf5-serial 2>/dev/null ||
  pkg-config --cflags hdf5) -o plugins/libh5pass.so
/usr/bin/python3 "$MPP_SOURCE/tests/support/filtered.py" dr.h5 filtered.h5
export HDF5_PLUGIN_PATH=$PWD/plugins
refuse "a filter that is not built in" 65 'filtered.h5: 0000/data: is packed by HDF5 filter 32001' $(info) filtered.h5
! grep -q 'PLUGIN LOADED' stderr.txt || fail "a filter was loaded for an untrusted file"
"$MPP" info --check --trust-input filtered.h5 >trusted.txt 2>stderr.txt || fail "$(cat stderr.txt)"
grep -q 'PLUGIN LOADED' stderr.txt || fail "--trust-input loads no filter"
"$MPP" rollout --model $model --data dr.h5 --steps 2 -o plain.nc --quiet >/dev/null 2>stderr.txt
"$MPP" evaluate plain.nc >trusted.txt 2>>stderr.txt
! grep -q 'PLUGIN LOADED' stderr.txt || fail "a filter was loaded by netCDF"
unset HDF5_PLUGIN_PATH

# ---- models ----
for command in info roll_by; do
  refuse "$command missing model"        66 'missing.safetensors'   $($command) missing.safetensors
  refuse "$command empty model"          65 'empty.safetensors'     $($command) empty.safetensors
  refuse "$command truncated model"      65 'truncated.safetensors' $($command) truncated.safetensors
  refuse "$command weight bit flipped"   65 'weight.safetensors'    $($command) weight.safetensors
  refuse "$command metadata bit flipped" 65 'metadata.safetensors'  $($command) metadata.safetensors
  refuse "$command header length lies"   65 'length.safetensors'    $($command) length.safetensors
  refuse "$command wrong tensor shape"   65 'shape.safetensors'     $($command) shape.safetensors
  refuse "$command NaN weight"           65 'nanweight.safetensors' $($command) nanweight.safetensors
done
refuse "folder as a model"             66 'empty_folder'        $(roll_by) empty_folder
refuse "FIFO as a model"               66 'fifo.h5'             $(roll_by) fifo.h5
refuse "dataset as a model"            65 'dr.h5'               $(roll_by) dr.h5
refuse "finetune truncated model"      65 'truncated.safetens'  "$MPP" finetune --model truncated.safetensors --data dr.h5 --output out/run
refuse "fields unknown to the model"   65 'other:activator'     $(roll) dr.h5:other

# ---- configurations ----
refuse "missing configuration"  66 'missing.yaml'                $(pre) missing.yaml --output=out/run
refuse "FIFO as configuration"  66 'fifo.yaml'                   $(pre) fifo.yaml --output=out/run
refuse "folder as configuration" 66 'empty_folder'               $(pre) empty_folder --output=out/run
refuse "unknown key"            78 'key.yaml:2:1: .*lerning_rate.*did you mean .learning' $(pre) key.yaml --output=out/run
refuse "bad number"             78 'number.yaml:2:8: .*many'     $(pre) number.yaml --output=out/run
refuse "out of range"           78 'range.yaml:3:12: '           $(pre) range.yaml --output=out/run
refuse "syntax"                 78 'syntax.yaml:[23]:'           $(pre) syntax.yaml --output=out/run
refuse "deep nesting"           78 'deep.yaml'                   $(pre) deep.yaml --output=out/run
refuse "no data"                78 'data'                        $(pre) nodata.yaml --output=out/run
refuse "dataset of it missing"  66 'gone.h5'                     $(pre) gone.yaml --output=out/run
refuse "width and heads"        78 'embed_dim: 25'                     $(pre) small.yaml --width=25 --output=out/run
refuse "unknown override"       64 "stepps.*did you mean '--steps'" $(pre) small.yaml --stepps=3
refuse "bad override"           64 'steps'                       $(pre) small.yaml --steps=three

# ---- outputs ----
echo precious >there.nc
echo precious >there.png
for command in "$(roll) dr.h5 -o there.nc" "$MPP plot dr.h5 -o there.png" "$MPP generate swe -n 1 -o there.nc"; do
  refuse "output exists" 73 'there.(nc|png)' $command
done
[[ $(cat there.nc there.png) == precious$'\n'precious ]] || fail "an existing file was changed"
refuse "no folder for the output" 73 'nowhere' $(roll) dr.h5 -o nowhere/a.nc
refuse "a run is there"           73 'run'     $(pre) small.yaml --output=run
refuse "a file is there"          73 'there'   $(pre) small.yaml --output=there.nc
refuse "file size limit"          74 'out/a.nc' bash -c 'ulimit -f 16; exec "$@"' - $(roll) dr.h5

# ---- constant fields ----
"$MPP" info constant.h5 >/dev/null
"$MPP" finetune --model $model --steps 3 --output=constant --data constant.h5 --train-fraction 0.5 \
  --quiet --json >constant.json
"$MPP" rollout --model constant/final.safetensors --data constant.h5 --steps 5 -o constant.nc >/dev/null
"$MPP" evaluate --model constant/final.safetensors --data constant.h5 --horizons 1,3 --json >scores.json
/usr/bin/python3 - <<'PY'
import json, numpy as np, xarray as xr
result = json.load(open("constant.json"))
assert result["finished"] and result["skipped"] == 0 and np.isfinite(result["loss"]), result
a = xr.open_dataset("constant.nc")
assert np.isfinite(a.activator).all() and np.isfinite(a.inhibitor).all()
for p in json.load(open("scores.json"))["datasets"][0]["predictors"].values():
    assert all(np.isfinite(v) for m in ("nrmse", "vrmse") for f in p[m].values() for v in f), p
PY

echo "${#table[@]} cases refused"
