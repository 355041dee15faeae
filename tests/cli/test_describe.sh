# Files of other tools, described, edited, and used by every command that takes data; values beside
# those that the tool itself prints.
formats=$MPP_DATA/formats
for pair in the_well_dummy.hdf5:the-well pyro2_sod_x_0076.h5:pyro2 NavierStokes2D_train_42_0.38.h5:pdearena \
  packed_classic.nc:netcdf plain.h5:hdf5; do
  "$MPP" describe "$formats/${pair%%:*}" >one.yaml
  grep -q "^format: ${pair##*:} " one.yaml || fail "${pair%%:*} is not ${pair##*:}"
  sed -i "s|^files: [^ ]*|files: $formats/${pair%%:*}|" one.yaml
  "$MPP" info one.yaml >one.txt
  "$MPP" info "$formats/${pair%%:*}" >direct.txt
  diff <(sed '/^file /d; /^attributes/,$d' one.txt) <(sed '/^file /d; /^attributes/,$d' direct.txt)
done
"$MPP" info "$MPP_DATA/pdebench/diff-react_64.h5" | has '^layout *pdebench-groups'
"$MPP" describe "$formats/plain.h5" | has 'UNSURE: the file does not say; periodic'
"$MPP" describe "$formats/packed.nc" | has 'boundary: {lat: open, lon: periodic}  # sure: lon spans'
"$MPP" info "$formats/the_well_dummy.hdf5" | has 'parameters *a = 0.25'
"$MPP" info "$formats/flow_*.h5" | has 'parameters *Nu = 0.01 to 0.1'

# ---- ncgen, CDO, NCO, nccopy: the same field through each ----
cat >wave.cdl <<'CDL'
netcdf wave {
dimensions: time = UNLIMITED ; lat = 2 ; lon = 3 ;
variables:
  double time(time) ; time:units = "hours since 2000-01-01" ; time:calendar = "standard" ;
  float lat(lat) ; lat:units = "degrees_north" ; lat:standard_name = "latitude" ;
  float lon(lon) ; lon:units = "degrees_east" ; lon:standard_name = "longitude" ;
  float h(time, lat, lon) ; h:units = "m" ; h:standard_name = "height" ;
data: time = 0, 6 ; lat = -45, 45 ; lon = 0, 120, 240 ;
  h = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12.5 ;
}
CDL
ncgen -o classic.nc wave.cdl
ncgen -4 -o four.nc wave.cdl
ncgen -k cdf5 -o five.nc wave.cdl
nccopy -d 5 -s four.nc deflated.nc
cdo -s -f nc4 -z zip copy classic.nc cdo.nc
cdo -s -f nc4 -b I16 -addc,0 classic.nc cdo_packed.nc
ncpdq -O -a lon,lat,time four.nc transposed.nc
ncpdq -O -P all_new four.nc packed.nc
for file in classic four five deflated cdo cdo_packed transposed packed; do
  "$MPP" info --json $file.nc >info.json
  grep -q '"frames": 2' info.json || fail "$file.nc: frames"
  "$MPP" plot $file.nc -o $file.png --steps 0,1 >/dev/null || fail "$file.nc cannot be drawn"
  "$MPP" evaluate --data $file.nc --context 1 --horizons 1 --split all --no-stencils --json >scores.json ||
    fail "$file.nc cannot be scored"
  # persistence on this file: the same numbers by whichever road they came
  /usr/bin/python3 - $file <<'PY'
import json, sys
text = open("scores.json").read()
assert '"persistence"' in text, text[:400]
PY
done

# ---- a series in pieces, packed, with a missing value: finetune, roll out, score ----
/usr/bin/python3 "$MPP_SOURCE/tests/support/make_series.py"
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=4 --validate-every=0 --quiet >/dev/null
"$MPP" describe 'run_?.nc' -o run.yaml
grep -q '^along: time' run.yaml || fail "two pieces are not taken for one run"
expect 73 'run.yaml: exists' "$MPP" describe 'run_?.nc' -o run.yaml
sed -i 's/^boundary:.*/boundary: {y: wall, x: periodic}/' run.yaml
tune=("$MPP" finetune --model run/final.safetensors --steps 4 --validate-every 0 --quiet)
expect 65 'run_1.nc: p: trajectory 0, frame 8.*cell y 3, x 4: found a missing value' \
  "${tune[@]}" --data run.yaml --output tuned_not --train-fraction 1 --valid-fraction 0 --steps 60
"${tune[@]}" --data run.yaml --fill nearest --output tuned --train-fraction 1 --valid-fraction 0 >/dev/null
"$MPP" rollout --model tuned/final.safetensors --data run.yaml --fill nearest --steps 4 -o out.nc --quiet >/dev/null
"$MPP" evaluate --model tuned/final.safetensors --data whole.nc:data --fields u,p --time t --space y,x \
  --boundary x=periodic,y=wall --horizons 1,2 --windows 4 --split all --json >/dev/null
/usr/bin/python3 - <<'PY'
import numpy as np, xarray as xr
with xr.open_dataset("out.nc", decode_times=False) as f, xr.open_dataset("whole.nc") as g:
    names = [v for v in f.data_vars if f[v].ndim == 3]
    assert any("u" in v for v in names), names
    assert np.allclose(f["y"], g["y"]) and np.allclose(f["x"], g["x"])   # not uniform, kept
PY
expect 64 "axis 'z' .space.: not there, found t=24" "${tune[@]}" --data whole.nc --space z,x --output no
expect 78 'run.yaml:[0-9]*:1: unknown key' bash -c "sed 's/^format/fromat/' run.yaml > bad_run.yaml; '$MPP' info bad_run.yaml"
"$MPP" info run.yaml --stride x=2,t=3 --crop y=0:8 | has '^x *8 cells'
expect 64 "stride 3 on a periodic axis of 16 cells" "$MPP" info run.yaml --stride x=3

# Texts that are none: the description is YAML all the same, and no terminal obeys what a file says.
odd=$MPP_DATA/formats/odd_texts.h5
"$MPP" describe "$odd" -o odd.yaml
"$MPP" info odd.yaml >odd.txt
"$MPP" info "$odd" >>odd.txt
has 'data:u  *\[?m\] a\{62\}$' <odd.txt
has 'data:v  *\[m?\[31m\]' <odd.txt
has 'parameters  *Ma = 0.5' <odd.txt
has '^  *Re?\[31m  *400' <odd.txt
has '^  *first?\]0;title?$' <odd.txt
! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f\xb5]\|\xc2\x9b' odd.txt odd.yaml || fail "$(cat -v odd.txt odd.yaml)"
