"""check_pdebench.py FILE - whether PDEBench's two readers would take a file: the one of an array a
field (density, pressure, Vx..., or tensor; x-coordinate...), which needs a name that ends in .hdf5, and the
one of a group a trajectory (data, grid/x...). Written from the description of the layouts."""
import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1], "r") as f:
    keys = sorted(f.keys())
    if "tensor" in keys or "density" in keys:
        if "tensor" in keys:
            data = np.array(f["tensor"], dtype=np.float32)[..., None]
        else:
            names = ["density", "pressure", "Vx", "Vy", "Vz"][: f["density"].ndim]
            data = np.stack([np.array(f[n], dtype=np.float32) for n in names], -1)
        grid = [np.array(f[f"{x}-coordinate"], dtype=np.float32) for x in "xyz"[: data.ndim - 3]]
        assert data.shape[2:-1] == tuple(len(g) for g in grid), (data.shape, [len(g) for g in grid])
        assert len(f["t-coordinate"]) == data.shape[1] + 1
        print("array", data.shape, float(data.mean(dtype=np.float64)))
    else:
        shapes = set()
        for key in keys:
            seed = f[key]
            data = np.array(seed["data"], dtype="f")  # [t, ..., c]
            dims = data.ndim - 2
            grid = [np.array(seed["grid"][x], dtype="f") for x in "xyz"[:dims]]
            assert data.shape[1:-1] == tuple(len(g) for g in reversed(grid)), data.shape
            assert len(seed["grid"]["t"]) == data.shape[0]
            assert isinstance(seed.attrs["config"], str)
            shapes.add(data.shape)
        assert len(shapes) == 1 and all(len(k) == 4 for k in keys)
        print("groups", len(keys), shapes.pop())
