"""Travelling waves as xarray writes them, 16 x 16 and 24 times in two files: packed integers, in the
second with a missing value; and the same as one file without packing."""
import numpy as np
import xarray as xr

t, y, x = np.arange(24.0), np.linspace(0, 1, 16) ** 1.5, (np.arange(16) + 0.5) / 16
u = np.sin(2 * np.pi * (x[None, None, :] - 0.02 * t[:, None, None])) * (1 + y[None, :, None])
h = xr.Dataset(
    {"u": (("t", "y", "x"), u, {"units": "m s-1", "long_name": "speed"}),
     "p": (("t", "y", "x"), np.roll(u, 3, axis=2) ** 2, {"units": "Pa"})},
    coords={"t": ("t", t, {"units": "s"}), "y": ("y", y, {"units": "m"}), "x": ("x", x)},
    attrs={"Conventions": "CF-1.8", "Reynolds": 400.0})
h.to_netcdf("whole.nc")
packing = {v: {"dtype": "i2", "scale_factor": 1e-4, "add_offset": 0.5, "_FillValue": -32767}
           for v in ("u", "p")}
h["p"][20, 3, 4] = np.nan
h.isel(t=slice(0, 12)).to_netcdf("run_0.nc", encoding=packing)
h.isel(t=slice(12, 24)).to_netcdf("run_1.nc", encoding=packing)
