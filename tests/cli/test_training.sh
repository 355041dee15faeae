# Training: the same weights for 1, 2 and 3 threads, and through kill -9 and signals.
small_data
small_config

# train FOLDER OPTION...
train() {
  local output=$1
  shift
  "$MPP" pretrain small.yaml --output="$output" --quiet "$@" </dev/null
}

# Weights, moments and the log of two runs.
same_run() {
  same_arrays "$1/final.safetensors" "$2/final.safetensors"
  same_arrays "$1/step-00000040.safetensors" "$2/step-00000040.safetensors"
  same_arrays "$1/best.safetensors" "$2/best.safetensors"
  cmp "$1/metrics.jsonl" "$2/metrics.jsonl" || fail "the logs of $1 and $2 differ"
}

train whole --threads 2 >whole.txt 2>whole.err
grep -q 'whole: 40 steps' whole.txt || fail "no summary: $(cat whole.txt)"
grep -qE 'input wait [0-9.]+ %' whole.txt || fail "no wait for input: $(cat whole.txt)"
grep -q 'persistence' whole.txt || fail "no table: $(cat whole.txt)"
[[ ! -s whole.err ]] || fail "--quiet is not quiet: $(cat whole.err)"
only whole best.safetensors config.yaml environment.jsonl final.safetensors metrics.jsonl timing.jsonl \
  step-00000024.safetensors step-00000032.safetensors step-00000040.safetensors
[[ $(grep -c '"loss"' whole/metrics.jsonl) -eq 40 ]] || fail "metrics.jsonl: $(wc -l <whole/metrics.jsonl)"
/usr/bin/python3 -c '
import json
for line in open("whole/metrics.jsonl"):
    json.loads(line, parse_constant=lambda name: 1 / 0)'

for threads in 1 3; do
  train threads$threads --threads $threads >/dev/null
  same_run whole threads$threads
done
# Blocks that run again for their backward pass: the same run.
train recompute --recompute --threads 2 >/dev/null
same_run whole recompute
train seed --seed 12 >/dev/null
[[ $(arrays whole/final.safetensors) != "$(arrays seed/final.safetensors)" ]] || fail "the seed has no effect"

# at FOLDER STEP SIGNAL OPTION...: signals a run once the checkpoint of a step lies there, and sets
# `code`.
at() {
  local output=$1 step=$2 signal=$3 pid
  shift 3
  "$MPP" pretrain small.yaml --output="$output" "$@" </dev/null >at.txt 2>at.err &
  pid=$!
  until [[ -e $(printf "%s/step-%08d.safetensors" "$output" "$step") ]]; do
    kill -0 $pid 2>/dev/null || fail "the run ended before step $step: $(cat at.err)"
    sleep 0.005
  done
  kill -s "$signal" $pid
  code=0
  { wait $pid; } 2>/dev/null || code=$?
}

# Three pieces with a kill -9 between, each at a point of a step that chance gives.
at pieces 8 KILL
[[ $code -eq 137 ]] || fail "code $code after kill -9: the run was too fast to be killed"
[[ ! -e pieces/final.safetensors ]] || fail "a killed run left its result"
at pieces 16 KILL --resume
[[ $code -eq 137 ]] || fail "code $code after the second kill -9"
train pieces --resume >/dev/null
same_run whole pieces
only pieces best.safetensors config.yaml environment.jsonl final.safetensors metrics.jsonl timing.jsonl \
  step-00000024.safetensors step-00000032.safetensors step-00000040.safetensors

# Signals: a checkpoint, code 75, and the same run in the end.
for signal in TERM INT USR1; do
  at by$signal 8 $signal
  [[ $code -eq 75 ]] || fail "code $code after SIG$signal: $(cat at.err)"
  grep -qE '^mpp: .*stopped at step [0-9]+ of 40' at.err || fail "message: $(cat at.err)"
  train by$signal --resume >/dev/null
  same_run whole by$signal
done

# Wall time.
code=0
train walltime --max-walltime 0.001 >/dev/null 2>walltime.err || code=$?
[[ $code -eq 75 ]] || fail "code $code at the wall time: $(cat walltime.err)"
train walltime --resume >/dev/null
same_run whole walltime

# The folder of a run is not taken by another one, and a finished run has nothing to do.
expect 73 'whole' "$MPP" pretrain small.yaml --output=whole
train whole --resume >again.txt
same_run threads1 whole
expect 78 'learning-rate' "$MPP" pretrain small.yaml --output=whole --resume --learning-rate=0.5
train whole --overwrite --steps=2 --json >json.txt
/usr/bin/python3 -c '
import json
r = json.load(open("json.txt"))
assert 0 <= r["input_wait"] < 1, r
assert r["finished"] and r["step"] == 2 and r["steps"] == 2, r
v = r["validation"]
assert [d["system"] for d in v][0] == "swe" and v[0]["horizons"] == [1, 4], v
assert v[0]["predictors"]["model"]["nrmse"]["swe:h"][0] > 0, v'
