# The plan of a training holds: its peak memory is within a tenth of the plan, what --memory chooses
# fits, and a training that would not fit is refused before it starts.
for resolution in 32 64; do
  "$MPP" generate swe -n 5 --resolution $resolution --frames 24 --seed 3 -o swe$resolution.h5 --quiet \
    >/dev/null
done
common=(--train-fraction=0.6 --valid-fraction=0.2 --steps=1 --validate-every=1 --validate-windows=2
  --horizons=1,4 --threads=2)

# within NAME OPTION...: plans and trains, and holds the one against the other.
within() {
  local name=$1 planned real
  shift
  "$MPP" plan "$@" "${common[@]}" --measure=0 --json --quiet >plan.json
  real=$(/usr/bin/python3 "$MPP_SOURCE/tests/support/peak.py" out.txt "$MPP" pretrain "$@" \
    "${common[@]}" --output="$name" --quiet) || fail "$name: $(cat out.txt)"
  planned=$(/usr/bin/python3 -c 'import json; print(json.load(open("plan.json"))["memory_bytes"]["total"])')
  /usr/bin/python3 -c "
planned, real = $planned, $real
print('$name: planned %.1f MiB, measured %.1f' % (planned / 2**20, real / 2**20))
assert 0.9 < planned / real < 1.1, planned / real" || fail "$name: the plan does not hold"
}

within nano --data=swe32.h5 --batch=2
within wide --data=swe64.h5,swe32.h5 --batch=8 --accumulate=2 --ema=0.9
within ti --size=Ti --patch=4,2 --data=swe64.h5 --batch=2 --unroll=3
within again --size=Ti --patch=4,2 --data=swe64.h5 --batch=6 --recompute --optimizer=adan
within s --size=S --patch=4,2 --data=swe64.h5 --batch=1 --optimizer=dadapt-adan

# What is chosen for a given memory is planned, and measured, within it.
memory=$((250 << 20))
"$MPP" plan --size=Ti --patch=4,2 --data=swe64.h5 --batch=12 "${common[@]}" --measure=0 --memory=250M >fit.txt
grep -q -- '--batch=' fit.txt || fail "nothing was chosen: $(cat fit.txt)"
read -r -a chosen < <(sed -n 's/^to fit *//p' fit.txt)
real=$(/usr/bin/python3 "$MPP_SOURCE/tests/support/peak.py" out.txt "$MPP" pretrain --size=Ti \
  --patch=4,2 --data=swe64.h5 "${common[@]}" "${chosen[@]}" --output=fit --quiet) || fail "$(cat out.txt)"
[[ $real -lt $((memory * 11 / 10)) ]] || fail "${chosen[*]} took $real bytes of $memory"
# A training chooses the same at its start and stays within it; its folder says what was chosen, so that
# it goes on to the same bits with the line that it was begun with, and with none.
memory=$((100 << 20))
fitted=(--size=micro --patch=4,2 --data=swe64.h5 "${common[@]}" --batch=12 --memory=100M --steps=2)
real=$(/usr/bin/python3 "$MPP_SOURCE/tests/support/peak.py" out.txt "$MPP" pretrain "${fitted[@]}" \
  --output=chosen) || fail "$(cat out.txt)"
[[ $real -lt $((memory * 11 / 10)) ]] || fail "the training took $real bytes of $memory"
"$MPP" plan "${fitted[@]}" --measure=0 >fit.txt
read -r -a chosen < <(sed -n 's/^to fit *//p' fit.txt)
batch=${chosen[0]#--batch=}
[[ $batch -lt 12 ]] || fail "nothing to choose: ${chosen[*]}"
grep -q "memory: micro-batches of $batch, " out.txt || fail "${chosen[*]}: $(cat out.txt)"
for setting in "batch: $batch" "accumulate: $((12 / batch))" 'recompute: true' "memory: $memory"; do
  grep -qx "$setting" chosen/config.yaml || fail "$setting: $(cat chosen/config.yaml)"
done
for name in line folder; do
  code=0
  "$MPP" pretrain "${fitted[@]}" --output=$name --max-walltime=0.001 --quiet >/dev/null 2>&1 || code=$?
  [[ $code -eq 75 ]] || fail "code $code"
done
"$MPP" pretrain "${fitted[@]}" --output=line --resume --quiet >/dev/null
"$MPP" pretrain --output=folder --threads=2 --resume --quiet >/dev/null
for name in line folder; do
  same_arrays chosen/final.safetensors $name/final.safetensors
  cmp chosen/metrics.jsonl $name/metrics.jsonl || fail "the logs of chosen and $name differ"
done
expect 71 'does not fit into 40 MiB; the least is .* size nano would fit' "$MPP" pretrain \
  "${fitted[@]}" --memory=40M --output=none
[[ ! -e none/config.yaml ]] || fail "a refused training began"
"$MPP" plan --size=L --grid=64 --batch=4 --memory=1G --measure=0 >none.txt
grep -q 'does not fit into 1024 MiB' none.txt || fail "$(cat none.txt)"
grep -q 'would fit --size=S' none.txt || fail "$(cat none.txt)"

# Real steps give a time; a checkpoint gives its network; a file gives its datasets.
"$MPP" plan --model=wide/final.safetensors --grid=32 --measure=1 --json --quiet >measured.json
/usr/bin/python3 -c '
import json
p = json.load(open("measured.json"))
assert p["width"] == 48 and p["step_seconds"] > 0 and p["measured_micro_batches"] > 0, p
assert p["step_flop"] > 0 and p["fits"] and p["steps"] == 2000, p
m = p["memory_bytes"]
assert m["total"] == sum(v for k, v in m.items() if k != "total"), m
assert m["weights"] == 4 * p["parameters"], p'
printf 'size: nano\ndata: swe64.h5\n' >small.yaml
"$MPP" plan small.yaml --measure=1 >small.txt
grep -q 'fields on 64x64 cells' small.txt || fail "$(cat small.txt)"
grep -qE '^a step .* micro-batch(es)? measured' small.txt || fail "$(cat small.txt)"

expect 64 'for what' "$MPP" plan
expect 64 'no amount' "$MPP" plan small.yaml --memory=much
expect 65 'one patch' "$MPP" plan --model=S --grid=16 --measure=0
expect 66 'no such file' "$MPP" plan --model=Z --grid=64

# Too little address space: the training says so and leaves nothing.
(
  ulimit -v 700000
  expect 71 'memory: the training takes .*activations' "$MPP" pretrain --size=S --data=swe64.h5 \
    --patch=4,2 --batch=4 "${common[@]}" --output=large
)
[[ ! -e large/config.yaml ]] || fail "a refused training began"
