# Many forecasts in one call: samples, starts, members; straight from a solver; guards and corrections;
# made again to the same bits; and what other tools say of the files.
need ncks ncdump ncview xvfb-run cdo
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=4 --validate-every=0 --quiet >/dev/null
model=run/final.safetensors

# roll OPTION...
roll() {
  "$MPP" rollout --model $model --quiet "$@" </dev/null
}

# A file for each sample, start and horizon; each is that of a call of its own, whatever the batch.
mkdir many
roll --data dr.h5 --sample 0-2,4 --start 0,3 --steps 4,9 -o 'many/out.nc' --batch 3 >many.txt
only many out_sample{0,1,2,4}_start{0,3}_steps{4,9}.nc
grep -q 'many/out_sample0_start0_steps4.nc and 15 others: 104 steps of 2 fields' many.txt || fail "$(cat many.txt)"
roll --data dr.h5 --sample 4 --start 3 --steps 9 -o one.nc --threads 1 >/dev/null
same_arrays one.nc many/out_sample4_start3_steps9.nc
roll --data dr.h5 --sample valid --steps 2 -o '{sample}-of-valid.nc' >/dev/null
[[ -s 5-of-valid.nc ]] || fail "validation split: $(ls)"
expect 64 'missing' "$MPP" rollout --model $model --data dr.h5 --sample 0-1 --steps 2,3 -o '{sample}.nc'
expect 64 'sample 6, expected 0 to 5' "$MPP" rollout --model $model --data dr.h5 --sample 2-6 -o no.nc

# An interrupted call is completed: finished files stay as they are.
inode=$(stat -c %i many/out_sample1_start0_steps9.nc)
rm many/out_sample2_start3_steps9.nc
roll --data dr.h5 --sample 0-2,4 --start 0,3 --steps 4,9 -o many/out.nc --resume >/dev/null
only many out_sample{0,1,2,4}_start{0,3}_steps{4,9}.nc
[[ $(stat -c %i many/out_sample1_start0_steps9.nc) == "$inode" ]] || fail "a finished file was written again"

# Every second frame: times and truth are those of the data.
roll --data dr.h5 --stride 2 --steps 5 -o stride.nc >/dev/null
/usr/bin/python3 - <<'PY'
import h5py, numpy as np, xarray as xr
a, source = xr.open_dataset("stride.nc"), h5py.File("dr.h5")["0000"]
frames = [8, 10, 12, 14, 16]
assert np.allclose(a.sim_time, source["grid/t"][...][frames], rtol=1e-6), a.sim_time
assert np.array_equal(a.activator_truth, source["data"][frames, :, :, 0])
PY

# A forecast is gone on from to the bits of a longer one.
roll --data dr.h5 --steps 6 -o six.nc >/dev/null
roll --data dr.h5 --steps 9 -o nine.nc >/dev/null
roll --data six.nc:diffre2d --fields activator,inhibitor --start last --steps 3 -o rest.nc >/dev/null
/usr/bin/python3 - <<'PY'
import numpy as np, xarray as xr
a, b = xr.open_dataset("nine.nc"), xr.open_dataset("rest.nc")
assert np.array_equal(a.activator[6:], b.activator) and np.allclose(a.sim_time[6:], b.sim_time)
PY

# A solver is the dataset that it generates.
"$MPP" generate swe -n 3 --resolution 16 --frames 24 --seed 5 -o five.h5 --quiet >/dev/null
roll --data five.h5 --sample 2 --steps 8 -o file.nc >/dev/null
roll --data solver:swe,resolution=16,frames=24,seed=5 --sample 2 --steps 8 -o solver.nc --json >solver.json
/usr/bin/python3 - <<'PY'
import json, numpy as np, xarray as xr
a, b = xr.open_dataset("file.nc"), xr.open_dataset("solver.nc")
for name in ("h", "h_truth", "h_nrmse", "total_mass", "h_growth"):
    assert np.array_equal(a[name], b[name]), name
r = json.load(open("solver.json"))
assert r["solver_seconds_per_step"] > 0 and r["violations"] == 0 and len(r["forecasts"]) == 1, r
PY
expect 64 "no such system \(did you mean 'swe'" "$MPP" rollout --model $model --data solver:swf -o no.nc

# Members, their mean and their spread.
roll --data dr.h5 --members 3 --perturb 0.1 --steps 5 -o e.nc >members.txt
grep -q 'e_ensemble.nc: mean and spread' members.txt || fail "$(cat members.txt)"
/usr/bin/python3 - <<'PY'
import numpy as np, xarray as xr
m = np.stack([xr.open_dataset(f"e_member{i}.nc").activator for i in range(3)])
e = xr.open_dataset("e_ensemble.nc")
assert np.allclose(e.activator, m.mean(0), atol=1e-6) and np.allclose(e.activator_spread, m.std(0, ddof=1), atol=1e-6)
assert (e.members == 3).all() and "activator_error" in e
PY

# Guards: code 3 with complete records; or the solver goes on, marked in the file.
code=0
roll --data solver:swe,resolution=16,frames=60,seed=5 --steps 40 --max-growth 0.9 --on-violation stop -o stop.nc \
  >stop.txt 2>stop.err || code=$?
[[ $code -eq 3 ]] || fail "code $code: $(cat stop.txt stop.err)"
grep -q '^mpp: .*stop.nc: step .*limit 0.9' stop.err || fail "$(cat stop.err)"
roll --data solver:swe,resolution=16,frames=60,seed=5 --steps 40 --max-growth 0.9 --on-violation solver \
  --solver-steps 4 --conserve mass --positive all -o guard.nc >guard.txt
grep -q 'frames are by the reference solver' guard.txt || fail "$(cat guard.txt)"
/usr/bin/python3 - <<'PY'
import numpy as np, xarray as xr
stop, guard = xr.open_dataset("stop.nc"), xr.open_dataset("guard.nc")
assert 0 < stop.sizes["time"] < 40 and (stop.guard[:-1] == 0).all() and int(stop.guard[-1]) == 2
assert stop.attrs["mpp_stopped_at_step"] == stop.sizes["time"]
assert guard.sizes["time"] == 40 and (guard.origin == 1).any(), guard.origin.values
assert (guard.origin[guard.guard != 0] == 1).all() and guard.origin.flag_meanings == "model reference_solver"
assert np.isfinite(guard.h).all() and "h_shift" in guard and "h_clipped" in guard
own = abs(guard.total_mass_drift[guard.origin == 0])
assert (own < 1e-7).all(), own.values  # rounding of float32
PY

# Made again to the same bits; what differs is said.
"$MPP" rollout --repeat guard.nc --quiet >repeat.txt || fail "$(cat repeat.txt)"
grep -q 'guard.nc: the same bits' repeat.txt || fail "$(cat repeat.txt)"
"$MPP" rollout --repeat e_member2.nc --quiet --json >repeat.json
grep -q '"same": true' repeat.json || fail "$(cat repeat.json)"
ncks -O -h -d time,0,6 one.nc short.nc
code=0
"$MPP" rollout --repeat short.nc --quiet >repeat.txt 2>repeat.err || code=$?
[[ $code -eq 65 ]] && grep -q 'activator: .7 records' repeat.txt || fail "code $code: $(cat repeat.txt repeat.err)"
# --model stands for the checkpoint of that member.
cp run/final.safetensors second.safetensors
roll --data dr.h5 --ensemble second.safetensors --steps 3 -o pair.nc >/dev/null
mv second.safetensors moved.safetensors
expect 66 'second.safetensors' "$MPP" rollout --repeat pair_member1.nc --quiet
"$MPP" rollout --repeat pair_member1.nc --model moved.safetensors --quiet | has 'the same bits' || fail "--model"
[[ ! -e short.nc.repeat && ! -e guard.nc.repeat ]] || fail "left over: $(ls)"

# The checkpoint is found again by its SHA-256.
ncdump -h one.nc >header.txt
grep -q "mpp_checkpoint_sha256 = \"$(sha256sum $model | cut -d' ' -f1)\"" header.txt || fail "sha256"

# Rounded files, files with `axis`, those of ensembles and guards: NCO, CDO and ncview take them.
roll --data dr.h5 --steps 6 --keep-digits 3 -o rounded.nc >/dev/null
roll --data dr.h5 --steps 6 --cf-axis --compress 9 -o axis.nc >/dev/null
[[ $(stat -c %s rounded.nc) -lt $(stat -c %s axis.nc) ]] || fail "--keep-digits does not compress"
ncdump -h axis.nc >header.txt
grep -q 'x:axis = "X"' header.txt || fail "--cf-axis: $(cat header.txt)"
files=(rounded.nc axis.nc e_ensemble.nc guard.nc)
# Shown for four seconds, beside each other.
xvfb-run -a bash -c 'for file; do
    (code=0; timeout 4 ncview $file >$file.txt 2>&1 || code=$?; echo $code >$file.code) &
  done; wait' - "${files[@]}" &
windows=$!
for file in "${files[@]}"; do
  ncks -m $file >ncks.txt 2>ncks.err || fail "ncks: $(cat ncks.err)"
  [[ ! -s ncks.err ]] || fail "ncks complains of $file: $(cat ncks.err)"
  ncwa -O -a time $file mean.nc 2>nco.err || fail "ncwa: $(cat nco.err)"
  cdo -s sinfon $file >cdo.txt 2>cdo.err
  [[ ! -s cdo.err ]] || fail "cdo complains of $file: $(cat cdo.err)"
done
wait $windows
for file in "${files[@]}"; do
  [[ $(cat $file.code) -eq 124 ]] || fail "ncview ends with $(cat $file.code): $(cat $file.txt)"
  ! grep -qiE 'error|fail' $file.txt || fail "ncview complains of $file: $(cat $file.txt)"
done

# --live lists every step.
"$MPP" rollout --model $model --data dr.h5 --steps 3 --live -o live.nc </dev/null >/dev/null 2>live.txt
[[ $(grep -c 'live.nc: step . of 3: .* ms, NRMSE' live.txt) -eq 3 ]] || fail "--live: $(cat live.txt)"
