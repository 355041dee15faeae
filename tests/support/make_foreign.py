"""Files as other people's programs write them: a CF series with packed integers, an axis that is not
uniform and a calendar; a vector in one HDF5 array; members; components before the axes of space."""
import h5py
import netCDF4
import numpy as np

T, Y, X, MEMBERS = 24, 18, 16, 2
lat = np.linspace(-1, 1, Y) ** 3 * 40 + np.linspace(-40, 40, Y)
lon = np.arange(X) * 22.5


def wave(k, phase):
    t, la, lo = np.meshgrid(np.arange(T), np.radians(lat), np.radians(lon), indexing="ij")
    return np.cos(la) * np.sin(k * lo + 0.2 * t + phase)


u, v = wave(1, 0), wave(2, 1)
with netCDF4.Dataset("cf.nc", "w") as d:
    d.createDimension("time", None)
    d.createDimension("lat", Y)
    d.createDimension("lon", X)
    t = d.createVariable("time", "i4", ("time",))
    t.units, t.calendar, t.long_name = "hours since 1990-03-01 00:00:00", "noleap", "valid time"
    t[:] = 6 * np.arange(T)
    for name, values, text in (("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
        x = d.createVariable(name, "f4", (name,))
        x.units, x.standard_name = text, {"lat": "latitude", "lon": "longitude"}[name]
        x[:] = values
    t2m = d.createVariable("t2m", "i2", ("time", "lat", "lon"), fill_value=-32767)
    t2m.scale_factor, t2m.add_offset, t2m.units = 0.001, 280.0, "K"
    t2m.long_name, t2m.standard_name = "2 m temperature", "air_temperature"
    t2m.cell_methods = "time: mean"
    t2m[:] = 280 + u
    sp = d.createVariable("surf.pressure", "f4", ("time", "lat", "lon"))
    sp.units, sp.long_name = "Pa", "surface pressure"
    sp[:] = 1e5 + v
    d.title, d.institution, d.history = "my run", "a laboratory", "made by hand"
    d.nx, d.Re, d.levels = np.int32(X), 250.0, np.array([1.0, 2.5])
with h5py.File("vector.h5", "w") as d:
    d["flow/velocity"] = np.stack([u, v], -1)
    d["flow/velocity"].attrs["units"] = "m/s"
    d["flow/p"] = u * v
    d["t"], d["y"], d["x"] = np.arange(T) * 0.1, lat, lon
    d.attrs["nu"] = 0.01
with h5py.File("first.h5", "w") as d:
    d["w"] = np.stack([u, v], 1).astype("f4")
    d["t"] = np.arange(T) * 0.5
with netCDF4.Dataset("members.nc", "w") as d:
    for name, n in (("number", MEMBERS), ("t", T), ("y", Y), ("x", X)):
        d.createDimension(name, n)
    d.createVariable("t", "f8", ("t",))[:] = np.arange(T) * 0.1
    h = d.createVariable("h", "f4", ("number", "t", "y", "x"))
    h.units = "m"
    for m in range(MEMBERS):
        h[m] = wave(1, 0.3 * m)
