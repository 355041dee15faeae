# Bounds of axes and of coordinates, and coordinates that change in time, go into forecasts: cut as their
# cells are, read frame by frame as far as the data go, those of a regular time axis further.
need ncdump cdo /usr/bin/python3
/usr/bin/python3 - <<'P'
import netCDF4, numpy as np
def edges(x):
    m = 0.5 * (x[1:] + x[:-1])
    e = np.concatenate([[2 * x[0] - m[0]], m, [2 * x[-1] - m[-1]]])
    return np.stack([e[:-1], e[1:]], axis=1)
def write(name, times, kind="NETCDF4", bounds=None):
    f = netCDF4.Dataset(name, "w", format=kind)
    n = len(times)
    for d, length in (("time", None), ("lat", 12), ("lon", 16), ("nv", 2), ("corner", 4), ("level", 3)):
        f.createDimension(d, length)
    t = f.createVariable("time", "f8", ("time",))
    t.units, t.calendar, t.bounds = "days since 2001-01-01", "standard", "time_bnds"
    t[:] = times
    f.createVariable("time_bnds", "f8", ("time", "nv"))[:] = edges(np.asarray(times, float)) if bounds is None else bounds
    for key, x in (("lat", 40 + np.arange(12) + 0.2 * np.sin(np.arange(12))), ("lon", 5.0 + np.arange(16))):
        a = f.createVariable(key, "f8", (key,))
        a.units, a.bounds = "degrees_" + ("north" if key == "lat" else "east"), key + "_bnds"
        a[:] = x
        f.createVariable(key + "_bnds", "f8", (key, "nv"))[:] = edges(x)
    j, i = np.meshgrid(np.arange(12), np.arange(16), indexing="ij")
    c = f.createVariable("lon2", "f4", ("lat", "lon"), fill_value=-999)
    c.bounds, c.units = "lon2_corners", "degrees_east"
    c[:] = np.ma.masked_where(i + j < 3, i - 0.1 * j)
    f.createVariable("lon2_corners", "f8", ("lat", "lon", "corner"))[:] = (i - 0.1 * j)[..., None] + [-.5, .5, .5, -.5]
    age = f.createVariable("age", "i2", ("time",))   # packed
    age.scale_factor, age.units = 0.5, "hours"
    age[:] = 1 + 0.5 * np.arange(n)
    z = f.createVariable("zlev", "f8", ("time", "lat", "lon"))
    z.units = "m"
    z[:] = np.arange(n)[:, None, None] + 0.01 * (16 * j + i)
    f.createVariable("sigma", "f8", ("level",))[:] = [1, 2, 3]
    u = f.createVariable("sst", "f4", ("time", "lat", "lon"))
    u.units, u.coordinates = "degC", "lon2 age zlev sigma guard"
    f.createVariable("guard", "f8", ("time",))[:] = 7   # a name that forecasts have for themselves
    u[:] = np.sin(0.4 * i + 0.3 * np.arange(n)[:, None, None]) + j / 9
    f.close()
write("daily.nc", np.arange(16) + 0.5)
write("classic.nc", np.arange(16) + 0.5, "NETCDF3_CLASSIC")
length = np.array([31, 28, 31, 30] * 4)
end = np.cumsum(length)
write("monthly.nc", end - length / 2, bounds=np.stack([end - length, end], 1))
write("late.nc", np.arange(16, 24) + 0.5)
P
roll() { "$MPP" rollout --model window --context 8 --quiet "$@" >/dev/null; }
for f in daily classic monthly; do
  roll --data $f.nc --steps 12 --crop lat=2: --stride lon=2 -o $f-out.nc
done
"$MPP" rollout --model window --data daily.nc --steps 1 -o said.nc --quiet | has 'not carried over .*: sigma, guard$'
"$MPP" rollout --model window --data daily.nc --steps 1 -o listed.nc --quiet --json | has '"left_out": "sigma, guard"'
# More names than a message holds: whole ones there, all of them in the file.
cp daily.nc wordy.nc
/usr/bin/python3 - <<'P'
import netCDF4
f = netCDF4.Dataset("wordy.nc", "a")
names = ["a_rather_long_name_%03d" % k for k in range(100)]
for name in names:
    f.createVariable(name, "f8", ("level",))
f["sst"].coordinates = " ".join(names)
f.close()
P
"$MPP" rollout --model window --data wordy.nc --steps 1 -o wordy-out.nc --quiet |
  has 'not carried over .*: a_rather_long_name_000, .*a_rather_long_name_0[0-9][0-9], \.\.\.$'
listed=$(ncdump -h wordy-out.nc | grep -o 'a_rather_long_name_[0-9]*' | sort -u | wc -l)
[[ $listed -eq 100 ]] || fail "mpp_left_out has $listed of 100 names"
roll --data daily.nc --steps 2 --stride 3 --start 1 --context 4 -o thirds.nc
roll --data 'daily.nc' --steps 12 --keep-digits 5 -o digits.nc
mkdir -p run && cp daily.nc run/a.nc && cp late.nc run/b.nc
roll --data 'run/*.nc' --along time --start 4 --steps 10 -o pieces.nc
ncdump -h daily-out.nc >header.txt
has 'time:bounds = "time_bnds"' <header.txt
has 'lat:bounds = "lat_bnds"' <header.txt
has 'lon2:bounds = "lon2_corners"' <header.txt
has 'sst:coordinates = "lon2 age zlev"' <header.txt
has ':mpp_left_out = ".*: sigma, guard"' <header.txt
if has 'double sigma' <header.txt; then fail "has what it cannot have"; fi
/usr/bin/python3 - <<'P'
import netCDF4, numpy as np, xarray as xr
cut = dict(lat=slice(2, None), lon=slice(0, None, 2))
for name in ("daily", "classic", "monthly"):
    a = xr.open_dataset(name + ".nc", decode_times=False)
    b = xr.open_dataset(name + "-out.nc", decode_times=False)
    for key in ("lat_bnds", "lon_bnds", "lon2", "lon2_corners"):
        assert a[key].isel(cut, missing_dims="ignore").equals(b[key]) and a[key].attrs == b[key].attrs, (name, key)
    assert int(np.isnan(b.lon2).sum()) == 1
    known = a.isel(time=slice(8, None), **cut)
    for key in ("age", "zlev", "time_bnds"):
        assert np.array_equal(known[key], b[key][:8]) and b[key].dims == a[key].dims, (name, key)
        assert key == "time_bnds" or np.isnan(b[key][8:]).all(), (name, key)  # nobody knows them
    assert b.age.attrs == {"units": "hours"} and b.sizes["nv"] == 2 and b.sizes["corner"] == 4
    if name == "monthly":
        assert np.isnan(b.time_bnds[8:]).all()
    else:  # on and on, without a gap
        assert np.array_equal(b.time_bnds[:, 0], np.arange(8, 20)) and np.array_equal(b.time_bnds[1:, 0], b.time_bnds[:-1, 1])
        xr.open_dataset(name + "-out.nc")  # dates, too
with xr.open_dataset("thirds.nc", decode_times=False) as d:
    assert np.array_equal(d.time, [13.5, 16.5]) and np.array_equal(d.time_bnds, [[13, 14], [16, 17]]), d.time_bnds.values
with xr.open_dataset("digits.nc", decode_times=False) as d:
    assert np.array_equal(d.time_bnds[:, 1], np.arange(9, 21)) and np.array_equal(d.zlev[0, 0], 8 + 0.01 * np.arange(16))
with xr.open_dataset("pieces.nc", decode_times=False) as d:
    assert np.array_equal(d.time_bnds[:, 0], np.arange(12, 22)) and float(d.zlev[4, 0, 1]) == 0.01, d.zlev[:, 0, 1].values
P
cdo -s sinfo daily-out.nc >/dev/null

# Members and their mean have them, too, and forecasts of forecasts.
"$MPP" rollout --repeat daily-out.nc --quiet | has 'the same bits'
"$MPP" rollout --repeat digits.nc --quiet | has 'the same bits'
roll --data daily.nc --steps 12 --members 2 -o many.nc
/usr/bin/python3 - <<'P'
import numpy as np, xarray as xr
for name in ("many_member0", "many_ensemble"):
    with xr.open_dataset(name + ".nc", decode_times=False) as d:
        assert np.array_equal(d.time_bnds[:, 1], np.arange(9, 21)) and int(np.isnan(d.zlev).sum()) == 4 * 12 * 16, name
P
roll --data daily-out.nc --fields sst --steps 3 -o again.nc
ncdump -v time_bnds again.nc | has '18, 19'
"$MPP" info daily-out.nc | has 'sst'
"$MPP" plot daily-out.nc -o out.png --quiet
