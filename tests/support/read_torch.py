"""Reads the file of `mpp convert` as torch.load does, by Python's own zip reader and unpickler with
stand-ins for PyTorch's two functions, and holds it against a safetensors file.
read_torch.py FILE.pt FILE.safetensors"""
import json
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict

import numpy as np

archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None, "wrong checksum"


def rebuild(storage, offset, shape, stride, requires_grad, hooks):
    assert offset == 0 and requires_grad is False and hooks == OrderedDict()
    array = np.ndarray(shape, "<f4", storage, 0, [4 * s for s in stride])
    assert array.flags["C_CONTIGUOUS"]
    return array


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        known = {
            ("torch._utils", "_rebuild_tensor_v2"): rebuild,
            ("torch", "FloatStorage"): "float",
            ("collections", "OrderedDict"): OrderedDict,
        }
        return known[module, name]

    def persistent_load(self, pid):
        kind, storage, key, place, count = pid
        assert (kind, storage, place) == ("storage", "float", "cpu")
        data = archive.read(f"archive/data/{key}")
        assert len(data) == 4 * count
        return data


state = Unpickler(archive.open("archive/data.pkl")).load()["model_state"]
with open(sys.argv[2], "rb") as f:
    (length,) = struct.unpack("<Q", f.read(8))
    header = json.loads(f.read(length))
    data = f.read()
header.pop("__metadata__")
assert set(header) == set(state), set(header) ^ set(state)
for name, entry in header.items():
    begin, end = entry["data_offsets"]
    expected = np.frombuffer(data[begin:end], "<f4").reshape(entry["shape"])
    assert np.array_equal(state[name], expected), name
