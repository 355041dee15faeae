# Masks by a variable of the file: cells that count nowhere, whatever they hold, from statistics to scores.
need ncdump ncks /usr/bin/python3
train="--steps 3 --batch 2 --size nano --blocks 1 --width 16 --heads 2 --context 4 --unroll 2 --warmup 1
  --validate-every 3 --validate-windows 2 --horizons 1,2 --threads 1 --train-fraction 1 --valid-fraction 0"

# The same flow with an obstacle that a variable names, and with missing values there.
/usr/bin/python3 - <<'P'
import netCDF4, numpy
t, y, x = numpy.meshgrid(numpy.arange(16), numpy.arange(12), numpy.arange(16), indexing="ij")
v = 2 + numpy.sin(0.5 * x + 0.3 * t) * numpy.cos(0.4 * y)
wet = numpy.ones((12, 16))
wet[3:6, 4:8] = 0
for name, here, there in (("named", 0.0, 7e4), ("missing", -9e9, -9e9)):
    f = netCDF4.Dataset(name + ".nc", "w")
    for d, n in (("time", 16), ("y", 12), ("x", 16)):
        f.createDimension(d, n)
        f.createVariable(d, "f8", (d,))[:] = numpy.arange(n)
    for field, dry in (("u", here), ("w", there)):
        a = f.createVariable(field, "f4", ("time", "y", "x"), fill_value=-9e9)
        a.set_auto_mask(False)
        a[:] = numpy.where(wet > 0, v if field == "u" else v * v, dry)
    f.createVariable("wet", "i1", ("y", "x"))[:] = wet
    f.createVariable("depth", "f4", ("y", "x"))[:] = numpy.where(wet > 0, 5.0 + x[0] / 8, -1.0)
    f.close()
P
common="--fields u,w --given depth --boundary x=periodic,y=wall"
named="--data named.nc:lab $common --mask wet=0"
missing="--data missing.nc:lab $common --fill mask"
"$MPP" info named.nc --mask wet=0 | has 'mask  *wet=0'
expect 65 "2 faults" $MPP info --check missing.nc --fields u,w
"$MPP" info --check named.nc --fields u,w --mask wet=0
"$MPP" info --check missing.nc --fields u,w --fill mask

# Both are the same to the bit: weights, forecasts, scores.
"$MPP" pretrain $named $train --output by-name
"$MPP" pretrain $missing $train --output by-value
same_arrays by-name/final.safetensors by-value/final.safetensors
cmp by-name/metrics.jsonl by-value/metrics.jsonl
m=by-name/final.safetensors
"$MPP" rollout --model $m $named --steps 8 -o named-out.nc
"$MPP" rollout --repeat named-out.nc | has "the same bits"
"$MPP" rollout --model $m $missing --steps 8 -o missing-out.nc
/usr/bin/python3 - <<'P'
import netCDF4, numpy
a, b = netCDF4.Dataset("named-out.nc"), netCDF4.Dataset("missing-out.nc")
for name in ("u", "w", "u_truth", "w_truth", "u_error", "u_nrmse", "w_vrmse"):
    assert (a[name][:].filled(-1) == b[name][:].filled(-1)).all(), name
hidden = numpy.ma.getmaskarray(a["w"][:])
assert hidden[:, 3:6, 4:8].all() and hidden.sum() == 8 * 12, hidden.sum()
P
"$MPP" evaluate --model $m $named --split all --windows 3 --horizons 1,4 --csv | cut -d, -f2- >named.csv
"$MPP" evaluate --model $m $missing --split all --windows 3 --horizons 1,4 --csv | cut -d, -f2- >missing.csv
cmp named.csv missing.csv

# Said in other words: a condition on another variable, a description, the role of a field.
"$MPP" describe named.nc:lab $common --mask 'depth<=0' -o below.yaml
"$MPP" rollout --model $m --data below.yaml --steps 8 -o below-out.nc
cat >role.yaml <<'Y'
files: named.nc
system: lab
fields:
  - {name: u, variable: u}
  - {name: w, variable: w, role: predicted}
  - {name: depth, variable: depth, role: given}
  - {name: wet, variable: wet, role: mask, when: "=0"}
boundary: {x: periodic, y: wall}
Y
"$MPP" rollout --model $m --data role.yaml --steps 8 -o role-out.nc
# of one field alone: the other keeps its values there, in a forecast made again from its description, too
sed -e 's/when: "=0"/&, fields: [w]/' role.yaml >one.yaml
"$MPP" describe one.yaml | has 'mask: \["wet=0@w"\]'
"$MPP" rollout --model $m --data one.yaml --steps 4 -o one-out.nc
"$MPP" rollout --repeat one-out.nc | has "the same bits"
/usr/bin/python3 - <<'P'
import netCDF4, numpy
a = netCDF4.Dataset("one-out.nc")
hidden = numpy.ma.getmaskarray(a["w"][:])
assert hidden[:, 3:6, 4:8].all() and hidden.sum() == 4 * 12, hidden.sum()
assert not numpy.ma.getmaskarray(a["u"][:]).any() and (a["u_truth"][:, 3:6, 4:8] == 0).all()
P
ncks -O -v u,w below-out.nc a.nc
ncks -O -v u,w role-out.nc b.nc
ncks -O -v u,w named-out.nc c.nc
for f in a b; do
  ncdump -p 9,9 $f.nc | sed '/^netcdf/d; /:/d' >$f.txt
  ncdump -p 9,9 c.nc | sed '/^netcdf/d; /:/d' | cmp - $f.txt
done

# Missing values elsewhere are refused still, or filled; subsampled and smoothed fields do not see the dry ones.
"$MPP" describe named.nc $common --mask wet=0 --stride x=2,y=3 --antialias --crop time=2: -o coarse.yaml
has 'antialias: true' <coarse.yaml
has 'stride: {x: 2, y: 3}' <coarse.yaml
"$MPP" convert data coarse.yaml --to well -o coarse.h5
/usr/bin/python3 - <<'P'
import h5py, numpy
w = h5py.File("coarse.h5")["t0_fields/w"][:]
assert w.shape == (1, 14, 4, 8) and numpy.nanmax(w) < 10, w.max()
P
expect 64 "variable 'dry' of mask 'dry': not there" $MPP info named.nc --mask dry
expect 64 "has 1 components, expected one of them" $MPP info named.nc --mask 'wet[1]'
expect 64 "expected a number after" $MPP info named.nc --mask 'wet=no'
expect 65 "all values are missing or masked" $MPP convert data named.nc --mask 'wet>=0' --fields u --to well -o all.h5
sed 's/role: mask/role: hole/' role.yaml >hole.yaml
expect 78 "role 'hole', expected predicted, given or mask" $MPP info hole.yaml

# Means and spreads of members have no value there, and score the other cells as each member does.
"$MPP" rollout --model $m $named --steps 4 --members 3 --perturb 0.01 --seed 5 -o many.nc
/usr/bin/python3 - <<'P'
import glob, netCDF4, numpy
mean = netCDF4.Dataset("many_ensemble.nc")
members = [netCDF4.Dataset(p) for p in sorted(glob.glob("many_member*.nc"))]
assert len(members) == 3 and "mpp_masked" in mean.ncattrs()
u = numpy.ma.stack([f["u"][:].astype("f8") for f in members])
for name, wanted in (("u", u.mean(0)), ("u_spread", u.std(0, ddof=1))):
    found = mean[name][:]
    assert (numpy.ma.getmaskarray(found) == numpy.ma.getmaskarray(u[0])).all() and found.mask.sum() == 48, name
    assert abs(found - wanted).max() < 1e-6, name
truth = mean["u_truth"][:]
assert truth.mask[:, 3:6, 4:8].all() and truth.mask.sum() == 48
nrmse = numpy.sqrt(((mean["u"][:] - truth) ** 2).mean((1, 2)) / (truth ** 2).mean((1, 2)))
assert abs(mean["u_nrmse"][:] / nrmse - 1).max() < 1e-3, (mean["u_nrmse"][:], nrmse)
P
"$MPP" evaluate many_ensemble.nc --horizons 1,4 >mean.txt
has nrmse <mean.txt

# Converted data carry their masks: one for all frames, one that moves, one of some fields alone.
"$MPP" convert data named.nc:lab $common --mask wet=0 --to well -o carried >/dev/null 2>note.txt
has 'masked cells are boundary_conditions/masked' <note.txt
"$MPP" info carried/data/train | has 'mask  *boundary_conditions/masked/mask'
"$MPP" info carried/data/train --mask none >plain.txt
if has 'counts\? nowhere' <plain.txt; then fail "--mask none is not heeded"; fi
/usr/bin/python3 - <<'P'
import netCDF4, numpy
f = netCDF4.Dataset("moving.nc", "w")
for d, n in (("time", 16), ("y", 12), ("x", 16)):
    f.createDimension(d, n)
    f.createVariable(d, "f8", (d,))[:] = numpy.arange(n)
t, y, x = numpy.meshgrid(numpy.arange(16), numpy.arange(12), numpy.arange(16), indexing="ij")
f.createVariable("ice", "f4", ("time", "y", "x"))[:] = (abs(x - 3 - t / 4) < 1.5) & (abs(y - 5) < 2)
for name in ("u", "w"):
    a = f.createVariable(name, "f4", ("time", "y", "x"), fill_value=-9e9)
    a[:] = numpy.sin(0.5 * x + 0.3 * t) * numpy.cos(0.4 * y)
    if name == "w":
        a[:, 0, 0] = -9e9
f.close()
P
"$MPP" convert data moving.nc --fields u,w --mask ice --fill mask --to well -o moving.hdf5 >/dev/null
"$MPP" convert data moving.nc --fields u,w --mask ice --fill mask --to pdebench -o moving.h5 >/dev/null 2>note.txt
has 'masked cells are missing values' <note.txt
expect 65 'expected a finite number' "$MPP" convert data moving.hdf5 --to well -o no.hdf5
"$MPP" convert data moving.hdf5 --fill mask --to well -o again.hdf5 >/dev/null
same_arrays moving.hdf5 again.hdf5
/usr/bin/python3 - <<'P'
import h5py, netCDF4, numpy, yaml
f = h5py.File("carried/data/train/lab.hdf5")
b = f["boundary_conditions/masked"]
assert b.attrs["bc_type"] == "WALL" and list(b.attrs["associated_dims"]) == ["y", "x"]
assert not b.attrs["time_varying"] and b["mask"].dtype == bool and b["mask"].shape == (12, 16)
assert b["mask"][3:6, 4:8].all() and b["mask"][()].sum() == 12
u = f["t0_fields/u"][0]
assert numpy.isfinite(u).all() and numpy.isfinite(f["t0_fields/w"][()]).all()
stats = yaml.safe_load(open("carried/stats.yaml"))
for name in ("u", "w"):
    v = f["t0_fields/" + name][0][:, ~b["mask"][()]].astype("f8")
    assert abs(stats["mean"][name] - v.mean()) < 1e-5 and abs(stats["std"][name] - v.std()) < 1e-5, name
    assert abs(stats["std_delta"][name] - numpy.diff(v, axis=0).std()) < 1e-5, name
ice = netCDF4.Dataset("moving.nc")["ice"][:] != 0
f = h5py.File("moving.hdf5")
b = f["boundary_conditions/masked"]
assert b.attrs["time_varying"] and b.attrs["sample_varying"] and (b["mask"][0] == ice).all()
assert numpy.isfinite(f["t0_fields/u"][()]).all()
w = numpy.isnan(f["t0_fields/w"][0])
assert w[:, 0, 0].all() and w.sum() == 16
g = h5py.File("moving.h5")["0000/data"][()]
assert (numpy.isnan(g[..., 0]) == ice).all() and numpy.isnan(g[:, 0, 0, 1]).all()
P
