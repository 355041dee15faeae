# The time of day jumps by hours, days and years, forth and back, while commands run (libfaketime): the
# same results, ends and limits as without. What counts seconds has the clock that only goes on.
need faketime /usr/bin/python3
fake=$(ls "$(dirname "$(command -v faketime)")"/../lib/*/faketime/libfaketimeMT.so.1 2>/dev/null) ||
  fail "needs libfaketime: run examples/install-dependencies.sh --tests"
small_data
small_config
export OMP_NUM_THREADS=1

# The clock of the file that it names, which is read anew at each look; that of the system stays.
at=(env "LD_PRELOAD=$fake" FAKETIME_NO_CACHE=1 NO_FAKE_STAT=1 FAKETIME_DONT_FAKE_MONOTONIC=1
  DONT_FAKE_MONOTONIC=1)
under=("${at[@]}" "FAKETIME_TIMESTAMP_FILE=$PWD/clock")

# The clock does move for the program, by its own word.
for offset in -9000d +400d; do
  echo $offset >still
  "${at[@]}" "FAKETIME_TIMESTAMP_FILE=$PWD/still" "$MPP" pretrain small.yaml --steps=1 --validate-every=0 \
    --output=date$offset --quiet >/dev/null
  day=$("${at[@]}" "FAKETIME_TIMESTAMP_FILE=$PWD/still" date -u +%Y-%m)
  [[ $day != "$(date -u +%Y-%m)" && $(grep -oE '"time":"[0-9]{4}-[0-9]{2}' date$offset/environment.jsonl) == "\"time\":\"$day" ]] ||
    fail "libfaketime has no effect: $(cut -c1-40 date$offset/environment.jsonl)"
done

# From here on it jumps every few milliseconds.
/usr/bin/python3 - clock <<'P' &
import itertools, os, sys, time
for offset in itertools.cycle(("+3h", "-26h", "+400d", "-9000d", "+1h", "-90s", "+2d")):
    with open("clock.new", "w") as f:
        f.write(offset + "\n")
    os.rename("clock.new", sys.argv[1])
    time.sleep(0.005)
P
jumper=$!
trap 'kill $jumper' EXIT
until [[ -e clock ]]; do sleep 0.01; done

# jump COMMAND...: sets `code`; the text goes to out.txt and err.txt.
jump() {
  code=0
  "${under[@]}" "$@" </dev/null >out.txt 2>err.txt || code=$?
}
good() {
  jump "$@"
  [[ $code -eq 0 ]] || fail "code $code under a clock that jumps: $*: $(cat err.txt)"
}

# ---- generation, training, forecast, scores: the same bits ----
generate="$MPP generate swe -n 6 --resolution 24 --frames 24 --seed 3"
$generate -o plain.h5 --quiet >/dev/null
good $generate -o jumped.h5
same_arrays plain.h5 jumped.h5

train="$MPP pretrain small.yaml --tensorboard"
$train --output=plain --quiet >/dev/null
good $train --output=jumped --max-walltime=20m
same_arrays plain/final.safetensors jumped/final.safetensors
cmp plain/metrics.jsonl jumped/metrics.jsonl || fail "the log of a training depends on the clock"
solver="$MPP pretrain --data solver:swe,resolution=16,frames=12,samples=6,pool=2,reuse=4 --steps=12 --batch=2
  --width=8 --heads=2 --blocks=1 --context=4 --validate-every=6"
$solver --output=solver_plain --quiet >/dev/null
good $solver --output=solver_jumped
same_arrays solver_plain/final.safetensors solver_jumped/final.safetensors

roll="$MPP rollout --model plain/final.safetensors --data dr.h5 --sample 0,1 --steps 12 --members 2"
$roll -o plain.nc --quiet >/dev/null
good $roll -o jumped.nc --live --time-solver --solver diffusion-reaction,horizon=1.15
for name in sample0_member0 sample1_member1 sample1_ensemble; do
  same_arrays plain_$name.nc jumped_$name.nc
done
good "$MPP" rollout --repeat plain_sample0_member1.nc
score="$MPP evaluate --model plain/final.safetensors --data dr.h5 --horizons 1,3 --windows 2 --csv"
$score >plain.csv
good $score
cmp plain.csv out.txt || fail "scores depend on the clock"
good "$MPP" info --check jumped.h5
good "$MPP" plan small.yaml --measure 0.3

# ---- seconds: none is negative, none is a day ----
/usr/bin/python3 - <<'P'
import json
for run in ("jumped", "solver_jumped"):
    lines = [json.loads(line) for line in open(run + "/timing.jsonl")]
    assert len(lines) >= 12
    for line in lines:
        for key in ("data_time", "step_time"):
            assert 0 <= line[key] < 60, line
P

# ---- a limit of time counts what passes, whatever the clock says, and so does progress ----
begin=$(date +%s%N)
jump "$MPP" pretrain small.yaml --steps=20000 --validate-every=0 --checkpoint-every=0 --max-walltime=2.5 \
  --output=limited --progress=plain --log-every=1
took=$((($(date +%s%N) - begin) / 1000000))
[[ $code -eq 75 && $took -ge 2500 && $took -lt 30000 ]] ||
  fail "code $code after $took ms with --max-walltime=2.5: $(cat err.txt)"
lines=$(grep -c 'step [0-9]* of 20000,.* left' err.txt || true)
[[ $lines -ge 1 && $lines -le $((took / 1000 + 1)) ]] || fail "$lines lines of progress in $took ms: $(cat err.txt)"
! grep ' left' err.txt | grep -vE ', ([0-9]:)?[0-9]{1,2}:[0-9]{2} left$' || fail "a time that cannot be"

# ---- stopped, killed, in use, gone on with ----
jump $train --output=cut --max-walltime=0.001
[[ $code -eq 75 ]] || fail "code $code after --max-walltime=0.001: $(cat err.txt)"
# killed FILE COMMAND...: ended by SIGKILL as soon as FILE is there.
killed() {
  local pid
  "${under[@]}" "${@:2}" </dev/null >out.txt 2>err.txt &
  pid=$!
  until [[ -e $1 || ! -e /proc/$pid ]]; do sleep 0.002; done
  kill -KILL $pid 2>/dev/null || echo "ended before it was killed: ${*:2}: $(cat err.txt)"
  { wait $pid; } 2>/dev/null || true
}
killed cut/lock $train --output=cut --resume --quiet
good $train --output=cut --resume
[[ ! -e cut/lock ]] || fail "a lock stays"
same_arrays plain/final.safetensors cut/final.safetensors
cmp plain/metrics.jsonl cut/metrics.jsonl || fail "a run that was cut differs"

long="$MPP rollout --model plain/final.safetensors --data dr.h5 --steps 200 --max-growth 0 --max-drift 0 --max-high-share 0"
$long -o long.nc --quiet >/dev/null
killed again.nc.partial $long -o again.nc --quiet
good $long -o again.nc --resume
same_arrays long.nc again.nc
killed again.h5.partial $generate --resolution 48 -o again.h5 --quiet
[[ -e again.h5 ]] || good $generate --resolution 48 -o again.h5 --resume
$generate --resolution 48 -o once.h5 --quiet >/dev/null
same_arrays once.h5 again.h5

"${under[@]}" $train --steps=100000 --output=held --quiet </dev/null >/dev/null 2>held.txt &
pid=$!
until [[ -e held/config.yaml || ! -e /proc/$pid ]]; do sleep 0.002; done
jump $train --output=held --resume
[[ $code -eq 73 ]] && grep -q "held/lock: is held by process $pid " err.txt || fail "code $code for a run in use: $(cat err.txt)"
kill -TERM $pid
code=0
{ wait $pid; } 2>/dev/null || code=$?
[[ $code -eq 75 ]] || fail "code $code after SIGTERM: $(cat held.txt)"
