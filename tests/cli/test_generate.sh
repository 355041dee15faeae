# mpp generate: systems, files that others read, the same data for any number of threads.
"$MPP" generate --list >list.txt
grep -q '^swe - ' list.txt
grep -q '^diffusion-reaction - \|^diffre2d - ' list.txt
"$MPP" generate --list --json | /usr/bin/python3 -c '
import json, sys
systems = {s["name"]: s for s in json.load(sys.stdin)}
gravity = [p for p in systems["swe"]["parameters"] if p["name"] == "gravity"]
assert gravity and gravity[0]["units"] == "m s-2" and gravity[0]["default"] > 0, systems["swe"]'

# Trajectory i depends on (seed, i) alone, not on threads nor on how many there are.
for threads in 1 2 3; do
  "$MPP" generate swe -n 3 --resolution 32 --frames 5 --seed 7 --threads $threads -o swe$threads.h5 >/dev/null
  "$MPP" generate diffusion-reaction -n 2 --resolution 16 --frames 5 --seed 7 --threads $threads \
    -o dr$threads.h5 >/dev/null
done
for threads in 2 3; do
  same_arrays swe1.h5 swe$threads.h5
  same_arrays dr1.h5 dr$threads.h5
done
"$MPP" generate swe -n 2 --resolution 32 --frames 5 --seed 7 -o fewer.h5 >/dev/null
/usr/bin/python3 - <<'PY'
import h5py, numpy as np
a, b = h5py.File("swe1.h5"), h5py.File("fewer.h5")
assert sorted(b) == ["0000", "0001"] and len(a) == 3, (sorted(a), sorted(b))
for group in b:
    assert a[group]["data"].shape == (5, 32, 32, 1), a[group]["data"].shape
    assert np.array_equal(a[group]["data"], b[group]["data"])
assert not np.array_equal(a["0000/data"], a["0001/data"])
PY
"$MPP" generate swe -n 2 --resolution 32 --frames 5 --seed 8 -o other.h5 >/dev/null
[[ $(arrays fewer.h5) != "$(arrays other.h5)" ]] || fail "the seed has no effect"

# Parameters.
"$MPP" generate swe -n 1 --resolution 16 --frames 3 --set gravity=2 -o g.h5 --json >g.json
"$MPP" generate swe -n 1 --resolution 16 --frames 3 -o g1.h5 >/dev/null
[[ $(arrays g.h5) != "$(arrays g1.h5)" ]] || fail "--set gravity has no effect"
/usr/bin/python3 -c '
import json
r = json.load(open("g.json"))
assert r["system"] == "swe" and r["grid"] == [1, 16, 16] and r["frames"] == 3, r'

# What is refused leaves nothing behind.
mkdir out
expect 64 "unknown system 'sweh' \(did you mean 'swe'\?\)" "$MPP" generate sweh -o out/a.h5
expect 64 'which system' "$MPP" generate -o out/a.h5
expect 64 '' "$MPP" generate swe --resolution=-1 -o out/a.h5
expect 64 'gravty.*gravity' "$MPP" generate swe --set gravty=1 -o out/a.h5
expect 64 'gravity' "$MPP" generate swe --set gravity=-1 -o out/a.h5
expect 73 'missing/a.h5' "$MPP" generate swe -n 1 --resolution 16 -o missing/a.h5
expect 73 'g1.h5' "$MPP" generate swe -n 1 --resolution 16 --frames 3 -o g1.h5
only out
cp g.h5 out/g.h5
"$MPP" generate swe -n 1 --resolution 16 --frames 3 -o out/g.h5 --overwrite >/dev/null
same_arrays out/g.h5 g1.h5

# Killed at any time: the final name is not there, and --resume goes on where the run was; the file is
# that of a run that was not killed.
rm out/g.h5
swe=(generate swe -n 60 --resolution 64 --seed 1)
"$MPP" "${swe[@]}" -o whole.h5 >/dev/null
for delay in 0.05 0.1 0.2 0.3; do
  { timeout -s KILL $delay "$MPP" "${swe[@]}" -o out/killed.h5 --resume || true; } >/dev/null 2>&1
  [[ ! -e out/killed.h5 ]] || break
done
if [[ -e out/killed.h5.partial ]]; then
  expect 73 'killed.h5.partial: finished samples .* --resume' "$MPP" "${swe[@]}" -o out/killed.h5
  expect 64 "found 'seed=1', expected 'seed=2'" \
    "$MPP" generate swe -n 60 --resolution 64 --seed 2 -o out/killed.h5 --resume
  "$MPP" "${swe[@]}" -o out/killed.h5 --resume >/dev/null
fi
same_arrays whole.h5 out/killed.h5
only out killed.h5
rm -rf out; mkdir out

# Boundaries, published datasets and words as parameters.
expect 64 "axis x of swe: found 'periodic', expected one of open\|wall" \
  "$MPP" generate swe --boundary x=periodic -o out/a.h5
expect 64 '2D_rdb_NA: swe has none of this name' "$MPP" generate swe --preset 2D_rdb_NA -o out/a.h5
"$MPP" generate swe --preset 2D_rdb_NA_NA --resolution 16 --frames 5 --boundary wall -o out/wall.h5 >/dev/null
"$MPP" info out/wall.h5 >wall.txt
for key in scheme order_measured drift_mass smallest_h steps seed solver_version; do
  grep -q "^  $key " wall.txt || fail "the certificate lacks $key"
done
rm -rf out; mkdir out

# A file size limit (as a full disk) is an I/O error, and nothing stays.
expect 74 'out/big.h5' bash -c 'ulimit -f 64; exec "$0" generate swe -n 4 --resolution 64 -o out/big.h5' "$MPP"
only out
