"""check_well.py FOLDER - whether a dataset is as The Well's own reader (WellDataset) needs it: the keys
that it looks up, how it slices arrays by their flags, tiles, stacks grids, reads masks and normalises.
Written from the description of the format and of what that reader asks for; prints a summary."""
import itertools
import sys
from pathlib import Path

import h5py
import numpy as np
import yaml


def window(data, flags, sample, frames):
    """As the reader takes an array: no index for an axis that its flags deny."""
    index = ()
    if flags["sample_varying"]:
        index += (sample,)
    if flags["time_varying"]:
        index += (frames,)
    return data[index]


def check_file(path, stats):
    with h5py.File(path, "r") as f:
        assert isinstance(f.attrs["dataset_name"], str) and isinstance(f.attrs["grid_type"], str)
        samples, ndims = int(f.attrs["n_trajectories"]), int(f.attrs["n_spatial_dims"])
        dims = list(f["dimensions"].attrs["spatial_dims"])
        assert len(dims) == ndims and all(isinstance(d, str) for d in dims)
        steps = f["dimensions"]["time"].shape[-1]
        size = [f["dimensions"][d].shape[-1] for d in dims]
        for name in f.attrs["simulation_parameters"]:
            float(f.attrs[name])
        # boundary codes: WALL 0, OPEN 1, PERIODIC 2
        code = np.ones((ndims, 2))
        for bc in f["boundary_conditions"].values():
            kind = bc.attrs["bc_type"]
            value = {"WALL": 0, "OPEN": 1, "PERIODIC": 2}[kind]
            assert len(bc.attrs["associated_fields"]) == 0
            mask = bc["mask"][:]
            assert mask.dtype == bool, mask.dtype
            for dim in bc.attrs["associated_dims"]:
                for side, at in ((0, 0), (1, -1)):
                    cut = tuple(at if d == dim else slice(None) for d in bc.attrs["associated_dims"])
                    if (np.min if kind == "WALL" else np.max)(mask[cut]):
                        code[dims.index(dim), side] = value
        scalars = {}
        for name in f["scalars"].attrs["field_names"]:
            s = f["scalars"][name]
            scalars[name] = [float(window(s, s.attrs, i, slice(0, 2))) for i in range(samples)]
        channels, constant = [], []
        for order, group in enumerate(("t0_fields", "t1_fields", "t2_fields")):
            for name in f[group].attrs["field_names"]:
                a = f[group][name]
                assert a.dtype == np.float32, a.dtype
                use = a.attrs["dim_varying"]
                assert use.dtype == bool and len(use) == ndims
                expected = [samples] * bool(a.attrs["sample_varying"]) + [steps] * bool(a.attrs["time_varying"])
                expected += [n for n, u in zip(size, use) if u] + [ndims] * order
                assert list(a.shape) == expected, (name, a.shape, expected)
                for i in range(samples):
                    x = window(a, a.attrs, i, slice(0, 3))
                    x = np.tile(x, [1] * bool(a.attrs["time_varying"]) + [1 if u else n for n, u in zip(size, use)] + [1] * order)
                    assert np.isfinite(x).all()
                    if stats:
                        z = (x - np.array(stats["mean"][name])) / np.maximum(stats["std"][name], 1e-4)
                        assert z.shape == x.shape and np.abs(z).max() < 100, name
                for xyz in itertools.product(dims, repeat=order):
                    full = name + ("_" + "".join(xyz) if xyz else "")
                    (channels if a.attrs["time_varying"] else constant).append(full)
        for d in dims + ["time"]:
            assert isinstance(f["dimensions"][d].attrs["sample_varying"], (bool, np.bool_))
        if f["dimensions"]["time"].attrs["sample_varying"]:
            time = f["dimensions"]["time"][0, :]
        else:
            time = f["dimensions"]["time"][:]
        assert len({f["dimensions"][d].dtype for d in dims}) == 1  # the grid is stacked
        grid = np.stack(np.meshgrid(*[f["dimensions"][d][:] for d in dims], indexing="ij"), -1)
        assert grid.shape == (*size, ndims) and (np.diff(time) > 0).all()
        return samples, steps, channels, constant, code.tolist(), scalars


def check_statistics(folder, stats):
    """Over what trains, as The Well computes it: the mixture over files, population variance."""
    values, deltas = {}, {}
    for path in sorted((folder / "data/train").glob("*.hdf5")):
        with h5py.File(path, "r") as f:
            for order, group in enumerate(("t0_fields", "t1_fields", "t2_fields")):
                for name in f[group].attrs["field_names"]:
                    x = f[group][name][:].astype(np.float64)
                    tail = x.shape[x.ndim - order:]
                    values.setdefault(name, []).append(x.reshape(-1, *tail))
                    if f[group][name].attrs["time_varying"]:
                        deltas.setdefault(name, []).append(np.diff(x, axis=1).reshape(-1, *tail))
    for key, of in (("", values), ("_delta", deltas)):
        for name, parts in of.items():
            x = np.concatenate(parts)
            rms = np.sqrt((x**2).mean(0))
            for kind, expected in (("mean", x.mean(0)), ("std", x.std(0)), ("rms", rms)):
                found = np.array(stats[kind + key][name])
                assert found.shape == expected.shape, (kind, name, found.shape)
                # sums of doubles in another order
                assert np.allclose(found, expected, rtol=1e-9, atol=1e-12 * (1 + rms.max())), (kind, key, name, found, expected)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    if folder.is_file():
        print(*check_file(folder, None), sep="\n")
    else:
        stats = yaml.safe_load((folder / "stats.yaml").read_text())
        assert sorted(stats) == ["mean", "mean_delta", "rms", "rms_delta", "std", "std_delta"]
        check_statistics(folder, stats)
        for split in ("train", "valid", "test"):
            files = sorted((folder / "data" / split).glob("*.hdf5"))
            assert files or split != "train"
            for path in files:
                print(split, *check_file(path, stats))
