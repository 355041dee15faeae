# Runs that are killed, or refused, at one system call that changes files, by strace: the same command
# again finishes with the bits of an undisturbed run, and what lies under a final name is whole at any
# moment. Every call in turn with STRIDE=1; the suite takes every 331st, beginning with number FIRST. SKIP
# passes over so many.
need strace
strace -qq -o probe.txt true || fail "strace cannot trace here (ptrace is forbidden?): $(cat probe.txt)"
stride=${STRIDE:-331}
turn=${FIRST:-0}
calls=openat,write,pwrite64,fsync,fdatasync,rename,unlink,mkdir,fallocate,ftruncate

small_data
small_config
"$MPP" pretrain small.yaml --output=model --steps=2 --validate-every=0 --quiet >/dev/null

# What a command writes, and the command; --trust-input: the counts are those of one process.
cat >commands.txt <<'END'
run/final.safetensors pretrain small.yaml --output=run --steps=4 --checkpoint-every=2 --validate-every=0 --resume --quiet --trust-input
run.nc rollout --model model/final.safetensors --data dr.h5 --sample 0 --start 0 --steps 4 -o run.nc --resume --quiet --trust-input
run.h5 generate swe -n 2 --resolution 16 --frames 6 --seed 2 -o run.h5 --resume --quiet
run.json info dr.h5 swe.h5 --manifest run.json --trust-input
END

# The payload of safetensors, which has no times in it; whole files otherwise.
payload() {
  local header=0
  if [[ $1 == *.safetensors ]]; then
    header=$(($(od -An -tu8 -N8 "$1") + 8))
  fi
  tail -c +$((header + 1)) "$1"
}

same_result() {
  case $1 in
  *.nc | *.h5) same_arrays "whole/$1" "$1" ;;
  *) cmp <(payload "whole/$1") <(payload "$1") || fail "$1 differs" ;;
  esac
}

# Nothing half-written under a final name.
whole_names() {
  local file
  while read -r file; do
    "$MPP" info "$file" >/dev/null 2>err.txt || fail "$file is no whole file $*: $(cat err.txt)"
  done < <(find . -maxdepth 2 -newer before \( -path './run/*.safetensors' -o -name 'run.nc' -o -name 'run.h5' \))
  [[ ! -e run.json ]] || cmp whole/run.json run.json || fail "run.json is no whole file $*"
}

# at CALL NUMBER FAULT CODES COMMAND...: sets `code`, which must be one of CODES.
at() {
  local call=$1 number=$2 fault=$3 codes=$4
  shift 4
  rm -rf run run.*
  touch before
  code=0
  { strace -f -qq -o trace.txt -e trace="$call" -e inject="$call:$fault:when=$number" \
    "$MPP" "$@" </dev/null >out.txt 2>err.txt || code=$?; } 2>/dev/null
  [[ " $codes " == *" $code "* ]] || fail "code $code after $fault at $call $number: $* $(cat err.txt)"
  if [[ $code -ne 0 && $code -ne 137 ]]; then
    grep -q '^mpp: ' err.txt || fail "no message after $fault at $call $number: $*"
  fi
  whole_names "after $fault at $call $number"
}

# again AFTER: the same command makes the result. One without --resume may find it there, whole.
again() {
  local code=0
  "$MPP" "${command[@]}" </dev/null >out.txt 2>err.txt || code=$?
  [[ $code -eq 0 || ($code -eq 73 && -e $result && " ${command[*]} " != *" --resume "*) ]] ||
    fail "code $code after $1: $words: $(cat err.txt)"
  same_result "$result"
}

all=0 cases=0 died=0 refused=0
errors=(EIO ENOSPC EDQUOT EFBIG)
while read -r result words; do
  read -r -a command <<<"$words"
  mkdir -p whole
  rm -rf run run.*
  strace -f -qq -o calls.txt -e trace=$calls "$MPP" "${command[@]}" </dev/null >out.txt
  rm -rf "whole/$result" && mkdir -p "whole/$(dirname "$result")" && mv "$result" "whole/$result"
  # Name and number, within its process, of each call that changes files, and whether it is one of stdio;
  # signals have lines of their own ("--- SIGCHLD").
  awk '{ name = $2; sub(/\(.*/, "", name); n = ++count[$1, name] }
    NR == 1 { first = $1 }
    $1 == first && name ~ /^[a-z]/ && (name != "openat" || /O_WRONLY|O_RDWR/) && !/\/dev\// { print name, n, / write\([12],/ }' calls.txt >numbers.txt
  all=$((all + $(wc -l <numbers.txt)))
  [[ $(wc -l <numbers.txt) -gt 5 ]] || fail "no calls that change files: $words"
  while read -r call number stdio; do
    turn=$((turn + 1))
    [[ $((turn % stride)) -eq 0 && $turn -gt ${SKIP:-0} ]] || continue
    # Killed on entry; the same command again.
    at "$call" "$number" signal=KILL 137 "${command[@]}"
    again "a kill at $call $number"
    died=$((died + 1))
    # Refused: a log or a hint may go without; else the file that failed is named.
    error=${errors[turn / stride % 4]}
    at "$call" "$number" "error=$error" '0 73 74' "${command[@]}"
    if [[ $code -ne 0 ]]; then
      refused=$((refused + 1))
      again "$error at $call $number"
    else
      same_result "$result"
    fi
    # Interrupted: no difference at all. What stdio writes is left out: it does not try again, and need
    # not, since the handlers let the system go on with a call (SA_RESTART).
    if [[ $call == *write* && $stdio -eq 0 ]]; then
      at "$call" "$number" error=EINTR 0 "${command[@]}"
      same_result "$result"
    fi
    cases=$((cases + 1))
  done <numbers.txt
done <commands.txt

# The last block of a forecast's definitions, which HDF5 writes as it closes the file: netCDF 4.9.0
# crashes when that fails. And the first of what it writes when it opens the file again.
read -r result words <<<"$(grep '^run.nc' commands.txt)"
read -r -a command <<<"$words"
rm -rf run run.*
strace -f -qq -o calls.txt -e trace=pwrite64,rename "$MPP" "${command[@]}" </dev/null >out.txt
last=$(awk '/pwrite64\(/ { n++ } /rename\(/ { print n; exit }' calls.txt)
for number in "$last" $((last + 1)); do
  at pwrite64 "$number" error=ENOSPC 74 "${command[@]}"
  "$MPP" "${command[@]}" </dev/null >out.txt 2>err.txt || fail "code $? after a block unwritten: $(cat err.txt)"
  same_result "$result"
done

# Killed when the dataset has its name and its samples are to be removed: nothing is left to do but that.
# A dataset that was there before is another matter.
generate=(generate swe -n 2 --resolution 16 --frames 6 --seed 2 -o run.h5 --resume --quiet)
at unlink 1 signal=KILL 137 "${generate[@]}"
[[ -e run.h5 && -e run.h5.partial ]] || fail "killed elsewhere: $(ls run.*)"
cp -p run.h5.partial kept
"$MPP" "${generate[@]}" >out.txt
same_result run.h5
[[ ! -e run.h5.partial ]] || fail "a finished run leaves its samples"
cp -p kept run.h5.partial
touch -d '1 hour ago' run.h5
expect 73 'run.h5: exists already' "$MPP" "${generate[@]}"
cmp kept run.h5.partial || fail "samples that are in no dataset are gone"
[[ $cases -gt 0 ]] || fail "no case: STRIDE $stride"
echo "$cases of $all calls: $died killed; $refused stop the command when refused"
