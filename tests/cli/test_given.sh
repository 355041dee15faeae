# Given fields, masks and walls from generation to scores: what the network sees beside what it predicts.
need ncdump /usr/bin/python3
train="--steps 3 --batch 2 --size nano --blocks 1 --width 16 --heads 2 --context 4 --unroll 2 --jitter
  --noise 0.01 --warmup 1 --validate-every 3 --validate-windows 2 --horizons 1,2 --checkpoint-every 1 --threads 1"

# ---- given fields: the speed of waves stands in the file, and is seen ----
"$MPP" generate wave -n 12 --resolution 16 --frames 12 --horizon 0.3 --seed 3 -o wave.h5
"$MPP" info wave.h5 | has 'given *wave:c *constant in time'
"$MPP" pretrain --data wave.h5 $train --output seen
"$MPP" info seen/final.safetensors | has 'wave:c'
"$MPP" pretrain --data wave.h5 --given none $train --output blind
if $MPP info blind/final.safetensors | has 'wave:c'; then fail "--given none is not heeded"; fi
"$MPP" evaluate --model seen/final.safetensors --data wave.h5 --windows 2 --horizons 1,2
"$MPP" evaluate --model blind/final.safetensors --data wave.h5 --windows 2 --horizons 1,2

# Files of several samples in a batch have the bits of one; a solver stands for a file.
"$MPP" rollout --model seen/final.safetensors --data wave.h5 --sample 0-2 --steps 12 -o many.nc
"$MPP" rollout --model seen/final.safetensors --data wave.h5 --sample 1 --steps 12 -o one.nc
"$MPP" rollout --model seen/final.safetensors --data solver:wave,resolution=16,frames=12,horizon=0.3,seed=3 \
  --sample 1 --steps 12 -o solver.nc
ncdump -h one.nc | has 'mpp_given = "c"'
"$MPP" rollout --repeat one.nc
/usr/bin/python3 - <<'P'
import netCDF4
a, b, c = (netCDF4.Dataset(n)["u"][:] for n in ("many_sample1.nc", "one.nc", "solver.nc"))
assert (a == b).all() and (a == c).all()
P

# A run from a solver, and one that finetunes on a field that the model has not seen.
"$MPP" pretrain --data solver:wave,resolution=16,frames=12,horizon=0.3,samples=4 $train --output streamed
"$MPP" info streamed/final.safetensors | has 'wave:c'
"$MPP" finetune --model blind/final.safetensors --data wave.h5 --steps 2 --batch 2 --output tuned \
  --report-windows 2 --threads 1 2>messages.txt
has 'new ones, appended: wave:c' <messages.txt

# Runs go on to the same bits.
cp -r seen cut
rm cut/final.safetensors cut/step-*3.safetensors
"$MPP" pretrain --resume --data wave.h5 $train --output cut
cmp seen/final.safetensors cut/final.safetensors
cmp seen/metrics.jsonl cut/metrics.jsonl

# ---- a forcing that varies in time is known as far as the data go ----
/usr/bin/python3 - <<'P'
import netCDF4, numpy
f = netCDF4.Dataset("forced.nc", "w")
for name, n in (("time", 14), ("y", 12), ("x", 12)):
    f.createDimension(name, n)
    f.createVariable(name, "f8", (name,))[:] = numpy.arange(n)
t, y, x = numpy.meshgrid(numpy.arange(14), numpy.arange(12), numpy.arange(12), indexing="ij")
u = f.createVariable("u", "f4", ("time", "y", "x"), fill_value=-9e9)
v = 2 + numpy.sin(0.5 * x + 0.3 * t) * numpy.cos(0.4 * y)
v[:, 3:6, 4:8] = -9e9  # an obstacle
u[:] = numpy.ma.masked_less(v, -1e9)
f.createVariable("force", "f4", ("time", "y", "x"))[:] = numpy.cos(0.2 * t) + 0.1 * x
f.close()
P
flags="--fields u --given force --fill mask --boundary x=periodic,y=wall"
"$MPP" pretrain --data forced.nc:lab $flags --train-fraction 1 --valid-fraction 0 $train --edges \
  --output forced
"$MPP" info forced/final.safetensors | has 'edges *yes'
"$MPP" rollout --model forced/final.safetensors --data forced.nc:lab $flags --steps 10 -o reach.nc
"$MPP" rollout --repeat reach.nc | has "the same bits"
ncdump -h reach.nc | has 'mpp_boundary = "y=wall,x=periodic"'
expect 64 "force.*--hold-given" $MPP rollout --model forced/final.safetensors --data forced.nc:lab \
  $flags --steps 12 -o past.nc
"$MPP" rollout --model forced/final.safetensors --data forced.nc:lab $flags --steps 14 --hold-given -o past.nc
"$MPP" evaluate --model forced/final.safetensors --data forced.nc:lab $flags --split all --windows 2 \
  --horizons 1,2
"$MPP" evaluate reach.nc --csv >scores.csv
/usr/bin/python3 - <<'P'
import netCDF4, csv
nrmse = netCDF4.Dataset("reach.nc")["u_nrmse"][:]
rows = [r for r in csv.DictReader(open("scores.csv")) if r["predictor"] == "model"]
found = [float(r["value"]) for r in rows if r["metric"] == "nrmse" and r["field"] == "lab:u"]
assert len(found) == 10 and all(abs(a / b - 1) < 1e-5 for a, b in zip(found, nrmse)), (found, nrmse)
P
expect 65 "edge_embed" $MPP convert forced/final.safetensors forced.pt

# ---- masked cells: fill values in the forecast, and no matter what lies there ----
/usr/bin/python3 - <<'P'
import netCDF4, numpy
f = netCDF4.Dataset("past.nc")
for name in ("u", "u_truth", "u_error"):
    m = numpy.ma.getmaskarray(f[name][:])
    for k in range(10 if name != "u" else 14):
        assert m[k, 3:6, 4:8].all() and m[k].sum() == 12, (name, k)
assert numpy.isfinite(f["u_nrmse"][:10]).all()
a = netCDF4.Dataset("forced.nc", "a")
a["u"].set_auto_mask(False)
a["u"].missing_value = numpy.float32(7e8)
v = a["u"][:]
v[v < -1e9] = 7e8
a["u"][:] = v
a.close()
P
"$MPP" rollout --model forced/final.safetensors --data forced.nc:lab $flags --steps 14 --hold-given \
  -o buried.nc
/usr/bin/python3 - <<'P'
import netCDF4
a, b = netCDF4.Dataset("past.nc"), netCDF4.Dataset("buried.nc")
for name in ("u", "u_nrmse", "u_growth", "u_high_share"):
    assert (a[name][:].filled(-1) == b[name][:].filled(-1)).all(), name
P

# A forecast goes on from what a killed one left, masked cells and all.
cp past.nc left.nc.partial
/usr/bin/python3 - <<'P'
import netCDF4
netCDF4.Dataset("left.nc.partial", "a")["time"][6:] = netCDF4.default_fillvals["f8"]
P
"$MPP" rollout --model forced/final.safetensors --data forced.nc:lab $flags --steps 14 --hold-given \
  --resume -o left.nc
/usr/bin/python3 - <<'P'
import netCDF4
a, b = netCDF4.Dataset("buried.nc"), netCDF4.Dataset("left.nc")
for name in ("u", "u_nrmse", "u_growth", "u_high_share"):
    assert (a[name][:].filled(-1) == b[name][:].filled(-1)).all(), name
P
