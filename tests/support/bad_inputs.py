"""Writes the spoiled inputs of test_inputs.sh: bad_inputs.py DIFFUSION_REACTION.h5 SWE.h5 MODEL."""
import json
import shutil
import struct
import sys

import h5py
import numpy as np

groups, swe, model = sys.argv[1:4]


def write(name, content):
    with open(name, "wb") as f:
        f.write(content)


def flip(content, at):
    return content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1:]


# ---- datasets ----
raw = open(groups, "rb").read()
write("empty.h5", b"")
write("text.h5", b"no dataset\n" * 100)
write("truncated.h5", raw[:len(raw) * 2 // 3])
write("header.h5", flip(raw, 13))  # size of offsets in the superblock


def copy(name):
    shutil.copyfile(groups, name)
    return h5py.File(name, "r+")


def group(f, index):
    return f[sorted(f)[index]]


with h5py.File("unknown.h5", "w") as f:
    f["numbers"] = np.zeros(10)
with copy("rank.h5") as f:
    del group(f, 0)["data"]
    group(f, 0)["data"] = np.zeros((24, 16, 2), "f4")
with copy("shapes.h5") as f:
    del group(f, 1)["data"]
    group(f, 1)["data"] = np.zeros((24, 16, 8, 2), "f4")
for name, value, channel in ("nan.h5", np.nan, 0), ("inf.h5", np.inf, 1):
    with copy(name) as f:
        for key in f:
            data = f[key + "/data"][...]
            data[2, 3, 5, channel] = value
            f[key + "/data"][...] = data
# Data in other files: a link, and a virtual dataset.
with copy("external.h5") as f:
    key = sorted(f)[0]
    del f[key + "/data"]
    f[key + "/data"] = h5py.ExternalLink(groups, "/" + key + "/data")
with copy("virtual.h5") as f:
    data = group(f, 0)["data"]
    layout = h5py.VirtualLayout(data.shape, data.dtype)
    layout[...] = h5py.VirtualSource(groups, data.name, data.shape)
    name = data.name
    del f[name]
    f.create_virtual_dataset(name, layout)
with copy("short.h5") as f:
    for key in list(f):
        data, t = f[key + "/data"][:4], f[key + "/grid/t"][:4]
        del f[key + "/data"], f[key + "/grid/t"]
        f[key + "/data"], f[key + "/grid/t"] = data, t
with copy("odd.h5") as f:
    for key in list(f):
        data = f[key + "/data"][:, :15, :15]
        x = f[key + "/grid/x"][:15]
        for old in "data", "grid/x", "grid/y":
            del f[key + "/" + old]
        f[key + "/data"], f[key + "/grid/x"], f[key + "/grid/y"] = data, x, x
with copy("constant.h5") as f:
    for i, key in enumerate(f):
        f[key + "/data"][...] = np.array([0.25 * i, 0.0], "f4")
# A flipped bit of the numbers themselves, in a file of our own: its checksums find it.
with h5py.File(groups, "r") as f:
    data = group(f, 0)["data"]
    chunk = data.id.get_chunk_info(0)
    at = chunk.byte_offset + chunk.size // 2
write("payload.h5", flip(raw, at))

# ---- models ----
raw = open(model, "rb").read()
size, = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8 + size])
write("empty.safetensors", b"")
write("truncated.safetensors", raw[:-100])
write("weight.safetensors", flip(raw, 8 + size + (len(raw) - size) // 2))
at = raw.index(b'"__metadata__"') + 40
write("metadata.safetensors", flip(raw, at))
write("length.safetensors", struct.pack("<Q", 2**63 - 1) + raw[8:])


def rewrite(name, change):
    new = json.loads(json.dumps(header))
    data = bytearray(raw[8 + size:])
    change(new, data)
    text = json.dumps(new).encode()
    text += b" " * (-len(text) % 8)
    write(name, struct.pack("<Q", len(text)) + text + bytes(data))


def first_matrix(new):
    return next(k for k, v in new.items() if k != "__metadata__" and len(v["shape"]) == 2
                and v["shape"][0] != v["shape"][1])


def transpose(new, data):
    new[first_matrix(new)]["shape"].reverse()


def not_a_number(new, data):
    begin = new[first_matrix(new)]["data_offsets"][0]
    data[begin:begin + 4] = struct.pack("<f", float("nan"))


rewrite("shape.safetensors", transpose)
rewrite("nanweight.safetensors", not_a_number)

# ---- configurations ----
write("key.yaml", b"steps: 3\nlerning_rate: 1e-3\n")
write("number.yaml", b"batch: 2\nsteps: many\n")
write("range.yaml", b"batch: 2\nsteps: 3\ndrop_path: 7\n")
write("syntax.yaml", b"steps: 3\ndata: [swe.h5\n")
write("deep.yaml", b"data: " + b"[" * 200000)
write("nodata.yaml", b"steps: 3\n")
write("gone.yaml", b"steps: 3\ndata:\n  - gone.h5\n")
