# Variables that fields name by CF attributes go into forecasts: latitudes and longitudes of a curvilinear
# grid, a height, a map projection, areas of cells.
need ncdump ncks nccopy /usr/bin/python3
/usr/bin/python3 - <<'P'
import netCDF4, numpy as np
for name, kind in (("ocean.nc", "NETCDF4"), ("classic.nc", "NETCDF3_CLASSIC")):
    f = netCDF4.Dataset(name, "w", format=kind)
    f.Conventions = "CF-1.8"
    for d, n in (("time", 16), ("j", 12), ("i", 16)):
        f.createDimension(d, None if d == "time" else n)
    t = f.createVariable("time", "f8", ("time",))
    t[:], t.units = np.arange(16), "days since 2001-01-01"
    j, i = np.meshgrid(np.arange(12), np.arange(16), indexing="ij")
    for key, v, units in (("lat", 40 + j + 0.1 * i, "degrees_north"), ("lon", 5 + i - 0.1 * j, "degrees_east")):
        a = f.createVariable(key, "f8", ("j", "i"))
        a[:], a.units = v, units
    area = f.createVariable("area", "i2", ("i", "j"))  # the other way round, and packed
    area.scale_factor, area.units, area.standard_name = 0.5, "km2", "cell_area"
    area[:] = (100 + i + 20 * j).T
    h = f.createVariable("height", "f8", ())
    h[...], h.units = 2.0, "m"
    c = f.createVariable("crs", "i4", ())
    c.grid_mapping_name, c.north_pole = "rotated_latitude_longitude", np.array([39.25, -162.0])
    age = f.createVariable("age", "f8", ("time",))
    age[:] = 3
    u = f.createVariable("sst", "f4", ("time", "j", "i"))
    u.units, u.coordinates, u.grid_mapping = "degC", "lon lat height age nowhere", "crs"
    u.cell_measures, u.ancillary_variables = "area: area", "quality"
    u[:] = np.sin(0.4 * i + 0.3 * np.arange(16)[:, None, None]) + j / 9
    f.close()
P
for f in ocean classic; do
  "$MPP" rollout --model window --data $f.nc --steps 5 --context 8 --crop j=2: --stride i=2 -o $f-out.nc --quiet
done
ncdump -h ocean-out.nc >header.txt
has 'sst:coordinates = "lon lat height age"' <header.txt
has 'sst:grid_mapping = "crs"' <header.txt
has 'crs:grid_mapping_name = "rotated_latitude_longitude"' <header.txt
has 'int crs *;' <header.txt
if has 'quality\|nowhere' <header.txt; then fail "names what is not there"; fi
/usr/bin/python3 - <<'P'
import numpy as np, xarray as xr
for name in ("ocean", "classic"):
    a, b = xr.open_dataset(name + ".nc").isel(j=slice(2, None), i=slice(0, None, 2)), xr.open_dataset(name + "-out.nc")
    for key in ("lat", "lon", "height"):
        assert key in b.coords and np.array_equal(a[key], b[key]) and a[key].attrs == b[key].attrs, key
        assert a[key].dims == b[key].dims, b[key].dims
    assert np.array_equal(a.area, b.area) and b.area.dims == ("i", "j") and b.area.attrs["units"] == "km2"
    assert np.array_equal(b.crs.attrs["north_pole"], [39.25, -162.0])
    assert b.sst.sizes == {"time": 5, "j": 10, "i": 8}
P
# A run that goes on, and members, have them, too.
"$MPP" rollout --model window --data ocean.nc --steps 3 --context 8 --members 2 -o many.nc --quiet
ncdump -h many_ensemble.nc | has 'sst:coordinates = "lon lat height age"'
