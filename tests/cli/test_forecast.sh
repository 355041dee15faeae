# Forecasts: other people's tools open them, kill -9 and --resume give the same data, and so does
# any number of threads.
need cdo ncdump
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=4 --validate-every=0 --quiet >/dev/null
model=run/final.safetensors

# roll OUTPUT OPTION...
roll() {
  local output=$1
  shift
  "$MPP" rollout --model $model --data dr.h5 --sample 1 --start 2 -o "$output" --quiet "$@" </dev/null
}

for threads in 1 2 3; do
  roll threads$threads.nc --steps 30 --threads $threads >roll.txt
done
same_arrays threads1.nc threads2.nc
same_arrays threads1.nc threads3.nc
grep -q 'threads3.nc: 30 steps of 2 fields' roll.txt || fail "summary: $(cat roll.txt)"
grep -qE '^ +18 ' roll.txt || fail "no error at the last step with a truth (24 - 2 - 4 = 18): $(cat roll.txt)"

# ncdump
ncdump -h threads1.nc >header.txt
for words in 'time = UNLIMITED' 'double time(time)' 'seconds since 1970-01-01' 'sim_time(time)' \
  'float activator(time, y, x)' 'Conventions = "CF-1' ':title' \
  ':history' ':source' 'mpp_command' '_FillValue'; do
  grep -q "$words" header.txt || fail "ncdump -h lacks '$words': $(cat header.txt)"
done

# xarray, without arguments
/usr/bin/python3 - <<'PY'
import warnings
warnings.simplefilter("error")  # a file that xarray warns about is not right
import h5py, numpy as np, xarray as xr
a = xr.open_dataset("threads1.nc")
assert a.sizes["time"] == 30 and a.sizes["x"] == 16 and a.sizes["y"] == 16, a.sizes
assert np.issubdtype(a.time.dtype, np.datetime64) and "sim_time" in a.coords, a
assert (np.diff(a.sim_time) > 0).all()
source = h5py.File("dr.h5")
group = sorted(source)[1]
t = source[group + "/grid/t"][...]
assert np.allclose(a.sim_time[0], t[2 + 4], rtol=1e-6), (float(a.sim_time[0]), t)
for axis in "xy":
    assert np.allclose(a[axis], source[group + "/grid/" + axis][...])
for name in ("activator", "inhibitor"):
    assert np.isfinite(a[name]).all() and a[name].attrs["units"], name
# The truth is the dataset's own frames, in its own axes.
stored = source[group + "/data"][6:24, :, :, 0]
first = a.activator_truth[:18].values  # (time, y, x), as PDEBench stores it
assert np.array_equal(first, stored), abs(first - stored).max()
assert np.isnan(a.activator_truth[18:]).all()
PY

# CDO: understands the grid and keeps the times.
cdo -s sinfon threads1.nc >cdo.txt 2>cdo.err
[[ ! -s cdo.err ]] || fail "cdo complains: $(cat cdo.err)"
grep -q 'activator' cdo.txt || fail "cdo sinfon: $(cat cdo.txt)"
cdo -s copy threads1.nc copy.nc
/usr/bin/python3 - <<'PY'
import numpy as np, xarray as xr
a, b = xr.open_dataset("threads1.nc"), xr.open_dataset("copy.nc")
# CDO keeps milliseconds; the frames are 50 ms apart.
assert len(np.unique(b.time)) == 30 and abs((a.time - b.time) / np.timedelta64(1, "us")).max() < 2, b.time
assert np.array_equal(a.activator, b.activator)
PY

# kill -9: complete records, and the same data after --resume.
roll whole.nc --steps 400 >/dev/null
whole=$(stat -c %s whole.nc)
for percent in 10 40 70; do # of the file written, however fast the machine is
  rm -f killed.nc*
  "$MPP" rollout --model $model --data dr.h5 --sample 1 --start 2 -o killed.nc --quiet --steps 400 \
    </dev/null >/dev/null 2>&1 &
  pid=$!
  until [[ $(stat -c %s killed.nc.partial 2>/dev/null || echo 0) -ge $((whole * percent / 100)) ]]; do
    kill -0 $pid 2>/dev/null || fail "the run ended before it wrote $percent % of the file"
    sleep 0.002
  done
  kill -9 $pid
  code=0
  { wait $pid; } 2>/dev/null || code=$?
  [[ $code -eq 137 ]] || fail "code $code after kill -9: the run was too fast to be killed"
  [[ ! -e killed.nc ]] || fail "a killed run left the final name"
  roll killed.nc --steps 400 --resume >/dev/null
  same_arrays whole.nc killed.nc
  [[ $(ls -d killed.nc*) == killed.nc ]] || fail "left over: $(ls -d killed.nc*)"
done

# --json, and what is refused.
roll json.nc --steps 3 --json >json.txt
/usr/bin/python3 -c '
import json
r = json.load(open("json.txt"))
assert r["steps"] == 3 and r["truth_steps"] == 3 and len(r["nrmse"]) == 3 and len(r["nrmse"][0]) == 2, r
assert all(e > 0 for step in r["nrmse"] for e in step), r'
expect 73 'json.nc' "$MPP" rollout --model $model --data dr.h5 --steps 2 -o json.nc
"$MPP" info json.nc >info.txt
grep -q '^kind  *forecast' info.txt || fail "info: $(cat info.txt)"
grep -q 'mpp_command' info.txt || fail "info: $(cat info.txt)"
"$MPP" info json.nc --json | /usr/bin/python3 -c 'import json, sys; assert json.load(sys.stdin)["kind"] == "forecast"'

# A boundary by the name of its coordinate.
roll x.nc --steps 3 --boundary x=periodic >/dev/null
[[ $(arrays x.nc) != "$(arrays json.nc)" ]] || fail "--boundary has no effect"
expect 64 "axis 'q'" "$MPP" rollout --model $model --data dr.h5 --steps 2 -o q.nc --boundary q=periodic

# Pictures.
"$MPP" plot json.nc -o picture.png >/dev/null
"$MPP" plot dr.h5 --field inhibitor --sample 2 --steps 0,5 -o data.png >/dev/null
for picture in picture.png data.png; do
  [[ $(head -c 8 $picture | od -An -tx1 | tr -d ' \n') == 89504e470d0a1a0a ]] || fail "$picture is no PNG"
done
expect 73 'picture.png' "$MPP" plot json.nc -o picture.png
expect 64 'nofield' "$MPP" plot json.nc --field nofield -o other.png
[[ ! -e other.png && ! -e q.nc ]] || fail "a refused command left a file"
