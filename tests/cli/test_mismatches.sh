# Pairs that do not belong together: models and data, data and the rest of their file, folder or mix,
# settings and the run that they would go on with, adapters and models, and some that do. Each pair has
# the code and the words that say what was found and what was expected; a refused one leaves nothing
# behind and changes nothing.
need /usr/bin/python3
export OMP_NUM_THREADS=1
data() { "$MPP" generate "$@" --quiet >/dev/null; }
data swe -n 4 --resolution 16 --frames 10 --seed 3 -o swe.h5
data diffusion-reaction -n 4 --resolution 16 --frames 10 --horizon 0.5 --seed 4 -o dr.h5
data diffusion-reaction -n 4 --resolution 8 --frames 10 --horizon 0.5 --seed 4 -o dr8.h5
data diffusion-reaction -n 4 --resolution 16 --frames 3 --horizon 0.5 --seed 4 -o short.h5
data diffusion-reaction -n 3 --resolution 16 --frames 10 --horizon 0.5 --seed 4 -o three.h5
data advection -n 4 --resolution 32 --frames 10 -o line.h5
data advection -n 4 --resolution 8 --frames 10 -o line8.h5
data cns-2d -n 4 --resolution 16 --frames 10 -o c2.h5
data cns-3d -n 4 --resolution 8 --frames 10 -o cube.h5
data wave -n 4 --resolution 16 --frames 10 --horizon 0.3 -o wave.h5
data darcy -n 4 --resolution 16 -o darcy.h5
"$MPP" convert data dr.h5 --to well -o well.h5 --quiet >/dev/null
/usr/bin/python3 "$MPP_SOURCE/tests/support/mismatched.py"
for pair in grid:dr8.h5 fields:swe.h5 frames:short.h5 layout:well.h5; do
  mkdir "mixed_${pair%:*}"
  cp dr.h5 "mixed_${pair%:*}/a.h5"
  cp "${pair#*:}" "mixed_${pair%:*}/b.h5"
done

brief="--batch 2 --warmup 1 --train-fraction 0.5 --valid-fraction 0.25 --validate-every 0 --checkpoint-every 1 --threads 1 --quiet"
small="$brief --width 8 --heads 2 --blocks 1"
base="$small --steps 2 --mode autoregress --patch 2,2 --context 4"
model() { # NAME OPTION...: run_NAME, and its model as NAME.safetensors
  "$MPP" pretrain "${@:2}" --output="run_$1" >/dev/null
  cp "run_$1/final.safetensors" "$1.safetensors"
}
model dr $base --data dr.h5
model both $base --data dr.h5 --data swe.h5
model coarse $small --steps 2 --mode delta --patch 4,2 --context 4 --data dr.h5 --data line.h5
model long $small --steps 2 --mode delta --patch 2,2 --context 8 --data dr.h5
model seen $base --data wave.h5
model line $base --data line.h5
model cube $base --data cube.h5
model edges $base --data dr.h5 --edges
tune="$MPP finetune $brief --report-windows 0 --steps 2"
$tune --model dr.safetensors --data swe.h5 --lora-rank 2 --output=run_tuned >/dev/null
cp run_tuned/adapter.safetensors adapter.safetensors
roll="$MPP rollout --steps 2 --quiet -o out/a.nc"
$roll --model dr.safetensors --data dr.h5 -o forecast.nc >/dev/null
score="$MPP evaluate --split all --windows 2 --horizons 1 --quiet"
pre="$MPP pretrain $small --steps 1 --output=out/runs/a"

# Files and folders, sizes and times of all but messages; folders without times: a lock came and went.
state() { find "$1" \( -type d -printf '%p/\n' \) -o ! -name 'std*.txt' ! -name 'state' -printf '%p %s %T@\n' | LC_ALL=C sort; }

refused=0 taken=0
mkdir out
state . >state
# pair CODE WORDS COMMAND...: in the folder `out`, which holds a copy of the run $going if it is set.
going=
pair() {
  local code=$1 before
  rm -rf out
  mkdir out
  [[ -z $going ]] || cp -r "$going" out/run
  before=$(state out)
  expect "$@"
  if [[ $code -eq 0 ]]; then
    taken=$((taken + 1))
  else
    [[ $(state out) == "$before" ]] || fail "changed: $(diff <(echo "$before") <(state out)): ${*:3}"
    refused=$((refused + 1))
  fi
}

# ---- fields: every model with the data of every other ----
declare -A field=([dr.h5]=diffre2d:activator [swe.h5]=swe:h [line.h5]=advection:u [cube.h5]=compNS3d:Vx
  [wave.h5]=wave:u [c2.h5]=compNS:Vx)
declare -A knows=([dr]=dr.h5 [both]="dr.h5 swe.h5" [line]=line.h5 [cube]=cube.h5 [seen]=wave.h5)
for m in dr both line cube seen; do
  for d in dr.h5 swe.h5 line.h5 cube.h5 wave.h5 c2.h5; do
    if [[ " ${knows[$m]} " == *" $d "* ]]; then
      pair 0 '' $roll --model $m.safetensors --data $d
      [[ -s out/a.nc ]] || fail "$m takes $d and writes nothing"
    else
      first=${knows[$m]%% *}
      words="$d: found '${field[$d]}'.*, expected fields that $m.safetensors has columns for: .*'${field[$first]}'"
      pair 65 "$words" $roll --model $m.safetensors --data $d
      [[ $m == both || $m == cube ]] || pair 65 "$words" $score --model $m.safetensors --data $d
    fi
  done
done
pair 65 "dr.h5: found 'other:activator', 'other:inhibitor', expected .* dr.safetensors .*'diffre2d:activator'" \
  $roll --model dr.safetensors --data dr.h5:other
pair 65 "found 'swe:h', expected .*dr.safetensors" $roll --model dr.safetensors --data solver:swe,resolution=16,frames=10
pair 65 "lab.nc: found 'data:u', 'data:v', expected" $roll --model dr.safetensors --data lab.nc --fields u,v
pair 0 '' $tune --model dr.safetensors --data swe.h5 --output=out/run # finetuning adds fields
pair 0 '' $tune --model dr.safetensors --data cube.h5 --output=out/run
pair 0 '' $roll --model seen.safetensors --data wave.h5 --given none # and a given one may be missing

# ---- grids: one patch is none ----
for d in dr8.h5 line8.h5:advection; do
  words="${d%:*}: window: grid 1x[18]x8 is one patch of size 8, expected at least two"
  pair 65 "$words" $roll --model coarse.safetensors --data $d
  pair 65 "$words" $score --model coarse.safetensors --data $d
  pair 65 "$words" $tune --model coarse.safetensors --data $d --output=out/run
  pair 65 "$words" $pre --mode delta --patch 4,2 --context 4 --data line.h5 --data $d
  pair 65 "$words" "$MPP" plan --model coarse.safetensors --data $d --measure 0
  pair 0 '' $pre --mode delta --patch 2 --context 4 --data line.h5 --data $d
done
pair 65 "grid 1x8x8 is one patch of size 8" $roll --model coarse.safetensors \
  --data solver:diffusion-reaction,resolution=8,frames=10,horizon=0.5
pair 65 "dr.h5: window: grid 1x4x4 is one patch of size 8" $score --model coarse.safetensors --data dr.h5 --stride x=4,y=4
pair 0 '' $roll --model dr.safetensors --data dr8.h5

# ---- frames: fewer than the context, the horizon, the strides ----
pair 65 'short.h5: trajectories of 3 frames, expected at least the 4 frames' $roll --model dr.safetensors --data short.h5
pair 65 'short.h5: trajectories of 3 frames, expected at least the 8 frames' $roll --model long.safetensors --data short.h5
pair 65 'dr.h5: trajectories of 10 frames, expected at least the 16 frames' $roll --model window --data dr.h5
pair 65 'darcy.h5: trajectories of 1 frames, expected at least the 4' $roll --model dr.safetensors --data darcy.h5
pair 65 'forecast.nc: trajectories of 2 frames, expected at least the 4' $roll --model dr.safetensors --data forecast.nc
pair 64 'dr.h5: trajectories of 10 frames, expected at least the 99' $roll --model dr.safetensors --data dr.h5 --context 99
pair 64 'dr.h5: context frames 8 to 11, but its trajectories have 10' $roll --model dr.safetensors --data dr.h5 --start 8
pair 65 'short.h5: trajectories of 3 frames, expected at least 5 ' $score --model dr.safetensors --data short.h5
pair 65 'dr.h5: trajectories of 10 frames, expected at least 58 ' $score --model long.safetensors --data dr.h5 --horizons 50
pair 65 'short.h5: trajectories of 3 frames, expected at least 5 ' $tune --model dr.safetensors --data short.h5 --output=out/run
pair 65 'darcy.h5: trajectories of 1 frames, expected at least 5 ' $pre --context 4 --data dr.h5 --data darcy.h5
pair 65 'dr.h5: trajectories of 10 frames, expected at least 11 ' $pre --context 10 --data dr.h5
pair 65 'dr.h5: trajectories of 10 frames, expected at least 13 ' $pre --context 4 --unroll 9 --data dr.h5
pair 65 'dr.h5: trajectories of 10 frames, expected at least 33 ' $pre --context 4 --frame-stride 8 --data dr.h5
pair 65 'frames=3.*: trajectories of 3 frames, expected at least 5 ' $pre --context 4 --data dr.h5 \
  --data solver:diffusion-reaction,resolution=8,frames=3,horizon=0.3
pair 65 'short.h5: trajectories of 3 frames, expected at least 5 ' "$MPP" plan --data short.h5 --context 4 --measure 0
pair 0 '' "$MPP" plan --data short.h5 --context 2 --measure 0
pair 0 '' $tune --model dr.safetensors --data dr.h5 --context 3 --output=out/run

# ---- files of one dataset that differ, files whose parts differ ----
while IFS='|' read -r name words; do
  pair 65 "${name%:*}.*$words" "$MPP" info "$name"
  pair 65 "${name%:*}.*$words" $roll --model dr.safetensors --data "$name"
  pair 65 "${name%:*}.*$words" $score --model dr.safetensors --data "$name"
  pair 65 "${name%:*}.*$words" $tune --model dr.safetensors --data "$name" --output=out/run
  pair 65 "${name%:*}.*$words" "$MPP" convert data "$name" --to well -o out/x.h5 --quiet
done <<'END'
mixed_grid|b.h5: found 8 cells along axis 1 'y', expected 16 .*a.h5
mixed_fields|b.h5: found 1 fields of system 'swe', expected 2 of 'diffre2d' as in .*a.h5
mixed_frames|b.h5: found 3 frames, expected 10 as in .*a.h5
mixed_layout|b.h5: layout the-well, expected pdebench-groups as in .*a.h5
dr_one_field.h5|found 1 fields, expected 2 for system 'diffre2d'
dr_three_fields.h5|found 3 fields, expected 2 for system 'diffre2d'
dr_field_later.h5|0002/data: axis 3 has 1 entries, expected 2
dr_cells_later.h5|0002/data: axis 1 has 8 entries, expected 16
dr_frames_later.h5|0002/data: axis 0 has 5 entries, expected 10
c2_no_pressure.h5|pressure: dataset not there, expected for system 'compNS'
c2_cells.h5|Vy: axis 2 has 16 entries, expected 8 as in Vx
c2_samples.h5|Vy: axis 0 has 4 entries, expected 2 as in Vx
c2_times.h5|t-coordinate: found 4 entries, expected 10
c2_x.h5|x-coordinate: found 4 entries, expected 16
well_missing.h5|dataset 't0_fields/activator' is missing
well_x.h5|t0_fields/.*: axis 3 \(x\) has 16 entries, expected 5 as in the coordinates of this axis
well_times.h5|axis 1 \(time\) has 10 entries, expected 5 as in the coordinates of this axis
well_cells.h5|t0_fields/inhibitor: axis 2 \(y\) has 8 entries, expected 16 as in t0_fields/activator
line.h5:diffre2d|activator: dataset not there, expected for system 'diffre2d'
swe.h5:diffre2d|found 1 fields, expected 2 for system 'diffre2d'
c2.h5:compNS3d|Vz: dataset not there, expected for system 'compNS3d'
END
for d in dr_cells_later.h5 c2_cells.h5 well_cells.h5; do
  pair 65 '1 faults' "$MPP" info --check $d
  has "$d.*entries, expected" <stdout.txt || fail "--check does not say what is wrong with $d"
done
pair 0 '' $roll --model dr.safetensors --data well.h5 # another layout of the same

# ---- what the command line says of a file, and the file ----
while IFS='|' read -r options words; do
  pair 64 "lab8?.nc: $words" $roll --model dr.safetensors --data lab.nc:diffre2d $options
done <<'END'
--fields u,w|variable 'w' .*found axes time=10, y=16, expected .*time=10, y=16, x=16
--fields u,staggered|variable 'staggered' .*found axes time=10, half=8, x=16, expected .*time=10, y=16, x=16
--fields u,zz|variable 'zz' .*not there.*, found .*u, v, w
--fields u --given zz|variable 'zz' .*not there.*, found .*u, v, w
--fields u --space y,q|variable 'u': axis 'q' .*not there, found time=10, y=16, x=16
--fields u --time q|variable 'u': axis 'q' .*not there, found time=10, y=16, x=16
--fields u --at level=2|variable 'u': axis 'level' .*not there, found time=10, y=16, x=16
--fields u --axes time,x|variable 'u': 3 axes \(time=10, y=16, x=16\), expected 2
--fields u --boundary z=wall|boundary of axis 'z', expected one of: y x
--fields u --crop x=0:99|axis 'x': crop 0:99, expected part of 0:16
--fields u --stride x=99|axis 'x': stride 99, expected at most 16
--fields u --where eta<1|where: parameter 'eta': not there, found none
END
pair 64 "swe.h5: field 'activator': not there, found h" $pre --context 4 --data dr.h5 --data swe.h5 --fields activator
pair 64 'has 2 fields, but the solver swe has 1' $roll --model dr.safetensors --data dr.h5 --on-violation solver --solver swe
pair 64 'mass: not known for dr.h5, expected one of activator, inhibitor' $roll --model dr.safetensors --data dr.h5 --conserve mass

# ---- adapters and their models, ensembles ----
for m in both coarse long edges line; do
  pair 65 "adapter.safetensors: belongs to another model: found $m.safetensors with digest [^,]*, expected a base with" \
    $roll --model $m.safetensors --adapter adapter.safetensors --data swe.h5
done
pair 65 'found both.safetensors with digest .*, expected a base with' $score --model both.safetensors --adapter adapter.safetensors --data swe.h5
pair 65 'found both.safetensors with digest .*, expected a base with' "$MPP" convert both.safetensors out/m.safetensors --adapter adapter.safetensors
pair 65 "c2.h5: found 'compNS:Vx'.*, expected .*dr.safetensors.*'swe:h'" $roll --model dr.safetensors --adapter adapter.safetensors --data c2.h5
pair 65 'both.safetensors: is no adapter' $roll --model dr.safetensors --adapter both.safetensors --data swe.h5
pair 65 'adapter.safetensors: is an adapter, which needs its model' $tune --model adapter.safetensors --data swe.h5 --output=out/run
pair 65 'adapter.safetensors: is an adapter' $roll --model dr.safetensors --ensemble adapter.safetensors --data dr.h5
pair 65 "dr.h5: found 'diffre2d:act.*line.safetensors" $roll --model dr.safetensors --ensemble line.safetensors --data dr.h5
pair 65 "dr8.h5: window: .*one patch of size 8" $roll --model dr.safetensors --ensemble both.safetensors,coarse.safetensors --data dr8.h5
pair 65 'm.pt: the model has an embedding of edges.*, expected' "$MPP" convert edges.safetensors out/m.pt
pair 65 'dr.h5: header of .*, expected .*safetensors' "$MPP" convert dr.h5 out/m.safetensors
pair 65 'dr.safetensors: is not an HDF5 file' "$MPP" convert data dr.safetensors --to well -o out/x.h5
pair 0 '' $roll --model dr.safetensors --adapter adapter.safetensors --data swe.h5
pair 0 '' $roll --model dr.safetensors --ensemble both.safetensors,coarse.safetensors,long.safetensors --data dr.h5

# ---- forecasts made again with something else ----
pair 65 'forecast.nc: [0-9]+ variables or attributes differ' "$MPP" rollout --repeat forecast.nc --model coarse.safetensors
pair 65 'forecast.nc: [0-9]+ variables or attributes differ' "$MPP" rollout --repeat forecast.nc --data dr8.h5
pair 65 "swe.h5: found 'swe:h', expected" "$MPP" rollout --repeat forecast.nc --data swe.h5
pair 65 "dr.h5: has no attribute 'mpp_config'" "$MPP" rollout --repeat dr.h5
pair 65 'dr.h5: .*expected X and X_truth' "$MPP" evaluate dr.h5
pair 0 '' "$MPP" rollout --repeat forecast.nc

# ---- a run, and the settings, data and checkpoints that it is gone on with ----
resume="$MPP pretrain $base --data dr.h5 --output=out/run --resume"
going=run_dr
while IFS='|' read -r options words; do
  pair 78 "out/run/config.yaml: $words" $resume $options
done <<'END'
--steps 3|steps: the run has 2, found 3
--width 16|width: the run has 8, found 16
--heads 4|heads: the run has 2, found 4
--blocks 2|blocks: the run has 1, found 2
--mode delta|mode: the run has autoregress, found delta
--patch 4,2|patch: the run has 2,2, found 4,2
--context 5|context: the run has 4, found 5
--bias continuous|bias: the run has rel, found continuous
--no-increments|increments: the run has true, found false
--edges|edges: the run has false, found true
--optimizer adan|optimizer: the run has adamw, found adan
--ema 0.9|ema: the run has 0, found 0.9
--seed 4|seed: the run has 0, found 4
--boundary x=periodic|boundary: the run has nothing, found x=periodic
--fields activator|fields: the run has nothing, found activator
--data swe.h5|data: the run has 1 datasets, found 2
END
pair 78 'config.yaml: data\[0\].path: the run has .*/dr.h5, found .*/swe.h5' ${resume/dr.h5/swe.h5}
pair 78 'config.yaml: found a run of pretrain, expected one of finetune' $tune --model dr.safetensors --data dr.h5 --output=out/run --resume
pair 73 'out/run: holds a run already' "$MPP" pretrain $base --data dr.h5 --output=out/run
pair 0 '' $resume
going=run_tuned
pair 78 'config.yaml: found a run of finetune, expected one of pretrain' $resume
pair 78 'model: the run has .*/dr.safetensors, found .*/both.safetensors' $tune --lora-rank 2 --data swe.h5 --model both.safetensors --output=out/run --resume
pair 78 'lora-rank: the run has 2, found 3' $tune --lora-rank 3 --data swe.h5 --model dr.safetensors --output=out/run --resume

going=unfinished # the same name with other data in it; checkpoints that were copied from elsewhere
cp -r run_dr unfinished
rm unfinished/final.safetensors unfinished/step-00000002.safetensors
mkdir moved
was='4 trajectories of 10 frames, 2 fields, 1x16x16 cells'
while IFS='|' read -r d found; do
  cp $d moved/dr.h5
  pair 65 "moved/dr.h5: found $found, expected $was as when the run in out/run began" ${resume/dr.h5/moved\/dr.h5}
done <<'END'
dr8.h5|4 trajectories of 10 frames, 2 fields, 1x8x8 cells
short.h5|4 trajectories of 3 frames, 2 fields, 1x16x16 cells
three.h5|3 trajectories of 10 frames, 2 fields, 1x16x16 cells
swe.h5|4 trajectories of 10 frames, 1 fields, 1x16x16 cells
cube.h5|4 trajectories of 10 frames, 5 fields, 8x8x8 cells
END
cp dr.h5 moved/dr.h5
pair 0 '' ${resume/dr.h5/moved\/dr.h5}
going=strange
while IFS='|' read -r run code words; do
  rm -rf strange
  cp -r unfinished strange
  cp run_$run/step-00000002.safetensors strange
  pair $code "$words" $resume
done <<'END'
both|78|out/run: checkpoint of step 2: found a column for 'swe:h', expected no fields but those of the data
coarse|78|out/run: checkpoint of step 2: patch: the run has 2,2, found 4,2
edges|78|out/run: checkpoint of step 2: edges: the run has false, found true
long|78|out/run: checkpoint of step 2: .*: the run has .*, found
tuned|65|dr.h5: found 4 .*, expected .*1 fields
END
going=

# ---- configurations ----
printf 'size: nano\ndata: [dr.h5]\n' >pretrain.yaml
printf 'model: dr.safetensors\nfreeze: none\ndata: [dr.h5]\n' >finetune.yaml
printf 'width: 10\nheads: 4\ndata: [dr.h5]\n' >heads.yaml
printf 'one:\n  data: [dr.h5]\ntwo:\n  data: [swe.h5]\n' >several.yaml
pair 78 "pretrain.yaml:1:1: unknown key 'size'" "$MPP" finetune pretrain.yaml --output=out/run
pair 78 "finetune.yaml:1:1: unknown key 'model'" "$MPP" pretrain finetune.yaml --output=out/run
pair 78 'embed_dim: 10' "$MPP" pretrain heads.yaml --output=out/run
pair 78 'several.yaml: holds several configurations \(one, two\), expected' "$MPP" pretrain several.yaml --output=out/run
pair 78 "several.yaml: no configuration 'three', found one, two" "$MPP" pretrain several.yaml --config three --output=out/run

rm -rf out strange moved unfinished ./*.yaml
mkdir out
diff state <(state .) || fail "something outside of the folders of output has changed"
echo "$((refused + taken)) pairs: $refused refused, $taken taken"
