# Data that can be trusted: what a check finds, with which code; distinct splits; manifests.
small_data
check() {
  "$MPP" info --check "$@" </dev/null
}
check dr.h5 swe.h5 >sound.txt
grep -q '^read  *12 trajectories, 12 of them distinct' sound.txt || fail "$(cat sound.txt)"
grep -q '0 non-finite, 0 constant, 0 times, 0 duplicate, 0 leak' sound.txt || fail "$(cat sound.txt)"

# As PDEBench's shallow-water file: few distinct trajectories, all of the test part in the training part.
/usr/bin/python3 - <<'PY'
import h5py, numpy as np
rng = np.random.default_rng(1)
with h5py.File("swe.h5") as a, h5py.File("twice.h5", "w") as b:
    for name in a["0000"]:
        pass
    for i in range(40):
        a.copy(f"{i if i < 6 else rng.integers(6):04d}", b, f"{i:04d}")
with h5py.File("bad.h5", "w") as b, h5py.File("dr.h5") as a:
    for i in range(4):
        a.copy(f"{i:04d}", b)
    b["0001/data"][7, 3, 4, 0] = np.inf
    b["0001/data"][9, 3, 4, 0] = np.nan
    b["0002/data"][..., 1] = 0.5
    b["0003/grid/t"][5] = b["0003/grid/t"][4]
PY
expect 65 'faults found' "$MPP" info --check twice.h5
grep -q '^read  *40 trajectories, 6 of them distinct' stdout.txt || fail "$(cat stdout.txt)"
grep -qE '^leak +twice.h5: trajectory 39, of the test part, equals trajectory [0-5], of the training part' \
  <("$MPP" info --check twice.h5 --json | /usr/bin/python3 -c '
import json, sys
r = json.load(sys.stdin)
assert r["found"]["leak"] == 8 and r["found"]["duplicate"] == 26 and r["distinct"] == 6, r["found"]
for f in r["findings"]: print(f["kind"], f["text"])') || fail "no leak of trajectory 39"
check twice.h5 --split distinct >distinct.txt || fail "a distinct split is at fault"
grep -q '34 duplicate, 0 leak' distinct.txt || fail "$(cat distinct.txt)"

expect 65 '4 faults found' "$MPP" info --check bad.h5 /no/such.h5
grep -qE "^non-finite +bad.h5: trajectory 1: field 'diffre2d:activator': 2 values are not finite, the first in frame 7" \
  stdout.txt || fail "$(cat stdout.txt)"
grep -qE "^constant +bad.h5: trajectory 2: field 'diffre2d:inhibitor' is 0.5" stdout.txt || fail "$(cat stdout.txt)"
grep -qE '^times +bad.h5: trajectory 3' stdout.txt || fail "$(cat stdout.txt)"
grep -qE '^unreadable +/no/such.h5' stdout.txt || fail "$(cat stdout.txt)"

# Evaluation and training on either side of a distinct split: of six groups 5 train, 1 validates.
"$MPP" evaluate --data twice.h5 --split distinct --context 4 --windows 0 --horizons 1 --no-stencils --quiet >e.txt
grep -q 'the validation split, equal trajectories on one side' e.txt || fail "$(cat e.txt)"
small_config
"$MPP" pretrain small.yaml --data twice.h5 --split distinct --train-fraction 0.5 --output=run --steps=2 \
  --validate-every=0 --quiet >/dev/null || fail "training on a distinct split"

# Manifests.
mkdir data
mv dr.h5 swe.h5 data
"$MPP" info --manifest data/manifest.json data
mv data elsewhere
"$MPP" info --verify elsewhere/manifest.json >verify.txt
grep -q '^compared  *2 files' verify.txt || fail "$(cat verify.txt)"
printf x | dd of=elsewhere/dr.h5 bs=1 seek=5000 conv=notrunc status=none
rm elsewhere/swe.h5
expect 65 '2 faults found' "$MPP" info --verify elsewhere/manifest.json
grep -qE '^changed +[^ ]*elsewhere/dr.h5: digest xxh3-128:[0-9a-f]{32}, expected' stdout.txt || fail "$(cat stdout.txt)"
grep -qE '^missing +[^ ]*elsewhere/swe.h5' stdout.txt || fail "$(cat stdout.txt)"
"$MPP" info --verify elsewhere/manifest.json --json >verify.json || true
/usr/bin/python3 -c '
import json
r = json.load(open("verify.json"))
assert r["files"] == 2 and r["found"] == {"missing": 1, "changed": 1} and len(r["differences"]) == 2, r'
expect 73 'manifest.json' "$MPP" info --manifest elsewhere/manifest.json elsewhere/dr.h5
expect 66 'no.json' "$MPP" info --verify no.json
expect 64 'several files' "$MPP" info twice.h5 bad.h5
expect 64 'which file' "$MPP" info --check
