# The speed of a network as a table and as JSON.
small="--size nano --grid 32 --frames 3 --batch 2 --repeat 2 --threads 2"

"$MPP" bench $small --stages >text.txt
for word in 'prediction' 'training step' 'MLP, backward' 'space attention' 'update, backward'; do
  grep -q "^$word " text.txt || fail "the table lacks '$word'"
done
"$MPP" bench $small >brief.txt
if grep -q 'MLP' brief.txt; then fail "stages without --stages"; fi

"$MPP" bench $small --stages --json >report.json
/usr/bin/python3 - <<'PY' || fail "JSON of bench"
import json
r = json.load(open("report.json"))
assert r["size"] == "nano" and r["grid"] == [1, 32, 32] and r["threads"] == 2 and r["batch"] == 2
assert r["peak_gflops"] > 0
for part in r["prediction"], r["step"]:
    assert part["least_seconds"] <= part["seconds"] <= part["most_seconds"]
    # one definition: windows of a batch, operations and their share of the peak by the median time
    assert abs(part["windows_per_second"] * part["seconds"] - 2) < 1e-9
    assert abs(part["gflops"] * part["seconds"] / part["gflop"] - 1) < 1e-9
    assert abs(part["share_of_peak"] * r["peak_gflops"] / part["gflops"] - 1) < 1e-9
    assert part["peak_memory_bytes"] > 1 << 20
stages = r["stages"]
assert len(stages) == 19 and all(s["seconds"] > 0 and s["bytes"] > 0 for s in stages)
assert abs(sum(s["flop"] for s in stages) / 1e9 / r["step"]["gflop"] - 1) < 1e-9
PY

expect 64 'size' "$MPP" bench --size huge
expect 64 'frames' "$MPP" bench --frames 0
expect 65 'multiples of the patch size' "$MPP" bench --size nano --grid 33
