# Training straight from the solvers: nothing but the run on disk, the same weights from a file of
# configuration and the command line, through kill -9, and in any mix with files.
small_data
small_config
solver='solver:gray-scott,resolution=16,frames=16,horizon=300,regime=spots,pool=3,reuse=9,held-out=2'
options=(--width 24 --heads 2 --blocks 2 --patch "2,2" --context 4 --batch 2 --steps 24 --warmup 5
  --horizons 1,4 --validate-every 8 --validate-windows 4 --checkpoint-every 8 --seed 5 --quiet)

"$MPP" pretrain --data "$solver,swe.h5" --output line "${options[@]}" --threads 2 >line.txt
grep -q 'grayscott:A' line.txt || fail "no scores of the solver: $(cat line.txt)"
only line best.safetensors config.yaml environment.jsonl final.safetensors metrics.jsonl timing.jsonl \
  step-00000008.safetensors step-00000016.safetensors step-00000024.safetensors

cat >mix.yaml <<'YAML'
data:
  - solver: gray-scott
    resolution: 16
    frames: 16
    horizon: 300
    regime: spots
    pool: 3
    reuse: 9
    held-out: 2
  - swe.h5
YAML
"$MPP" pretrain mix.yaml --output file "${options[@]}" --threads 1 >/dev/null
same_arrays line/final.safetensors file/final.safetensors
cmp line/metrics.jsonl file/metrics.jsonl || fail "the logs of line and file differ"

# Killed once a checkpoint lies there.
"$MPP" pretrain mix.yaml --output killed "${options[@]}" >/dev/null 2>killed.err &
pid=$!
until [[ -e killed/step-00000008.safetensors ]]; do
  kill -0 $pid 2>/dev/null || fail "the run ended before step 8: $(cat killed.err)"
  sleep 0.005
done
kill -9 $pid
{ wait $pid; } 2>/dev/null || true
"$MPP" pretrain mix.yaml --output killed "${options[@]}" --resume >/dev/null
same_arrays line/final.safetensors killed/final.safetensors
cmp line/metrics.jsonl killed/metrics.jsonl || fail "the log differs after kill -9"

# What is kept in memory is said, and where a solver fails.
"$MPP" pretrain --data "$solver" --output said "${options[@]}" --steps 1 --no-quiet >/dev/null 2>said.err
grep -q 'by 1 thread: 3 to draw from, 2 held out, in at most' said.err || fail "$(cat said.err)"
expect 78 "did you mean 'gray-scott'" "$MPP" pretrain --data solver:gray-scot --output bad "${options[@]}"
expect 78 'reuse' "$MPP" pretrain --data solver:swe,reuse=x --output bad "${options[@]}"
expect 3 'sample [0-9]+: .*diverged at t = .* in cell' "$MPP" pretrain --output bad "${options[@]}" \
  --data solver:swe,resolution=32,frames=8,inner_height=100,outer_height=0.001
