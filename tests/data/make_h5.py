"""Writes tests/data/h5py.h5: what h5py stores, LZF and oddities included (h5py 3.7, HDF5 1.10.8).
The values of `smooth` are floor(i / 7), i the index in C order; tests/test_h5*.c knows them."""
import sys

import h5py
import numpy as np

index = np.arange(40 * 50, dtype=np.float32).reshape(40, 50)
smooth = np.floor(index / 7).astype(np.float32)
mixed = smooth.copy()  # one chunk that LZF cannot make smaller: h5py stores it as it is
mixed[16:32, :32] = np.random.default_rng(1).standard_normal((16, 32)).astype(np.float32)

with h5py.File(sys.argv[1], "w") as f:

    def put(name, data, **options):
        f.create_dataset(name, data=data, track_times=False, **options)

    put("smooth", smooth, chunks=(16, 32), compression="lzf")
    put("shuffled", smooth, chunks=(16, 32), compression="lzf", shuffle=True)
    put("deflated", smooth, chunks=(16, 32), compression="gzip", shuffle=True)
    put("mixed", mixed, chunks=(16, 32), compression="lzf")
    put("mixed_shuffled", mixed, chunks=(16, 32), compression="lzf", shuffle=True)
    put("mixed_plain", mixed)
    put("constant", np.full((40, 50), 2.5), chunks=(40, 50), compression="lzf")
    put("integers", smooth.astype(np.int16), chunks=(16, 32), compression="lzf", shuffle=True)
    put("big_endian", smooth.astype(">f8"))
    put("scalar", 3.5)
    put("empty", np.zeros((3, 0), dtype="f4"))
    put("group/inner", np.arange(3))
    put("group/last", np.arange(4.0))
    put("text", "hello")
    put("flags", np.array([True, False]))
    put("rank9", np.zeros((1,) * 9))
    f["soft"] = h5py.SoftLink("/group/inner")
    f["dangling"] = h5py.SoftLink("/nowhere")
    f["loop"] = h5py.SoftLink("/loop")
    f["external"] = h5py.ExternalLink("h5py.h5", "/scalar")  # would resolve, to itself
    f.create_dataset("never", shape=(100, 100), dtype="f4")
    f.create_dataset("never_chunked", shape=(100, 100), dtype="f4", chunks=(10, 10))
    f.create_dataset("partly", shape=(100, 100), dtype="f4", chunks=(10, 10))[:10, :] = 1
    f.create_dataset("huge", shape=(2**40, 2**20), dtype="f4", chunks=(1, 1))
    f.create_dataset("huge_contiguous", shape=(2**40,), dtype="f4")
    layout = h5py.VirtualLayout(shape=(3,), dtype="i8")
    layout[:] = h5py.VirtualSource(".", "/group/inner", shape=(3,))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("elsewhere", (1,), dtype="f4", external=[("h5py.h5", 0, 4)])
    for key, value in {"real": 0.25, "integer": 7, "yes": True, "no": False, "text": "Größe",
                       "fixed": np.bytes_("abc"), "list": [1.0, 2.0], "blank": "",
                       "nothing": []}.items():
        f.attrs[key] = value
    f["group"].attrs["config"] = "a: 1\nb: 2\n"
