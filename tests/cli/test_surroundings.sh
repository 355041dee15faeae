# Closed readers, no standard streams at all, signals at any moment, and a foreign locale, for every
# command. MOMENTS: signals of each kind to each command (1).
moments=${MOMENTS:-1}
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=2 --validate-every=0 --quiet >/dev/null
model=run/final.safetensors
"$MPP" rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 3 -o forecast.nc --quiet >/dev/null

# The commands, a line each, as words of a shell: what it writes ("-": nothing), then the command.
cat >commands.txt <<END
- version
- help pretrain
- generate --list
a.h5 generate swe -n 2 --resolution 16 --frames 6 --seed 2 -o OUT/a.h5
run/final.safetensors pretrain small.yaml --steps=6 --validate-every=3 --output=OUT/run
run/final.safetensors finetune --model $model --data dr.h5 --steps=4 --train-fraction=0.5 --valid-fraction=0.25 --output=OUT/run
a.nc rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 20 -o OUT/a.nc
- evaluate --model $model --data dr.h5 --horizons 1,3 --windows 2
- evaluate forecast.nc
- info dr.h5
- info --check dr.h5
m.json info dr.h5 swe.h5 --manifest OUT/m.json
a.png plot forecast.nc -o OUT/a.png
a.html report run forecast.nc -o OUT/a.html
a.safetensors convert $model OUT/a.safetensors --dtype bf16
- plan small.yaml --measure=0
a.yaml describe dr.h5 -o OUT/a.yaml
END

# run_line LINE OUT RUNNER...: sets `code`; the text goes to OUT.txt and OUT.err.
run_line() {
  local line=$1 out=$2 words
  shift 2
  mkdir -p "$out"
  read -r -a words <<<"${line#* }"
  code=0
  "$@" "$MPP" "${words[@]//OUT/$out}" </dev/null >"$out.txt" 2>"$out.err" || code=$?
}

# What two runs wrote is the same, but for the names and times in it.
same_output() {
  case $1 in
  -) ;;
  *.h5 | *.nc | *.safetensors) same_arrays "$2/$1" "$3/$1" ;;
  *.html) [[ -s $3/$1 ]] || fail "$3/$1 is empty" ;;
  *) cmp "$2/$1" "$3/$1" || fail "$1 differs" ;;
  esac
}

# A text without the names of folders, without times and without memory measured in the process: digits
# of the latter become N, so that a comma among them still shows.
timeless() {
  sed 's/dir_[12]/DIR/g; s/[0-9.]\+ m\?s\b//g; s/[0-9]\+:[0-9:]\+//g; s/input wait [0-9.]*//; /^available/d
    /^\(library\|at the peak\) /s/[0-9]\+/N/g' "$1"
}

export LOCPATH=$MPP_LOCALES
count=0
while read -r line; do
  output=${line%% *}
  rm -rf dir_1 dir_2
  run_line "$line" dir_1
  [[ $code -eq 0 ]] || fail "code $code: $line: $(cat dir_1.err)"

  for how in stdout stderr none; do
    rm -rf dir_2
    run_line "$line" dir_2 /usr/bin/python3 "$MPP_SOURCE/tests/support/closed.py" $how
    expected=0 # a result that goes nowhere is lost, which is told
    [[ $how != none || ! -s dir_1.txt ]] || expected=74
    [[ $code -eq $expected ]] || fail "code $code without a reader ($how): $line: $(cat dir_2.err)"
    same_output "$output" dir_1 dir_2
    count=$((count + 1))
  done

  # Decimal commas, hidden files, no folder for temporary files, no home.
  rm -rf dir_2
  (umask 077 && run_line "$line" dir_2 env LC_ALL=comma LC_NUMERIC=comma TMPDIR=/nowhere HOME=/nowhere TERM=dumb &&
    exit $code) || fail "code $? in other surroundings: $line: $(cat dir_2.err)"
  same_output "$output" dir_1 dir_2
  cmp <(timeless dir_1.txt) <(timeless dir_2.txt) ||
    fail "a comma locale changes the text of $line: $(diff <(timeless dir_1.txt) <(timeless dir_2.txt) | head -5)"
  if [[ $output != - ]]; then
    [[ $(stat -c %a "dir_2/$output") == 600 ]] || fail "$output is for others in spite of umask 077"
  fi

  # Signals at a random moment of the undisturbed time, and SIGHUP of a terminal that goes.
  start=$(date +%s%3N)
  rm -rf dir_2
  run_line "$line" dir_2
  took=$(($(date +%s%3N) - start))
  for signal in $(for ((m = 0; m < moments; m++)); do echo TERM INT USR1 HUP; done); do
    rm -rf dir_2
    code=0
    run_line "$line" dir_2 timeout --foreground -s $signal "$(printf '%d.%03d' 0 $((RANDOM % (took < 999 ? took + 1 : 999))))"
    case $code in
    0 | 75 | 124 | 129 | 130 | 138 | 143) ;;
    *) fail "code $code after SIG$signal: $line: $(cat dir_2.err)" ;;
    esac
    if [[ $output != - && -e dir_2/$output ]]; then
      same_output "$output" dir_1 dir_2
    fi
    while read -r left; do
      [[ $left == *.partial* ]] || "$MPP" info "$left" >/dev/null || fail "SIG$signal left $left: $line"
    done < <(find dir_2 -name '*.safetensors' -o -name '*.nc' -o -name '*.h5')
    count=$((count + 1))
  done
done <commands.txt

# ---- a second signal ends at once, also in the middle of a long step ----
"$MPP" generate swe -n 3 --resolution 64 --frames 24 --seed 3 -o wide.h5 --quiet >/dev/null
"$MPP" pretrain --size=B --patch=4,2 --data=wide.h5 --batch=8 --steps=3 --train-fraction=0.4 --valid-fraction=0.3 \
  --output=slow --quiet </dev/null >/dev/null 2>slow.err &
pid=$!
until [[ -e slow/environment.jsonl ]]; do
  kill -0 $pid 2>/dev/null || fail "the slow training ended: $(cat slow.err)"
  sleep 0.01
done
kill -TERM $pid
sleep 0.1
kill -TERM $pid 2>/dev/null || fail "the step was not long enough for a second signal"
code=0
{ wait $pid; } 2>/dev/null || code=$?
[[ $code -eq 143 ]] || fail "code $code after a second signal: $(cat slow.err)"
[[ -z $(find slow -name '*.safetensors') ]] || fail "a training that took no step has weights"
echo "$count runs"
