# Allocations that fail, of the program and of every library that it is linked with
# (tests/support/fail_alloc.c): one of them, and from one on all. The command ends by itself, with
# success and its whole result, or with a code of its own and a message; what it left under a final
# name is whole, and the same command again gives the bits of an undisturbed run. They are taken by the
# path of calls that leads to them, every STRIDE-th, from number FIRST on; STRIDE=1 takes each path of
# each command, hours of them. NUMBERS=all: not the paths, but each allocation. ONLY: one command.
stride=${STRIDE:-250}
turn=${FIRST:-0}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
gcc -O1 -D_GNU_SOURCE -Wall -Werror -shared -fPIC "$MPP_SOURCE/tests/support/fail_alloc.c" -o fail_alloc.so

small_data
small_config
"$MPP" pretrain small.yaml --output=model --steps=2 --validate-every=0 --quiet >/dev/null
model=model/final.safetensors
"$MPP" rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 3 -o forecast.nc --quiet >/dev/null
"$MPP" convert $model model.pt --quiet >/dev/null

# Name, what it writes ("-": its results are on stdout), the command.
cat >commands.txt <<END
info - info dr.h5
evaluate - evaluate forecast.nc --csv
score - evaluate --model $model --data dr.h5 --horizons 1,3 --windows 1 --csv
train run/final.safetensors pretrain small.yaml --output=run --steps=2 --checkpoint-every=1 --validate-every=2 --quiet --resume
rollout run.nc rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 2 -o run.nc --quiet --resume
window run.nc rollout --model window --data dr.h5 --sample 0 --start 0 --steps 2 -o run.nc --quiet --resume
generate run.h5 generate swe -n 1 --resolution 16 --frames 3 --seed 1 -o run.h5 --quiet --resume
torch run.pt convert $model run.pt --quiet --overwrite
back run.safetensors convert model.pt run.safetensors --quiet --overwrite
data run.h5 convert data swe.h5 --to pdebench -o run.h5 --quiet --overwrite
END

# The payload of safetensors, which has no times in it.
payload() { tail -c +$(($(od -An -tu8 -N8 "$1") + 9)) "$1"; }

# whole_file FILE: whether it can be read from end to end.
whole_file() {
  case $1 in
  *.pt) "$MPP" convert "$1" read.safetensors --quiet --overwrite >read.txt 2>&1 ;;
  *) "$MPP" info "$1" >read.txt 2>&1 ;;
  esac || fail "$1 is no whole file $2: $(cat read.txt)"
}

# Fewer lines, and a message that says which and why.
said_why() { grep -q '^no rows of predictors without training: ' err.txt && ! diff whole/out.txt out.txt | has '^>'; }

# same_result RESULT WHERE: it, or what was printed, is that of the undisturbed run.
same_result() {
  case $1 in
  -) cmp -s whole/out.txt out.txt || said_why || fail "another text $2: $(diff whole/out.txt out.txt | head -4)" ;;
  *.safetensors) cmp <(payload "whole/$1") <(payload "$1") || fail "$1 differs $2" ;;
  *.pt) whole_file "$1" "$2" && cmp <(payload whole/read.safetensors) <(payload read.safetensors) || fail "$1 differs $2" ;;
  *) cmp -s "whole/$1" "$1" || same_arrays "whole/$1" "$1" ;;
  esac
}

again() { timeout -s KILL 20 "$MPP" "$@" --threads=1 </dev/null >out.txt 2>err.txt; }

# failing AT ALWAYS COMMAND...
failing() {
  local code=0
  FAIL_ALLOC_AT=$1 FAIL_ALLOC_ALWAYS=$2 timeout -s KILL 20 env LD_PRELOAD="$PWD/fail_alloc.so" \
    "$MPP" "${@:3}" --threads=1 </dev/null >out.txt 2>err.txt || code=$?
  return $code
}

cases=0 coped=0 refused=0 crashed=0 paths=0
declare -A codes
# one NAME RESULT AT ALWAYS COMMAND...
one() {
  local name=$1 result=$2 at=$3 always=$4 code=0 where file crash
  shift 4
  where="where allocation $at fails$([[ $always -eq 0 ]] || echo ' and all after it'): $name"
  rm -rf run run.*
  { failing "$at" "$always" "$@" || code=$?; } 2>/dev/null
  cases=$((cases + 1))
  codes[$code]=$((${codes[$code]:-0} + 1))
  case $code in
  0)
    coped=$((coped + 1))
    same_result "$result" "$where"
    return
    ;;
  3 | 64 | 65 | 66 | 70 | 71 | 73 | 74 | 78)
    grep -q '^mpp: ' err.txt || fail "code $code without a message $where: $(cat err.txt)"
    [[ $code -eq 71 || $always -eq 0 ]] || fail "code $code, expected 71, $where: $(cat err.txt)"
    [[ $code -ne 70 ]] || fail "an internal error $where: $(cat err.txt)"
    refused=$((refused + 1))
    ;;
  *)
    # HDF5 1.10 and netCDF 4.9.0 go on without what they did not get, and crash a while later, when a
    # single failure is forgotten: tests/README.md counts them. Where memory is short, and in code of
    # the program, nothing may crash.
    crash=$(sed -n '/^crash in:/,$p' err.txt | tail -n +2 | sed -E '/\/(fail_alloc|libc)\.so/d' | sed -n 1p)
    [[ $always -eq 0 && $code -ne 137 && $crash =~ lib(hdf5_serial|netcdf)\.so ]] || fail "code $code $where: $(head -20 err.txt)"
    crashed=$((crashed + 1))
    echo "$name: allocation $at: ${crash##*/}"
    ;;
  esac
  while read -r file; do
    whole_file "$file" "$where"
  done < <(find . -maxdepth 2 -path './run*' \( -name '*.safetensors' -o -name '*.nc' -o -name '*.h5' -o -name '*.pt' \))
  if [[ $result == *.h5 && -e $result ]]; then # written, and a run that begins anew would not replace it
    same_result "$result" "$where"
  elif [[ -n $(find . -maxdepth 1 -name 'run*') ]]; then
    again "$@" || fail "code $? after a run $where: $(cat err.txt)"
    same_result "$result" "after a run $where"
  fi
}

while read -r name result words; do
  [[ -z ${ONLY:-} || $ONLY == "$name" ]] || continue
  read -r -a command <<<"$words"
  rm -rf whole run run.* read.safetensors
  again "${command[@]}" || fail "$name: code $?: $(cat err.txt)"
  mkdir -p "whole/$(dirname "$result")"
  [[ $result != *.pt ]] || whole_file "$result" "undisturbed"
  [[ $result == - ]] || mv "$result" "whole/$result"
  [[ ! -e read.safetensors ]] || mv read.safetensors whole/
  mv out.txt whole/
  rm -rf run
  FAIL_ALLOC_PATHS=$PWD/paths.txt failing 0 0 "${command[@]}" || fail "$name: code $?, counted: $(cat err.txt)"
  [[ ${NUMBERS:-} != all ]] || seq "$(tail -1 paths.txt)" >paths.txt
  [[ $(wc -l <paths.txt) -gt 20 ]] || fail "$name: $(wc -l <paths.txt) allocations"
  paths=$((paths + $(wc -l <paths.txt)))
  while read -r number; do
    turn=$((turn + 1))
    [[ $((turn % stride)) -eq 0 ]] || continue
    one "$name" "$result" "$number" 0 "${command[@]}"
    one "$name" "$result" "$number" 1 "${command[@]}"
  done <paths.txt
done <commands.txt
[[ $refused -gt 0 ]] || fail "nothing was refused"
for code in "${!codes[@]}"; do echo "code $code: ${codes[$code]}"; done | sort
echo "$cases cases at $paths paths: $coped coped with, $refused refused, $crashed crashes of a library"
