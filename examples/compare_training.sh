#!/bin/bash
# Compares settings of training at equal processor time: each variant differs from the base in what
# its name says, and trains as many steps as fit into the budget by a short run that is timed before.
# Times are those of the process (user and system), one thread, so that other work on the machine
# does not matter. Scores are NRMSE on held-out trajectories, curves.svg of each run its curves.
#   examples/compare_training.sh [FOLDER [VARIANT...]]    default: compare-results, all variants
# FOLDER/results.tsv gets a line for each variant; variants that have one are skipped, so that the
# script can be stopped and called again. FOLDER/table.txt is the same, sorted by the error after 20
# steps. Settings, from the environment:
#   SYSTEMS="..."     trained and scored on; default: five at 64 x 64; all: fourteen of one to three axes
#   MINUTES=4         processor time of a variant
#   TRAJECTORIES=50   of each system: four fifths train, a tenth is scored
#   SEED=1            of the training
#   VALIDATIONS=N     of a training, for its curves, beside its time; default: 6 from 10 minutes on, else 0
#   EXTRA=FILE        more variants, a line each: NAME OPTION...  (options of mpp pretrain)
#   MPP=build/mpp     the program
set -euo pipefail
export LC_ALL=C OMP_WAIT_POLICY=passive TIMEFORMAT='%U %S'

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-compare-results}
shift $(($# > 0 ? 1 : 0))
minutes=${MINUTES:-4}
trajectories=${TRAJECTORIES:-50}
seed=${SEED:-1}
validations=${VALIDATIONS:-$(awk -v m="$minutes" 'BEGIN { print m < 10 ? 0 : 6 }')}
mpp=$(realpath "${MPP:-$root/build/mpp}")
extra=${EXTRA:+$(realpath "$EXTRA")}
horizons=1,5,10,20,50
last_frames=(15 30) # of the windows that are scored, whatever their length
read -r -a systems <<<"${SYSTEMS:-swe diffusion-reaction gray-scott ins-periodic cns-2d}"
[[ ${systems[*]} != all ]] || systems=(swe diffusion-reaction gray-scott ins-periodic cns-2d wave ins
  kuramoto-sivashinsky advection burgers reaction-diffusion diffusion-sorption cns-1d cns-3d)

variants() {
  cat <<END
base
base-seed-2 --seed 2
mode-frame --mode frame
mode-delta --mode delta
mode-extrapolate --mode extrapolate
mode-autoregress --mode autoregress
frame-unroll-4 --mode frame --loss nmse --unroll 4
delta-unroll-4 --mode delta --unroll 4
extrapolate-unroll-4 --mode extrapolate --unroll 4
autoregress-unroll-4 --mode autoregress --unroll 4
unroll-4 --unroll 4
unroll-8 --unroll 8
noise-0.01 --noise 0.01
noise-0.1 --noise 0.1
jitter --jitter
stride-1-2 --frame-stride 1,2
ema --ema 0.99
patch-8 --patch 2,2,2
patch-16 --patch 4,2,2
context-4 --context 4
context-16 --context 16
loss-nmse --loss nmse
values-only --no-increments
drop-path --drop-path 0.1
batch-2 --batch 2
batch-8 --batch 8
context-16-unroll-4 --context 16 --unroll 4
width-96 --width 96 --heads 6
blocks-6 --blocks 6
micro --size micro --unroll 4
END
  [[ -z $extra ]] || cat "$extra"
}
base=(--size nano --mode window --patch "2,2" --context 8 --loss scaled --batch 4
  --seed "$seed" --threads 1 --validate-every 0 --checkpoint-every 0 --quiet)

mkdir -p "$folder"
cd "$folder"

# 81 frames of each system, at the interval of its published or default dataset.
settings() { # SYSTEM
  case $1 in
    swe) echo --resolution 64 --horizon 0.8 ;;
    diffusion-reaction | ins-periodic) echo --resolution 64 --horizon 4 ;;
    gray-scott) echo --resolution 64 --horizon 4000 ;;
    cns-2d) echo --resolution 64 --preset 2D_CFD_Rand_M1.0_Eta0.01_Zeta0.01_periodic_128 --horizon 4 ;;
    wave) echo --resolution 64 --horizon 1.6 ;;
    ins) echo --resolution 64 --horizon 0.4 ;;
    kuramoto-sivashinsky) echo --resolution 64 --horizon 80 ;;
    advection | burgers | reaction-diffusion | cns-1d) echo --horizon 0.8 ;;
    diffusion-sorption) echo --horizon 400 ;;
    cns-3d) echo --resolution 16 --horizon 4 ;;
    *)
      echo "compare_training.sh: no system '$1'" >&2
      return 2
      ;;
  esac
}
mkdir -p data
for system in "${systems[@]}"; do
  options=$(settings "$system")
  # shellcheck disable=SC2086 # words of their own
  [[ -e data/$system.h5 ]] || "$mpp" generate "$system" $options --frames 81 -n "$trajectories" \
    --seed 7 --quiet --resume -o "data/$system.h5" >/dev/null
done
data=$(printf 'data/%s.h5,' "${systems[@]}")
data=${data%,}

# cpu COMMAND...: its processor time [s] on stdout; its own output goes to last.log.
cpu() {
  local used
  used=$({ time "$@" >last.log 2>last.err </dev/null; } 2>&1) || {
    cat last.err >&2
    return 1
  }
  awk '{ print $1 + $2 }' <<<"$used"
}

train() { # FOLDER STEPS OPTION...
  local output=$1 steps=$2 warmup
  shift 2
  warmup=$((steps / 10 < 100 ? steps / 10 : 100))
  cpu "$mpp" pretrain --data "$data" --output "$output" --overwrite --steps "$steps" \
    --warmup "$warmup" "${base[@]}" "$@"
}

# Steps that fit into the budget: the time of 40 steps less that of 10, and what the start takes.
fitting_steps() { # OPTION...
  local short long
  short=$(train runs/timing 10 "$@")
  long=$(train runs/timing 40 "$@")
  awk -v a="$short" -v b="$long" -v budget="$minutes" 'BEGIN {
    each = (b - a) / 30
    if (each < 1e-4) each = 1e-4
    steps = int((60 * budget - (a - 10 * each)) / each)
    print steps < 10 ? 10 : steps
  }'
}

# NRMSE (mean over fields) from CSV on stdin: geometric means over the systems, then each system's.
scores() { # PREDICTOR
  awk -F, -v who="$1" -v horizons="$horizons" -v names="${systems[*]}" '
    $4 == who && $5 == "mean" && $7 == "nrmse" {
      sub(".*/", "", $1); sub("[.]h5$", "", $1)
      value[$1, $6] = $8
    }
    END {
      n = split(horizons, h, ","); m = split(names, s, " ")
      for (i = 1; i <= n; i++) {
        sum = 0; bad = 0
        for (k = 1; k <= m; k++) {
          v = value[s[k], h[i]]
          if (v !~ /^[0-9]/ || v <= 0) bad = 1; else sum += log(v)
        }
        printf "\t%s", bad ? "diverged" : sprintf("%.5g", exp(sum / m))
      }
      for (k = 1; k <= m; k++)
        for (i = 1; i <= n; i++) {
          v = value[s[k], h[i]]
          printf "\t%s", v ~ /^[0-9]/ ? sprintf("%.5g", v) : "diverged"
        }
      printf "\n"
    }'
}

evaluate() { # CONTEXT OPTION...
  local context=$1 starts="" last
  shift
  for last in "${last_frames[@]}"; do starts+=,$((last - context + 1)); done
  "$mpp" evaluate --data "$data" --split test --context "$context" --start "${starts#,}" \
    --horizons "$horizons" --metrics nrmse --resamples 0 --threads 1 --quiet --csv "$@"
}

is_done() { [[ -e results.tsv ]] && cut -f1 results.tsv | grep -qxF -- "$1"; }

table() {
  {
    head -n 1 results.tsv
    tail -n +2 results.tsv | sort -t $'\t' -k 8,8g
  } | cut -f 1-9 | column -t -s $'\t' >table.txt
}

if [[ ! -e results.tsv ]]; then
  {
    printf 'variant\toptions\tsteps\tcpu_s'
    for h in ${horizons//,/ }; do printf '\tnrmse@%s' "$h"; done
    for s in "${systems[@]}"; do
      for h in ${horizons//,/ }; do printf '\t%s@%s' "$s" "$h"; done
    done
    printf '\n'
  } >results.tsv
fi

# What needs no training, on the same windows.
if ! is_done "(persistence)"; then
  evaluate 8 --stencils >trivial.csv
  for p in persistence linear autoregression window; do
    printf '(%s)\t-\t0\t0%s\n' "$p" "$(scores "$p" <trivial.csv)" >>results.tsv
  done
fi

run_variant() { # NAME OPTION...
  local name=$1 steps used model context=8 every=0 i words=("$@")
  shift
  for ((i = 1; i + 1 < ${#words[@]}; i++)); do
    [[ ${words[i]} != --context ]] || context=${words[i + 1]}
  done
  steps=$(fitting_steps "$@")
  ((validations == 0)) || every=$(((steps + validations - 1) / validations))
  used=$(train "runs/$name" "$steps" --validate-every "$every" --validate-windows 8 \
    --horizons 1,5,20 "$@")
  model=runs/$name/final.safetensors
  [[ " $* " != *" --ema "* ]] || model=runs/$name/ema.safetensors
  evaluate "$context" --model "$model" >"runs/$name/scores.csv"
  "$mpp" plot "runs/$name" -o "runs/$name/curves.svg" --overwrite --quiet >/dev/null
  printf '%s\t%s\t%s\t%.0f%s\n' "$name" "${*:--}" "$steps" "$used" \
    "$(scores model <"runs/$name/scores.csv")" >>results.tsv
  table
  printf '%s: %s steps in %.0f s\n' "$name" "$steps" "$used"
}

mkdir -p runs
while read -r -a line; do
  [[ ${#line[@]} -gt 0 ]] || continue
  name=${line[0]}
  if (($# > 0)) && [[ " $* " != *" $name "* ]]; then
    continue
  fi
  is_done "$name" || run_variant "${line[@]}"
done < <(variants)
table
cat table.txt
