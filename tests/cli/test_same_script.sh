# A forecast of anybody's data looks like the data: the same script reads both.
/usr/bin/python3 "$MPP_SOURCE/tests/support/make_foreign.py"
roll() { "$MPP" rollout --model window --context 8 --steps 20 --quiet "$@" >/dev/null; }
roll --data cf.nc -o cf_out.nc
roll --data vector.h5 --boundary x=periodic,y=open -o vector_out.nc
roll --data first.h5 --axes time,component,y,x --keep-digits 7 -o first_out.nc
roll --data members.nc --sample 0-1 -o members_out.nc
cat >reader.py <<'PY'
import h5py, numpy as np, xarray as xr
def weather(path):  # what a user has: knows its data, and nothing of mpp
    with xr.open_dataset(path) as d:
        t = d["t2m"].sel(lat=slice(-60, 60))
        weight = np.cos(np.radians(d["lat"]))
        return dict(mean=(t * weight).mean(("lat", "lon")).load(), pressure=d["surf.pressure"].load(),
                    units=t.attrs["units"], name=t.attrs["long_name"], cf=t.attrs["standard_name"],
                    methods=t.attrs["cell_methods"], calendar=d.time.encoding["calendar"],
                    time_units=d.time.encoding["units"], nx=range(d.attrs["nx"]), re=d.attrs["Re"],
                    levels=list(d.attrs["levels"]), lat=d.lat.attrs["standard_name"])
truth, forecast = weather("cf.nc"), weather("cf_out.nc")
for key in truth:
    if key not in ("mean", "pressure"):
        assert truth[key] == forecast[key], (key, truth[key], forecast[key])
error = abs(truth["mean"] - forecast["mean"])      # xarray joins by dates: the 16 that both have
assert error.sizes == {"time": 16} and float(error.max()) < 2e-3, error   # packed in steps of 1e-3
error = abs(truth["pressure"] - forecast["pressure"])
assert error.dims == ("time", "lat", "lon") and error.shape == (16, 18, 16), error.sizes
a, b = xr.open_dataset("cf.nc", decode_times=False), xr.open_dataset("cf_out.nc", decode_times=False)
assert np.array_equal(b.time, 48 + 6 * np.arange(20)), b.time.values   # on past the end of the data
assert np.array_equal(a.lat, b.lat) and np.array_equal(a.lon, b.lon)   # not uniform, to the bit
assert b.t2m.attrs["mpp_input_packing"].startswith("int16 * 0.001 + 280")
assert b.attrs["history"].endswith("made by hand") and b.attrs["institution"] == "a laboratory"
assert b.attrs["input_title"] == "my run"

def flow(path):
    with h5py.File(path) as f:
        group = f["flow"] if "flow" in f else f
        u = group["velocity"][..., 0]
        return f["t"][()], u, group["velocity"][..., 1], f["y"][()], group["velocity"].attrs["units"]
t, u, v, y, units = flow("vector.h5")
t2, u2, v2, y2, units2 = flow("vector_out.nc")
assert units == (units2.decode() if isinstance(units2, bytes) else units2) and np.array_equal(y, y2)
assert np.allclose(t[8:], t2[:16]) and u2.shape == (20, 18, 16)
assert np.abs(u[8:] - u2[:16]).max() < 1e-2 and np.abs(v[8:] - v2[:16]).max() < 1e-2
with xr.open_dataset("vector_out.nc") as d:
    assert d.velocity.dims == ("t", "y", "x", "velocity_component"), d.velocity.dims
    assert np.array_equal(d.velocity[..., 1], d.velocity_y) and d.attrs["nu"] == 0.01
with xr.open_dataset("first_out.nc") as d, h5py.File("first.h5") as f:
    assert d.w.shape == (20, 2, 18, 16), d.w.shape
    assert np.abs(d.w[:16] - f["w"][8:]).max() < 1e-2
for m in range(2):
    with xr.open_dataset("members.nc") as a, xr.open_dataset(f"members_out_sample{m}.nc") as b:
        assert b.h.dims == ("t", "y", "x") and b.h.attrs["units"] == "m"
        assert float(abs(a.h[m] - b.h).max()) < 1e-2 and "units" not in b.t.attrs
PY
/usr/bin/python3 reader.py

# the program's own readers find time and fields under their names, too
"$MPP" rollout --repeat cf_out.nc --quiet | has 'the same bits'
"$MPP" rollout --repeat vector_out.nc --quiet | has 'the same bits'
"$MPP" evaluate vector_out.nc --horizons 1,10 | has 'velocity_x'
"$MPP" plot cf_out.nc -o cf.png --field t2m --steps 1,20
"$MPP" plot cf_out.nc -o errors.png --show errors
"$MPP" info vector_out.nc | has 'velocity  '
roll --data vector.h5 --boundary x=periodic,y=open --members 3 -o several.nc
ncdump -h several_ensemble.nc | has 'velocity(t, y, x, velocity_component)'
"$MPP" info --json members_out_sample0.nc | has '"kind": "forecast"'
roll --data vector_out.nc --fields velocity_x,velocity_y,p --start 0 -o again.nc
ncdump -h again.nc | has 'velocity_x(t, y, x)'

# ---- every second cell of an axis, and every second frame ----
roll --data vector.h5 --context 6 --boundary x=periodic,y=open --stride 2,x=2,y=3 --antialias -o coarse.nc
roll --data vector.h5 --context 6 --boundary x=periodic,y=open --stride x=2,y=3 -o plain.nc
/usr/bin/python3 - <<'PY'
import h5py, numpy as np, xarray as xr
with xr.open_dataset("coarse.nc") as d, xr.open_dataset("plain.nc") as p, h5py.File("vector.h5") as f:
    assert d.sizes["x"] == 8 and d.sizes["y"] == 6 and np.allclose(d.y, f["y"][::3])
    assert np.allclose(d.t[:3], f["t"][12:18:2]) and np.allclose(p.t[:3], f["t"][6:9]), d.t
    assert np.allclose(p.p_truth[0], f["flow/p"][6, ::3, ::2])             # as they are
    assert np.abs(d.p_truth[0] - f["flow/p"][12, ::3, ::2]).max() > 1e-2   # smoothed before
    assert d.attrs["mpp_space_stride"] == "x=2,y=3, smoothed before", d.attrs
PY
"$MPP" evaluate coarse.nc --horizons 1 2>note.txt | has "^ *persistence"
[[ ! -s note.txt ]] || fail "context: $(cat note.txt)"
expect 64 "stride .* found 'two'" "$MPP" rollout --model window --data vector.h5 --stride two -o no.nc

# ---- a grid that is no multiple of the patch ----
small_config
small_data
"$MPP" pretrain small.yaml --output=run --steps=2 --validate-every=0 --quiet >/dev/null
"$MPP" finetune --model run/final.safetensors --data members.nc --steps 2 --validate-every 0 --quiet \
  --output tuned --train-fraction 1 --valid-fraction 0 >/dev/null
"$MPP" rollout --model tuned/final.safetensors --data members.nc --steps 2 -o padded.nc --quiet >/dev/null
ncdump -h padded.nc | has 'mpp_padding = "y: 18 cells filled up to .* by reflection'
