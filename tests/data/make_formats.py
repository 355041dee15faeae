#!/usr/bin/python3
"""Small files in the layouts and oddities that users have, written by h5py and netCDF4.
Every value is value(field, sample, time, y, x) below, so that a test knows what it should read."""
import os, sys
import h5py, netCDF4, numpy as np

out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)) + "/formats"
os.makedirs(out, exist_ok=True)
S, T, Y, X = 3, 5, 4, 6
y = np.array([0.0, 1.0, 3.0, 7.0])          # not uniform
x = np.linspace(0.5, 5.5, X)
t = np.array([0.0, 0.1, 0.2, 0.3, 0.4])


def value(f, s, j, k, i):
    """Exact in float16 up to 2048."""
    return f * 512 + s * 120 + j * 24 + k * 6 + i


def field(f, samples=None, times=T):
    s = np.arange(S if samples is None else samples)[:, None, None, None]
    a = value(f, s, np.arange(times)[None, :, None, None], np.arange(Y)[None, None, :, None],
              np.arange(X)[None, None, None, :]).astype(np.float64)
    return a


def h5(name):
    return h5py.File(os.path.join(out, name), "w", libver="earliest")


# ---- HDF5 of no convention ----
with h5("plain.h5") as f:                    # names of lines tell the axes
    f["u"] = field(0).astype("f4")
    f["v"] = field(1).astype("f4")
    f["mask"] = (field(0)[0, 0] > 10)
    f["x"], f["y"], f["time"] = x, y, t
    f.attrs["Reynolds"] = 400.0
with h5("bare.h5") as f:                     # nothing but shapes
    f["data"] = field(0).astype("f4")
with h5("transposed.h5") as f:               # as a Fortran code leaves it: [x, y, time, sample]
    f["u"] = field(0).transpose(3, 2, 1, 0).astype("f8")
    f["grid/x"], f["grid/y"], f["grid/t"] = x, y, t
with h5("vector.h5") as f:                   # components last, in a group, big-endian float16
    f["fields/velocity"] = np.stack([field(0), field(1)], axis=-1).astype(">f2")
    f["fields/x"], f["fields/y"], f["fields/t"] = x, y, t
with h5("component_first.h5") as f:          # [component, time, y, x], labels of axes
    d = f.create_dataset("w", data=np.stack([field(0, 1)[0], field(1, 1)[0]]).astype(">f8"))
    for k, label in enumerate(["component", "t", "y", "x"]):
        d.dims[k].label = label
with h5("integers.h5") as f:                 # int32, no float at all
    f["count"] = field(0).astype("i4")
    f["x"], f["y"], f["time"] = x, y, t
with h5("odd_texts.h5") as f:
    f["u"] = field(0).astype("f4")           # Latin-1, a character across the end of a name,
    f["v"] = field(1).astype("f4")           # and what a terminal obeys
    f["x"], f["y"], f["time"] = x, y, t
    f["u"].attrs["units"] = np.bytes_(b"\xb5m")
    f["u"].attrs["long_name"] = "a" * 62 + "\u00b5m"
    f["v"].attrs["units"] = "m\x1b[31m"
    f.attrs["Re\x1b[31m"] = 400.0
    f.attrs["Ma"] = 0.5
    f.attrs["history"] = "first\x1b]0;title\x07\nsecond\u009b1m"
for k in range(4):                           # snapshots: a file a time
    with h5("snap_%04d.h5" % (10 * k)) as f:
        f["rho"] = field(0, 1)[0, k].astype("f4")
        f.attrs["time"] = t[k]
for nu in (0.01, 0.1):                       # a parameter in the name
    with h5("flow_Nu%g_M1.h5" % nu) as f:
        f["u"] = field(0, 2).astype("f4")
        f["x"], f["y"], f["time"] = x, y, t

# ---- PDEArena ----
with h5("NavierStokes2D_train_42_0.38.h5") as f:
    g = f.create_group("train")
    for k, name in enumerate(["u", "vx", "vy"]):
        g[name] = field(k).transpose(0, 1, 3, 2).copy()
    g["t"], g["x"], g["y"] = np.tile(t, (S, 1)), np.tile(x, (S, 1)), np.tile(y, (S, 1))
    g["dt"], g["dx"], g["dy"] = np.full(S, 0.1), np.full(S, 1.0), np.full(S, 1.0)
    g["buo_y"] = np.array([0.25, 0.5, 0.75])

# ---- The Well: every flag ----
def well(name, dims=("x", "y"), broken=None):
    n = {"x": Y, "y": X, "z": 3}
    with h5(name) as f:
        f.attrs["dataset_name"], f.attrs["grid_type"] = "tiny", "cartesian"
        f.attrs["n_spatial_dims"], f.attrs["n_trajectories"] = len(dims), S
        f.attrs["simulation_parameters"] = ["Re"]
        f.attrs["Re"] = 100.0
        d = f.create_group("dimensions")
        d.attrs["spatial_dims"] = list(dims)
        d["time"] = np.stack([t + s for s in range(S)]).astype("f4")
        d["time"].attrs["sample_varying"] = True
        for c in dims:
            d[c] = np.arange(n[c], dtype="f4")
            d[c].attrs["sample_varying"] = d[c].attrs["time_varying"] = False
        b = f.create_group("boundary_conditions")
        for c, kind, ends in (("x", "WALL", (0, -1)), ("y", "periodic", (0, -1))):
            g = b.create_group(c + "_" + kind.lower())
            g.attrs["associated_dims"], g.attrs["associated_fields"] = [c], []
            g.attrs["bc_type"] = kind
            g.attrs["sample_varying"] = g.attrs["time_varying"] = False
            mask = np.zeros(n[c], bool)
            mask[list(ends)] = True
            g["mask"] = mask
        s = f.create_group("scalars")
        s.attrs["field_names"] = ["Re", "forcing", "drift"]
        for key, data, sv, tv in (("Re", 100.0, False, False),
                                  ("forcing", np.array([0.1, 0.2, 0.3]), True, False),
                                  ("drift", np.zeros((S, T)), True, True)):
            s[key] = data
            s[key].attrs["sample_varying"], s[key].attrs["time_varying"] = sv, tv
        def add(order, key, data, sv, tv, varying):
            g = f["t%d_fields" % order]
            g[key] = data.astype("f4")
            g[key].attrs["sample_varying"], g[key].attrs["time_varying"] = sv, tv
            g[key].attrs["dim_varying"] = np.array(varying)
        for order, names in ((0, ["p", "tiled", "still", "same"]), (1, ["v"]), (2, ["stress"])):
            g = f.create_group("t%d_fields" % order)
            g.attrs["field_names"] = names
        p = field(0)
        add(0, "p", p, True, True, [True, True])
        add(0, "tiled", p[:, :, :, 0], True, True, [True, False])
        add(0, "still", p[:, 0], True, False, [True, True])
        add(0, "same", p[0], False, True, [True, True])
        add(1, "v", np.stack([field(1), field(2)], -1), True, True, [True, True])
        add(2, "stress", np.stack([np.stack([field(3), field(4)], -1),
                                   np.stack([field(5), field(6)], -1)], -2), True, True,
            [True, True])
        if broken == "rank":
            del f["t0_fields/p"]
            f["t0_fields/p"] = p[0].astype("f4")
            f["t0_fields/p"].attrs["time_varying"] = True
            f["t0_fields/p"].attrs["sample_varying"] = True
        if broken == "components":
            del f["t1_fields/v"]
            f["t1_fields/v"] = np.zeros((S, T, Y, X, 3), "f4")
        if broken == "dims":
            d.attrs["spatial_dims"] = ["x", "y", "z", "w"]
        if broken == "scalar":
            del f["scalars/forcing"]
            f["scalars/forcing"] = np.zeros(7)
            f["scalars/forcing"].attrs["sample_varying"] = True
            f["scalars/forcing"].attrs["time_varying"] = False
        if broken == "trajectories":
            f.attrs["n_trajectories"] = S + 1
        if broken == "space":
            f.attrs["n_spatial_dims"] = len(dims) + 1


well("well.hdf5")
for kind in ("rank", "components", "dims", "scalar", "trajectories", "space"):
    well("bad_well_%s.hdf5" % kind, broken=kind)

# ---- netCDF ----
def coordinates(n, cf=True):
    n.createDimension("time", None)
    n.createDimension("lat", Y)
    n.createDimension("lon", X)
    v = n.createVariable("time", "f8", ("time",))
    v.units, v.calendar, v.standard_name = "hours since 2000-01-01", "standard", "time"
    v[:] = np.arange(T) * 6.0
    v = n.createVariable("lat", "f4", ("lat",))
    v.units, v.standard_name, v.long_name = "degrees_north", "latitude", "latitude"
    v[:] = [60, 20, -20, -60]
    v = n.createVariable("lon", "f4", ("lon",))
    v.units, v.standard_name = "degrees_east", "longitude"
    v[:] = np.arange(X) * 60.0


def packed(path, fmt, missing):
    with netCDF4.Dataset(os.path.join(out, path), "w", format=fmt) as n:
        n.Conventions, n.title = "CF-1.8", "packed"
        coordinates(n)
        v = n.createVariable("t2m", "i2", ("time", "lat", "lon"), fill_value=np.int16(-32767))
        v.scale_factor, v.add_offset, v.units = 0.5, 100.0, "K"
        v.long_name, v.standard_name = "temperature at 2 m", "air_temperature"
        v.missing_value = np.int16(-32766)
        a = np.ma.array(field(0, 1)[0])
        if missing:
            a[2, 1, 3] = np.ma.masked
            a[2, 0, 0] = np.ma.masked
        v[:] = a
        w = n.createVariable("u10", "f4", ("time", "lat", "lon"))
        w.units = "m s-1"
        w[:] = field(1, 1)[0]
        m = n.createVariable("lsm", "i1", ("lat", "lon"))
        m.long_name = "land-sea mask"
        m[:] = (field(0, 1)[0, 0] > 10)


packed("packed_classic.nc", "NETCDF3_CLASSIC", False)
packed("packed_64bit.nc", "NETCDF3_64BIT_DATA", False)
packed("packed.nc", "NETCDF4", False)
packed("missing.nc", "NETCDF4", True)
packed("missing_classic.nc", "NETCDF3_CLASSIC", True)
for k in range(2):                           # pieces of one series
    with netCDF4.Dataset(os.path.join(out, "series_%d.nc" % k), "w", format="NETCDF4") as n:
        n.Conventions = "CF-1.8"
        coordinates(n)
        n["time"][:] = np.arange(T) * 6.0 + k * T * 6.0
        w = n.createVariable("h", "f4", ("time", "lat", "lon"))
        w[:] = field(k, 1)[0]
with netCDF4.Dataset(os.path.join(out, "levels.nc"), "w", format="NETCDF4") as n:
    coordinates(n)                           # four axes, one of levels; in a group; members
    n.createDimension("level", 2)
    g = n.createGroup("forecast")
    w = g.createVariable("z", "f8", ("time", "level", "lat", "lon"))
    w[:] = np.stack([field(0, 1)[0], field(1, 1)[0]], axis=1)
with netCDF4.Dataset(os.path.join(out, "members.nc"), "w", format="NETCDF4") as n:
    coordinates(n)
    n.createDimension("member", S)
    w = n.createVariable("q", "f4", ("time", "member", "lat", "lon"))
    w[:] = field(0).transpose(1, 0, 2, 3)
with netCDF4.Dataset(os.path.join(out, "all_missing.nc"), "w", format="NETCDF4") as n:
    coordinates(n)
    w = n.createVariable("h", "f4", ("time", "lat", "lon"))
    a = np.ma.array(field(0, 1)[0])
    a[1] = np.ma.masked
    w[:] = a
with netCDF4.Dataset(os.path.join(out, "bad_scale.nc"), "w", format="NETCDF4") as n:
    coordinates(n)
    w = n.createVariable("h", "i2", ("time", "lat", "lon"))
    w[:] = field(0, 1)[0]
    w.scale_factor = 0.0
with netCDF4.Dataset(os.path.join(out, "text_only.nc"), "w", format="NETCDF3_CLASSIC") as n:
    n.createDimension("c", 4)
    n.createVariable("name", "S1", ("c",))[:] = np.array(list("mpp "), "S1")
for name in ("packed_classic.nc", "packed.nc", "well.hdf5"):
    data = open(os.path.join(out, name), "rb").read()
    open(os.path.join(out, "cut_" + name), "wb").write(data[: len(data) // 2])
