# Numbers at the ends of float, names at the ends of what a file system takes, several commands at once,
# an input that is replaced while it is read, and kernels of other processors. TOGETHER: how many at once (3);
# CORES: kernels of OpenBLAS (Haswell, whose sums depend on threads most); THREADS: numbers of them (1 3);
# PLACES: sets of processor cores besides (none: all).
small_data
small_config
sed -i '/swe.h5/d; s/steps: .*/steps: 4/; s/validate-every: .*/validate-every: 0/' small.yaml
"$MPP" pretrain small.yaml --output=run --quiet >/dev/null
model=run/final.safetensors

# A training that ended, or was stopped, has no number in its weights that is none.
finite() {
  /usr/bin/python3 - "$@" <<'PY'
import json, struct, sys
import numpy as np
for path in sys.argv[1:]:
    raw = open(path, "rb").read()
    size, = struct.unpack("<Q", raw[:8])
    for name, t in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__" and t["dtype"] == "F32":
            begin, end = t["data_offsets"]
            assert np.isfinite(np.frombuffer(raw[8 + size + begin:8 + size + end], "<f4")).all(), (path, name)
PY
}

# ---- denormal numbers, and numbers whose squares overflow ----
/usr/bin/python3 - <<'PY'
import shutil, h5py, numpy as np
for name, scale in ("tiny", 1e-40), ("large", 1e37), ("near_max", 1e38):
    shutil.copyfile("dr.h5", name + ".h5")
    with h5py.File(name + ".h5", "r+") as f:
        for key in f:
            data = f[key + "/data"][...].astype("f8")
            f[key + "/data"][...] = (data / np.abs(data).max() * scale).astype("f4")
PY
for name in tiny large near_max; do
  code=0
  "$MPP" finetune --model $model --data $name.h5 --steps 3 --train-fraction 0.5 --valid-fraction 0.25 \
    --output=tuned_$name --quiet </dev/null >out.txt 2>err.txt || code=$?
  [[ $code -eq 0 || $code -eq 3 || $code -eq 65 ]] || fail "code $code in training on $name.h5: $(cat err.txt)"
  [[ $code -ne 65 ]] || grep -q "$name.h5" err.txt || fail "$name.h5 is not named: $(cat err.txt)"
  finite $(find tuned_$name -name '*.safetensors')
  code=0
  "$MPP" rollout --model $model --data $name.h5 --sample 0 --start 0 --steps 3 -o $name.nc --quiet \
    </dev/null >out.txt 2>err.txt || code=$?
  [[ $code -eq 0 || $code -eq 3 || $code -eq 65 ]] || fail "code $code in a forecast of $name.h5: $(cat err.txt)"
done
[[ -e tuned_tiny/final.safetensors ]] || fail "denormal numbers cannot be trained on"

# ---- names ----
long=$(printf 'n%.0s' {1..251})
binary=$'caf\351 \\ "q" $x \t\001'
for name in "$long" "$binary"; do
  cp dr.h5 "$name.h5"
  "$MPP" info "$name.h5" >/dev/null
  "$MPP" info --json "$name.h5" | /usr/bin/python3 -c 'import json, sys; json.load(sys.stdin)' ||
    fail "no JSON for a file named $(printf %q "$name")"
  expect 66 '' "$MPP" info "$name.no"
done
# Room for the suffix of temporary files is less than the system's 255 bytes.
for name in "$long.h5" "$binary.out.h5"; do
  rm -f "$name"
  code=0
  "$MPP" generate swe -n 1 --resolution 16 --frames 4 -o "$name" --quiet </dev/null >out.txt 2>err.txt || code=$?
  [[ $code -eq 0 && -s $name ]] || { [[ $code -eq 73 && ! -e $name ]] && grep -q 'mpp: .*nnnn' err.txt; } ||
    fail "code $code for an output named $(printf %q "$name"): $(cat err.txt)"
done
# Records of a run are UTF-8: other names are refused before a step is taken.
expect 78 'configuration of the run: byte' "$MPP" pretrain small.yaml --output="$binary" --quiet
[[ -z $(find . -path "./$binary/*" -name '*.safetensors') ]] || fail "a training under a name that no record takes"
"$MPP" pretrain small.yaml --output="café 'q' %s" --quiet >/dev/null
same_arrays "café 'q' %s/final.safetensors" $model
expect '66' 'name' "$MPP" info "$(printf 'm%.0s' {1..256})"

# ---- at once: one goes on, the others say who has it ----
for ((i = 0; i < ${TOGETHER:-3}; i++)); do
  (code=0
  "$MPP" pretrain small.yaml --output=shared --steps=30 --quiet </dev/null >/dev/null 2>shared_$i.err || code=$?
  echo $code >shared_$i.code) &
done
wait
[[ $(cat shared_*.code | grep -c '^0$') -eq 1 ]] || fail "codes $(cat shared_*.code | tr '\n' ' ')$(cat shared_*.err)"
[[ $(cat shared_*.code | sort -u | tr '\n' ' ') == '0 73 ' ]] || fail "codes $(cat shared_*.code)"
"$MPP" pretrain small.yaml --output=alone --steps=30 --quiet >/dev/null
same_arrays alone/final.safetensors shared/final.safetensors

# ---- an input that goes, is replaced or shrinks while it is read ----
for how in replaced removed shrunk; do
  cp dr.h5 moving.h5
  "$MPP" pretrain small.yaml --data=moving.h5 --steps=60 --output=moving_$how --quiet </dev/null >/dev/null 2>err.txt &
  pid=$!
  until [[ -s moving_$how/metrics.jsonl || ! -e /proc/$pid ]]; do sleep 0.01; done
  case $how in
  replaced) cp swe.h5 other.h5 && mv other.h5 moving.h5 ;;
  removed) rm moving.h5 ;;
  shrunk) truncate -s 5000 moving.h5 ;;
  esac
  code=0
  { wait $pid; } 2>/dev/null || code=$?
  case $how in
  shrunk) [[ $code -eq 0 || $code -eq 65 ]] ;; # what was read before may do
  *) [[ $code -eq 0 ]] ;;
  esac || fail "code $code when the input is $how: $(cat err.txt)"
  [[ $code -eq 0 ]] || grep -q 'moving.h5' err.txt || fail "the input is not named: $(cat err.txt)"
done

# ---- the matrix kernels of other processors: the same bits for any number of threads ----
runs=0
for core in ${CORES:-Haswell}; do
  first=
  for threads in ${THREADS:-1 3}; do
    for place in "" ${PLACES:-}; do
      name=${core}_${threads}_$place
      OPENBLAS_CORETYPE=$core ${place:+taskset -c "$place"} "$MPP" pretrain small.yaml --threads=$threads \
        --output=$name --quiet >/dev/null
      first=${first:-$name}
      same_arrays $first/final.safetensors $name/final.safetensors
      cmp $first/metrics.jsonl $name/metrics.jsonl || fail "the log depends on threads with $core"
      runs=$((runs + 1))
    done
  done
done
echo "$runs runs of the same bits"
