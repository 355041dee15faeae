# The speed of a network as a table and as JSON.
need ncdump
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

# Products in bfloat16: everywhere where a network computes, or nowhere on this processor.
small_data
small_config
"$MPP" pretrain small.yaml --output=f32 --steps=6 --validate-every=0 --quiet >/dev/null
model=f32/final.safetensors
if grep -q avx512_bf16 /proc/cpuinfo; then
  "$MPP" bench $small --precision bf16 --json | has '"precision": "bf16"' || fail "bench in bf16"
  for threads in 1 2; do
    "$MPP" pretrain small.yaml --output=bf16-$threads --precision=bf16 --steps=6 --validate-every=0 \
      --threads $threads --quiet >/dev/null
  done
  same_arrays bf16-1/final.safetensors bf16-2/final.safetensors
  if cmp -s <(arrays $model) <(arrays bf16-1/final.safetensors); then fail "training in bf16 is that in float32"; fi
  expect 78 'precision: the run has bf16' "$MPP" pretrain small.yaml --output=bf16-1 --resume --steps=6 --validate-every=0
  for precision in float32 bf16; do
    "$MPP" rollout --model $model --data dr.h5 --steps 5 -o $precision.nc --precision $precision --quiet >/dev/null
    "$MPP" evaluate --model $model --data dr.h5 --windows 4 --horizons 1,5 --no-stencils --json \
      --precision $precision >$precision.json
  done
  if cmp -s <(arrays float32.nc) <(arrays bf16.nc); then fail "a rollout in bf16 is that in float32"; fi
  if cmp -s float32.json bf16.json; then fail "an evaluation in bf16 is that in float32"; fi
  ncdump -h bf16.nc >bf16.txt
  grep -q 'mpp_precision = "bf16"' bf16.txt || fail "the forecast does not say its precision"
else
  expect 78 'AVX512_BF16' "$MPP" bench $small --precision bf16
  expect 78 'AVX512_BF16' "$MPP" pretrain small.yaml --output=bf16 --precision=bf16
  expect 78 'AVX512_BF16' "$MPP" rollout --model $model --data dr.h5 -o bf16.nc --precision bf16
  expect 78 'AVX512_BF16' "$MPP" evaluate --model $model --data dr.h5 --precision bf16
fi

expect 64 'size' "$MPP" bench --size huge
expect 64 'frames' "$MPP" bench --frames 0
expect 65 'one patch' "$MPP" bench --size nano --grid 4
