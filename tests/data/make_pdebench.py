#!/usr/bin/env python3
"""Writes the data files of the tests that are kept in the repository, with h5py as PDEBench does.

    make_pdebench.py [PDEBENCH_SIMULATOR_FILE]

The files of tests/data/pdebench are synthetic: value(f, s, t, i, j) below is what the tests expect
at field f, sample s, frame t, cell (i, j) in memory order. With the argument, the file that
PDEBench's own simulator made (3 samples of 64 x 64 cells, 101 frames, LZF) is reduced to
tests/data/pdebench/diff-react_64.h5 and examples/data/2D_diff-react_64_pdebench.h5."""

import os
import sys

import h5py
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "pdebench")
EXAMPLES = os.path.join(HERE, "..", "..", "examples", "data")


def value(shape):
    """Numbers that differ in every entry and are exact in float32, smooth enough for LZF."""
    f, s, t, i, j = np.indices(shape)
    return (f * 1000 + s * 100 + t * 10 + i + j / 16.0).astype(np.float32)


def centres(n, low=-1.0, high=1.0):
    return (low + (np.arange(n) + 0.5) * (high - low) / n).astype(np.float32)


def create(name):
    return h5py.File(os.path.join(OUT, name), "w", libver="earliest")


def groups(name, samples=3, frames=4, ny=6, nx=5, channels=2, **dataset):
    """Layout B: a group a seed, data (t, y, x, c)."""
    dataset.setdefault("compression", "lzf")
    x = value((channels, samples, frames, ny, nx))
    with create(name) as f:
        for s in range(samples):
            g = f.create_group(f"{s:04d}")
            g.create_dataset("data", data=np.moveaxis(x[:, s], 0, -1), **dataset)
            g.create_dataset("grid/t", data=np.arange(frames, dtype=np.float32) / 4 + s, **dataset)
            g.create_dataset("grid/x", data=centres(nx), **dataset)
            g.create_dataset("grid/y", data=centres(ny, 0, 3), **dataset)
            g.attrs["config"] = f"sim:\n  seed: {s}\n"


def groups_1d(name, samples=2, frames=4, nx=8):
    x = value((1, samples, frames, nx, 1))
    with create(name) as f:
        for s in range(samples):
            g = f.create_group(f"{s:04d}")
            g.create_dataset("data", data=x[0, s], compression="lzf")
            g.create_dataset("grid/t", data=np.arange(frames, dtype=np.float32))
            g.create_dataset("grid/x", data=centres(nx))


def arrays(name, fields, samples=3, frames=4, nx=6, ny=5, lead="sample", surplus=1, extra=()):
    """Layout A: a root dataset a field, [sample, time, x, y]."""
    x = value((len(fields), samples, frames, nx, ny))
    with create(name) as f:
        for i, field in enumerate(fields):
            data = {"sample": x[i], "device": x[i][None], "none": x[i, 0]}[lead]
            f[field] = data
        f["x-coordinate"] = centres(nx)
        f["y-coordinate"] = centres(ny, 0, 3)
        f["t-coordinate"] = np.arange(frames + surplus, dtype=np.float32) / 20
        for key in extra:
            f[key] = np.zeros(3, dtype=np.float32)
        f.attrs["eta"] = 0.01
        f.attrs["zeta"] = 0.01
        f.attrs["M"] = 0.1


def ins(name, batch=2, frames=4, nx=6, ny=5, latest=None):
    """Layout C: velocity and particles with components last."""
    x = value((3, batch, frames, nx, ny))
    lzf = {"compression": "lzf", "shuffle": True}
    with create(name) as f:
        velocity, particles = np.moveaxis(x[:2], 0, -1), np.moveaxis(x[2:], 0, -1)
        f.create_dataset("velocity", data=velocity, chunks=(1, 1, nx, ny, 2), **lzf)
        f.create_dataset("particles", data=particles, chunks=(1, 1, nx, ny, 1), **lzf)
        f.create_dataset("force", data=np.zeros((batch, nx, ny, 2), np.float32), **lzf)
        t = np.tile(np.arange(frames, dtype=np.float32) * 0.005, (batch, 1))
        f.create_dataset("t", data=t, **lzf)
        f.attrs["config"] = "sim:\n  nu: 0.01\n"
        f.attrs["latestIndex"] = frames - 1 if latest is None else latest


COMPRESSIBLE = ("density", "pressure", "Vx", "Vy")


def oddities():
    os.makedirs(OUT, exist_ok=True)
    groups("groups_swe.h5", channels=1)
    groups("groups_diffre2d.h5", shuffle=True)
    groups("groups_three_channels.h5", samples=1, channels=3)
    groups_1d("groups_1d.h5")
    with create("groups_x_first.h5") as f:  # PDEBench's shallow-water generator: (t, x, y, c)
        f["0000/data"] = value((1, 1, 4, 6, 5))[0, 0][..., None]
        f["0000/grid/t"] = np.arange(4, dtype=np.float32)
        f["0000/grid/x"] = centres(6)
        f["0000/grid/y"] = centres(5, 0, 3)
    arrays("array_periodic.hdf5", COMPRESSIBLE)
    arrays("array_trans.hdf5", COMPRESSIBLE, surplus=0)
    arrays("array_device_axis.hdf5", COMPRESSIBLE, lead="device")
    arrays("array_no_sample_axis.hdf5", COMPRESSIBLE, samples=1, lead="none")
    arrays("array_other_fields.hdf5", ("ux", "buoyancy"), extra=("probe",))
    with create("array_1d.hdf5") as f:
        f["tensor"] = value((1, 3, 4, 8, 1))[0, ..., 0]
        f["x-coordinate"] = centres(8)
        f["t-coordinate"] = np.arange(5, dtype=np.float32)
        f.attrs["Nu"] = 0.001
    with create("array_3d.hdf5") as f:
        f["u"] = value((1, 2, 3, 4, 10))[0].reshape(2, 3, 4, 5, 2)
        for name, n in (("x", 4), ("y", 5), ("z", 2)):
            f[name + "-coordinate"] = centres(n)
        f["t-coordinate"] = np.arange(4, dtype=np.float32)
    ins("ins.h5")
    ins("ins_unfinished.h5", latest=1)


def bad():
    """Files that must be refused; the tests know what each message says."""
    groups("bad_nan.h5", samples=2)
    with h5py.File(os.path.join(OUT, "bad_nan.h5"), "r+") as f:
        f["0001/data"][2, 3, 4, 1] = np.nan
    groups("bad_infinite.h5", samples=1, dtype="f8")
    with h5py.File(os.path.join(OUT, "bad_infinite.h5"), "r+") as f:
        f["0000/data"][0, 0, 1, 0] = 1e300  # infinite as float32
    groups("constant.h5", samples=1, channels=1)
    with h5py.File(os.path.join(OUT, "constant.h5"), "r+") as f:
        f["0000/data"][...] = 1.0
    groups("bad_chunk_of_none.h5", samples=1, channels=1)
    path = os.path.join(OUT, "bad_chunk_of_none.h5")
    with open(path, "rb") as f:
        x = f.read()
    chunk = np.array([4, 6, 5, 1, 4], "<u4").tobytes()  # its shape, and the bytes of an entry
    assert x.count(chunk) == 1
    with open(path, "wb") as f:  # HDF5 1.10 divides by it
        f.write(x.replace(chunk, np.array([4, 6, 5, 0, 4], "<u4").tobytes()))
    with create("bad_group_without_data.h5") as f:
        f["0000/grid/t"] = np.zeros(3, np.float32)
    with create("bad_rank.h5") as f:
        f["0000/data"] = np.zeros((4, 6), np.float32)
    with create("bad_text.h5") as f:
        f["0000/data"] = "not numbers"
    with create("bad_empty_axis.h5") as f:
        f["0000/data"] = np.zeros((0, 4, 4, 1), np.float32)
        f["0000/grid/t"] = np.zeros(0, np.float32)
        f["0000/grid/x"] = centres(4)
        f["0000/grid/y"] = centres(4)
    groups("bad_groups_differ.h5", samples=3)
    with h5py.File(os.path.join(OUT, "bad_groups_differ.h5"), "r+") as f:
        del f["0002/data"]
        f["0002/data"] = np.zeros((4, 6, 4, 2), np.float32)
    groups("bad_grid_length.h5", samples=1)
    with h5py.File(os.path.join(OUT, "bad_grid_length.h5"), "r+") as f:
        del f["0000/grid/x"]
        f["0000/grid/x"] = centres(7)
    groups("bad_no_times.h5", samples=1)
    with h5py.File(os.path.join(OUT, "bad_no_times.h5"), "r+") as f:
        del f["0000/grid/t"]
    groups("bad_nan_times.h5", samples=1)
    with h5py.File(os.path.join(OUT, "bad_nan_times.h5"), "r+") as f:
        f["0000/grid/t"][1] = np.nan
    with create("bad_nothing.h5") as f:
        f["something"] = np.zeros(3)
    arrays("bad_array_time.hdf5", COMPRESSIBLE, surplus=2)
    arrays("bad_array_device.hdf5", COMPRESSIBLE, lead="device")
    with h5py.File(os.path.join(OUT, "bad_array_device.hdf5"), "r+") as f:
        for field in COMPRESSIBLE:  # two devices: which is the sample?
            x = np.concatenate([f[field][...]] * 2)
            del f[field]
            f[field] = x
    arrays("bad_array_shapes.hdf5", COMPRESSIBLE)
    with h5py.File(os.path.join(OUT, "bad_array_shapes.hdf5"), "r+") as f:
        del f["pressure"]
        f["pressure"] = np.zeros((3, 4, 6, 4), np.float32)
    arrays("bad_array_grid.hdf5", COMPRESSIBLE)
    with h5py.File(os.path.join(OUT, "bad_array_grid.hdf5"), "r+") as f:
        del f["y-coordinate"]
        f["y-coordinate"] = centres(6)
    arrays("bad_array_no_grid.hdf5", COMPRESSIBLE)
    with h5py.File(os.path.join(OUT, "bad_array_no_grid.hdf5"), "r+") as f:
        del f["x-coordinate"]
    ins("bad_ins_particles.h5")
    with h5py.File(os.path.join(OUT, "bad_ins_particles.h5"), "r+") as f:
        del f["particles"]
        f["particles"] = np.zeros((2, 4, 6, 5, 2), np.float32)
    ins("bad_ins_index.h5", latest=-1)
    ins("bad_ins_times.h5")
    with h5py.File(os.path.join(OUT, "bad_ins_times.h5"), "r+") as f:
        del f["t"]
        f["t"] = np.zeros((2, 3), np.float32)


def reduce(source, target, samples, frames):
    """Copies samples and frames; everything else as PDEBench's simulator wrote it."""
    with h5py.File(source, "r") as a, h5py.File(target, "w") as b:
        for key in sorted(a)[:samples]:
            g = b.create_group(key)
            g.attrs["config"] = a[key].attrs["config"]
            for name in ("data", "grid/t", "grid/x", "grid/y"):
                x = a[key][name][...]
                x = x[frames] if name in ("data", "grid/t") else x
                g.create_dataset(name, data=x, dtype="f", compression="lzf")


if __name__ == "__main__":
    oddities()
    bad()
    if len(sys.argv) > 1:
        os.makedirs(EXAMPLES, exist_ok=True)
        reduce(sys.argv[1], os.path.join(OUT, "diff-react_64.h5"), 2, slice(0, 101, 6))
        reduce(sys.argv[1], os.path.join(EXAMPLES, "2D_diff-react_64_pdebench.h5"), 3, slice(0, 61))
