"""Datasets whose parts do not agree with each other, made of dr.h5 (PDEBench, a group a trajectory),
c2.h5 (PDEBench, an array a field) and well.h5 (The Well), and a netCDF file."""
import shutil

import h5py
import netCDF4
import numpy as np


def altered(source, target, changes):
    """A copy with other datasets: {path: function of the old array, or None to leave it out}."""
    shutil.copyfile(source, target)
    with h5py.File(target, "r+") as f:
        for path, change in changes.items():
            old = f[path]
            values, attributes = old[...], dict(old.attrs)
            del f[path]
            if change is not None:
                f[path] = change(values)
                for name, value in attributes.items():
                    f[path].attrs[name] = value


with h5py.File("dr.h5") as f:
    groups = sorted(k for k in f if isinstance(f[k], h5py.Group))
every = [g + "/data" for g in groups]  # [time, y, x, field]
third = every[2]
altered("dr.h5", "dr_one_field.h5", {p: lambda v: v[..., :1] for p in every})
altered("dr.h5", "dr_three_fields.h5", {p: lambda v: np.concatenate([v, v[..., :1]], -1) for p in every})
altered("dr.h5", "dr_field_later.h5", {third: lambda v: v[..., :1]})
altered("dr.h5", "dr_cells_later.h5", {third: lambda v: v[:, :8]})
altered("dr.h5", "dr_frames_later.h5", {third: lambda v: v[:5]})
altered("c2.h5", "c2_no_pressure.h5", {"pressure": None})
altered("c2.h5", "c2_cells.h5", {"Vx": lambda v: v[:, :, :8]})
altered("c2.h5", "c2_samples.h5", {"Vx": lambda v: v[:2]})
altered("c2.h5", "c2_times.h5", {"t-coordinate": lambda v: v[:4]})
altered("c2.h5", "c2_x.h5", {"x-coordinate": lambda v: v[:4]})
altered("well.h5", "well_missing.h5", {"t0_fields/activator": None})
altered("well.h5", "well_x.h5", {"dimensions/x": lambda v: v[:5]})
altered("well.h5", "well_times.h5", {"dimensions/time": lambda v: v[:5]})
altered("well.h5", "well_cells.h5", {"t0_fields/inhibitor": lambda v: v[:, :, :8]})

rng = np.random.default_rng(1)
for name, ny in (("lab.nc", 16), ("lab8.nc", 8)):
    with netCDF4.Dataset(name, "w") as f:
        for axis, n in (("time", 10), ("y", ny), ("x", 16), ("half", 8)):
            f.createDimension(axis, n)
            if axis != "half":
                f.createVariable(axis, "f8", (axis,))[:] = np.arange(n)
        for field in ("u", "v"):
            f.createVariable(field, "f4", ("time", "y", "x"))[:] = rng.standard_normal((10, ny, 16))
        f.createVariable("w", "f4", ("time", "y"))[:] = 0
        f.createVariable("staggered", "f4", ("time", "half", "x"))[:] = 0
