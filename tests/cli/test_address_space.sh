# Too little address space, for every command: it ends by itself, within a minute of processor time,
# with success or with code 71 and a message; what it was to write is there whole or not at all. SWEEP:
# first, step and last limit in MiB (SWEEP='50 25 1025' goes through all).
# Below some 115 MiB the system's loader cannot map the libraries that the program is linked with:
# nothing of the program runs, the loader says so and gives code 127.
read -r first step last <<<"${SWEEP:-100 60 340}"
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=2 --validate-every=0 --quiet >/dev/null
model=run/final.safetensors
"$MPP" rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 3 -o forecast.nc --quiet >/dev/null
"$MPP" info --manifest manifest.json swe.h5 dr.h5 --quiet >/dev/null
mkdir out

runs=0 refused=0 unloaded=0
# under MIB OUTPUT COMMAND...: OUTPUT: what the command writes, "" for none.
under() {
  local mib=$1 output=$2 code=0
  shift 2
  (ulimit -v $((mib * 1024)) && ulimit -t 60 && exec timeout -s KILL 600 "$@") </dev/null >stdout.txt 2>stderr.txt || code=$?
  runs=$((runs + 1))
  case $code in
  0)
    [[ -z $output || -s $output ]] || fail "$mib MiB: no $output: $*"
    ;;
  71)
    grep -q '^mpp: ' stderr.txt || fail "$mib MiB: code 71 without a message: $*"
    refused=$((refused + 1))
    ;;
  127)
    grep -q 'error while loading shared libraries' stderr.txt && [[ $mib -lt 130 ]] ||
      fail "$mib MiB: code 127: $* $(cat stderr.txt)"
    unloaded=$((unloaded + 1))
    ;;
  *) fail "$mib MiB: code $code: $* $(cat stderr.txt)" ;;
  esac
  # Whatever stands under a final name is whole: a finetuning that ends in its last evaluation has
  # saved its weights before. Pictures, pages and descriptions are there after success alone.
  while read -r left; do
    case $left in
    *.nc | *.h5 | *.safetensors) "$MPP" info "$left" >/dev/null || fail "$mib MiB: $left is damaged: $*" ;;
    *.partial* | *.tmp-* | *.lock | */config.yaml | */environment.jsonl | */metrics.jsonl | */timing.jsonl) ;;
    *) [[ $code -eq 0 ]] || fail "$mib MiB: left $left: $*" ;;
    esac
  done < <(find out -type f)
  rm -rf out/*
}

for ((mib = first; mib <= last; mib += step)); do
  under $mib '' "$MPP" version
  under $mib '' "$MPP" help pretrain
  under $mib out/a.h5 "$MPP" generate swe -n 2 --resolution 16 --frames 4 -o out/a.h5
  under $mib out/run/final.safetensors "$MPP" pretrain small.yaml --output=out/run --steps=2 --validate-every=2
  under $mib out/run/final.safetensors "$MPP" pretrain small.yaml --mode=window --output=out/run --steps=1 --validate-every=0
  under $mib out/run/final.safetensors "$MPP" finetune --model $model --data dr.h5 --steps=2 --output=out/run --train-fraction=0.5 --valid-fraction=0.25
  under $mib out/a.nc "$MPP" rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 3 -o out/a.nc
  under $mib out/a.nc "$MPP" rollout --model window --data dr.h5 --sample 0 --start 0 --steps 3 -o out/a.nc
  under $mib '' "$MPP" evaluate --model $model --data dr.h5 --horizons 1,3 --windows 2
  under $mib '' "$MPP" evaluate forecast.nc
  under $mib '' "$MPP" info swe.h5
  under $mib '' "$MPP" info --check dr.h5
  under $mib out/a.png "$MPP" plot forecast.nc -o out/a.png
  under $mib out/a.html "$MPP" report run forecast.nc -o out/a.html
  under $mib out/a.safetensors "$MPP" convert $model out/a.safetensors
  under $mib '' "$MPP" bench --size nano --grid 64 --repeat 1
  under $mib '' "$MPP" plan small.yaml --measure=1
  under $mib out/a.yaml "$MPP" describe dr.h5 -o out/a.yaml
done
[[ $refused -gt 0 ]] || fail "nothing was refused: the limits are too wide to show anything"
echo "$runs runs, $refused refused with code 71, $unloaded not loaded"
