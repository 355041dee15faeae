#!/bin/bash
# Faults at random moments: tests/soak.sh [SECONDS] [SEED], 3600 s by default. Trains, forecasts and
# generates again and again, each run disturbed by SIGKILL, SIGTERM, SIGINT, SIGUSR1 or a limit on the
# size of files (as a full disk) until it is done, and holds the result at the bits of an undisturbed
# run. The seed is printed; the moments depend on the machine's load besides. MPP names the program
# (build/mpp). First, how the memory of one long training grows: MEMORY_STEPS (100000; 0: leaves that
# out). KILLS=N: SIGKILL alone, until N have hit trainings and N forecasts, however long that takes.
# Smoke mode of the suite: SECONDS=0, one round of each and no memory. tests/counts.sh is the
# like for faults at chosen moments.
set -euo pipefail
cd "$(dirname "$0")/.."
export MPP=${MPP:-$PWD/build/mpp} MPP_SOURCE=$PWD OMP_WAIT_POLICY=passive
seconds=${1:-3600} KILLS=${KILLS:-0}
seed=${2:-$((RANDOM * 32768 + RANDOM))}
RANDOM=$((seed % 32768))
source tests/support/cli.sh
rounds=0 stopped=0 full=0 ended=0 finished=0
declare -A killed=([pretrain]=0 [rollout]=0 [generate]=0)
work=$(mktemp -d "${TMPDIR:-/tmp}/mpp-soak.XXXXXX")
# What has been counted is told in any case.
trap 'echo "$rounds rounds: killed ${killed[pretrain]} trainings, ${killed[rollout]} forecasts and ${killed[generate]} generations, $stopped stopped with code 75, $full without room (74), $ended ended, $finished killed in their last step"
  rm -rf "$work"' EXIT
cd "$work"
echo "seed $seed"

small_data
small_config
if [[ $seconds -gt 0 && ${MEMORY_STEPS:-100000} -gt 0 ]]; then
  # 16 KiB: a leak of 16 bytes a step shows.
  /usr/bin/python3 "$MPP_SOURCE/tests/support/memory_slope.py" 16 long/metrics.jsonl "$MPP" pretrain \
    small.yaml --quiet --threads=1 --output=long --steps="${MEMORY_STEPS:-100000}" --checkpoint-every=100 \
    --validate-every=1000
  rm -rf long
fi

# Runs a command of mpp with one fault, at a moment up to $1 ms away; sets `code`.
disturbed() {
  local most=$1 delay signals=(KILL KILL TERM INT USR1) fault=$((RANDOM % (KILLS > 0 ? 2 : 6)))
  shift
  local command=$2
  code=0
  if [[ $fault -eq 5 ]]; then # 1 to 64 KiB a file
    (ulimit -f $((1 + RANDOM % 64)); exec "$@") </dev/null >out.txt 2>err.txt || code=$?
  else
    delay=$((1 + RANDOM % most))
    { timeout --foreground --preserve-status -s "${signals[fault]}" \
      "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))" "$@" </dev/null >out.txt 2>err.txt || code=$?; } 2>/dev/null
  fi
  case $code in
  0) ended=$((ended + 1)) ;;
  75) stopped=$((stopped + 1)) ;;
  74) full=$((full + 1)) ;;
  # SIGKILL, or another one before the command listens to it.
  137 | 130 | 138 | 143) killed[$command]=$((killed[$command] + 1)) ;;
  *) fail "code $code: $* $(cat err.txt)" ;;
  esac
}

# until_done RESULT MILLISECONDS COMMAND...: the same command again until its result lies there; from
# the eighth time on undisturbed.
until_done() {
  local result=$1 most=$2 tries=0
  shift 2
  while [[ ! -e $result ]]; do
    tries=$((tries + 1))
    if [[ $tries -gt 8 ]]; then
      "$@" </dev/null >out.txt 2>err.txt || fail "code $?: $* $(cat err.txt)"
    else
      disturbed "$most" "$@"
    fi
  done
}

train=("$MPP" pretrain small.yaml --quiet --resume)
roll=("$MPP" rollout --model whole/final.safetensors --data dr.h5 --sample 1 --start 2 --steps 100
  --quiet --resume)
made=("$MPP" generate swe -n 8 --resolution 32 --frames 24 --seed 9 --quiet --resume)

# How long each takes, undisturbed, and what it gives.
begin=$(date +%s%3N)
"$MPP" pretrain small.yaml --quiet --output=whole >out.txt
train_ms=$(($(date +%s%3N) - begin + 10))
begin=$(date +%s%3N)
"${roll[@]}" -o whole.nc >out.txt
roll_ms=$(($(date +%s%3N) - begin + 10))
begin=$(date +%s%3N)
"${made[@]}" -o whole.h5 >out.txt
made_ms=$(($(date +%s%3N) - begin + 10))

finish=$(($(date +%s) + seconds))
while true; do
  rm -rf run run.nc* made.h5*
  until_done run/final.safetensors $train_ms "${train[@]}" --output=run
  same_arrays whole/final.safetensors run/final.safetensors
  same_arrays whole/best.safetensors run/best.safetensors
  cmp whole/metrics.jsonl run/metrics.jsonl || fail "the logs differ"
  [[ -z $(find run -name '*.tmp-*') ]] || fail "temporary files are left: $(ls run)"
  until_done run.nc $roll_ms "${roll[@]}" -o run.nc
  if [[ -e run.nc.lock ]]; then # killed when only that was to be removed
    "${roll[@]}" -o run.nc </dev/null >out.txt 2>err.txt || fail "code $?: ${roll[*]} $(cat err.txt)"
    finished=$((finished + 1))
  fi
  same_arrays whole.nc run.nc
  [[ $(ls -d run.nc*) == run.nc ]] || fail "left over: $(ls -d run.nc*)"
  until_done made.h5 $made_ms "${made[@]}" -o made.h5
  if [[ -e made.h5.partial ]]; then # killed when only that was to be removed
    "${made[@]}" -o made.h5 </dev/null >out.txt 2>err.txt || fail "code $?: ${made[*]} $(cat err.txt)"
    finished=$((finished + 1))
  fi
  same_arrays whole.h5 made.h5
  [[ $(ls -d made.h5*) == made.h5 ]] || fail "left over: $(ls -d made.h5*)"
  rounds=$((rounds + 1))
  if [[ $KILLS -gt 0 ]]; then
    [[ ${killed[pretrain]} -lt $KILLS || ${killed[rollout]} -lt $KILLS ]] || break
  else
    [[ $(date +%s) -lt $finish ]] || break
  fi
done
echo "training, forecast and generation equal to undisturbed ones in all rounds"
