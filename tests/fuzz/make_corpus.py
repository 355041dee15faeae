"""Writes the first inputs of the fuzz targets: make_corpus.py [FOLDER]. Finds are added by hand."""
import collections
import io
import json
import os
import pickle
import random
import struct
import sys
import types
import zipfile

root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "corpus")


def write(target, name, content):
    os.makedirs(os.path.join(root, target), exist_ok=True)
    with open(os.path.join(root, target, name), "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())


# ---- yaml ----
CONFIG = """width: 24
heads: 2
patch: 2,2
context: 4
steps: 40
learning-rate: 1e-3
max-walltime: 1:30:00
horizons: [1, 4]
data:
  - swe.h5
  - {path: dr.h5, weight: 2, boundary: "x=periodic,y=open"}
"""
for target in "yaml", "config":
    write(target, "config", CONFIG)
write("yaml", "description", """system: mine
files: [a.h5, 'b*.h5']
time: t
space: [y, x]
component: c
axes: sample,time,y,x,component
fields:
  - u
  - {name: v, variable: velocity, component: 1, units: m/s}
given: [nu]
boundary: x=periodic,y=open
stride: {x: 2, t: 4}
crop: x=0:64
where: eta<0.05
fill: nearest
parameters: {nu: 0.1}
""")
write("yaml", "anchors", "a: &a {steps: 3, batch: 2}\nb:\n  <<: *a\n  steps: 4\nc: [*a, *a]\n")
write("yaml", "bomb", "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n")
write("yaml", "cycle", "a: &a [*a]\n")
write("yaml", "deep", "a: " + "[" * 300)
write("yaml", "tags", "a: !!str 3\nb: !!python/object:os.system [x]\n")
write("yaml", "nul", b"a: \"x\\0y\"\n\xff\xfe")

# ---- options ----
for i, words in enumerate((
        ["--data=a.h5,b.h5", "-n", "40", "--rate=1e-3", "--patch=4,4", "--resume", "--walltime=20m"],
        ["--output=m.safetensors", "--data", "a.h5", "--no-resume", "--mode=delta", "word", "--", "-o"],
        ["-o", "out.nc", "--fields=u=velocity[0],v", "--crop=x=0:64,t=10:", "--where=eta<0.05,M>=1",
         "--at=level=2", "--axes=sample,time,y,x,component", "--given=nu", "--along=time"],
        ["--time=t", "--space=y,x", "--stride=x=2,t=4", "--fill=nearest", "--antialias",
         "--walltime=1:30:00", "--component=none"],
        ["--walltime=1:2x"], ["--walltime=s"], ["--walltime=" + "1" * 100 + "s"], ["--walltime=1:99"],
        ["--walltime=1::2"], ["--memory=" + "1" * 100 + "G"], ["--memory=G"], ["--memory=1.5Gi"],
        ["--data=" + ",".join("abcdefgh" * 12)], ["-x"], ["-"], ["--no-steps"], ["--patch=" + "4," * 40 + "4"])):
    write("options", "line%d" % i, "\n".join(words))

# ---- safetensors ----


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


one = {"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
two = {"__metadata__": {"format": "pt", "mpp_version": "0.1.0"},
       "a": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]},
       "b": {"dtype": "I64", "shape": [], "data_offsets": [16, 24]}}
write("safetensors", "one", safetensors(one, bytes(24)))
write("safetensors", "two", safetensors(two, bytes(24)))
write("safetensors", "none", safetensors({}, b""))
write("safetensors", "short_of_none", safetensors(
    {"a": {"dtype": "F16", "shape": [3, 0], "data_offsets": [0, 0]}}, b""))
write("safetensors", "short_header", struct.pack("<Q", 2**64 - 1) + b"{}")
for name, shape, offsets in (("overflow", [2**32, 2**32], [0, 24]), ("backwards", [2, 3], [24, 0]),
                             ("outside", [2, 3], [8, 32]), ("hole", [2], [4, 12]),
                             ("negative", [-2, -3], [0, 24]), ("rank", [1] * 1000, [0, 4])):
    write("safetensors", name, safetensors({"a": {"dtype": "F32", "shape": shape,
                                                  "data_offsets": offsets}}, bytes(24)))
write("safetensors", "twice", struct.pack("<Q", 120) + (
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
    '"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}').ljust(120).encode() + bytes(8))

# ---- pickle and torch ----
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils


def _rebuild_tensor_v2(*_):
    return None


class FloatStorage:
    pass


_rebuild_tensor_v2.__module__, FloatStorage.__module__ = "torch._utils", "torch"
_rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
utils._rebuild_tensor_v2, torch.FloatStorage = _rebuild_tensor_v2, FloatStorage


class Storage:
    def __init__(self, key, size):
        self.key, self.size = key, size


class Tensor:
    def __init__(self, storage, offset, shape, stride):
        self.parts = (storage, offset, shape, stride, False, collections.OrderedDict())

    def __reduce__(self):
        return _rebuild_tensor_v2, self.parts


class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        if isinstance(value, Storage):
            return "storage", FloatStorage, value.key, "cpu", value.size
        return None


def pickled(value):
    out = io.BytesIO()
    Pickler(out, protocol=2).dump(value)
    return out.getvalue()


def checkpoint(state, entries=("0",), method=zipfile.ZIP_STORED, prefix="archive"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        z.writestr(prefix + "/data.pkl", pickled(state))
        z.writestr(prefix + "/version", "3\n")
        for key in entries:
            z.writestr(prefix + "/data/" + key, struct.pack("<6f", *range(6)))
    return out.getvalue()


weights = Tensor(Storage("0", 6), 0, (2, 3), (3, 1))
states = {"plain": {"a.weight": weights},
          "state": {"model_state": collections.OrderedDict(a=weights), "epoch": 3, "lr": 0.5},
          "outside": {"a": Tensor(Storage("0", 6), 4, (2, 3), (3, 1))},
          "huge": {"a": Tensor(Storage("0", 2**62), 2**61, (2**40, 2**40), (2**40, 1))},
          "negative": {"a": Tensor(Storage("0", 6), -1, (2, 3), (-3, -1))},
          "path": {"a": Tensor(Storage("../../etc/passwd", 6), 0, (2, 3), (3, 1))}}
for name, state in states.items():
    write("torch", name, checkpoint(state))
    write("pickle", name, pickled(state))
write("torch", "deflated", checkpoint(states["plain"], method=zipfile.ZIP_DEFLATED))
write("torch", "other_prefix", checkpoint(states["plain"], prefix="../x"))
write("torch", "old", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + bytes(32))
write("pickle", "system", b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R.")
write("pickle", "inst", b"(X\x02\x00\x00\x00idios\nsystem\n.")
write("pickle", "obj", b"(cos\nsystem\nX\x02\x00\x00\x00ido.")
write("pickle", "newobj", b"\x80\x02cos\nsystem\n)\x81.")
write("pickle", "stack_global", b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.")
write("pickle", "ext", b"\x80\x02\x82\x01.")
write("pickle", "build", b"\x80\x02}}b.")
write("pickle", "self", b"\x80\x02]q\x00h\x00a.")
write("pickle", "memo_bomb", b"\x80\x02]q\x00" + b"(h\x00h\x00lq\x01" * 40 + b".")
write("pickle", "long", b"\x80\x02\x8a\xff" + b"\xff" * 255 + b".")

# ---- what a checkpoint may say wrongly: pickles by hand, as no pickler writes them ----


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def archive(data, entries=(("0", bytes(24)),), prefix="a", **more):
    out = io.BytesIO()
    named = {"data.pkl": data, **more, **{"data/" + key: content for key, content in entries}}
    with zipfile.ZipFile(out, "w") as z:
        for name, content in named.items():
            z.writestr(zipfile.ZipInfo(prefix + "/" + name), content)  # without the time of the day
    return out.getvalue()


def tensor(storage=None, offset=b"K\0", shape=b"K\2K\3\x86", stride=b"K\3K\1\x86", rest=b"\x89)",
           call=b"ctorch._utils\n_rebuild_tensor_v2\n"):
    if storage is None:
        storage = place()
    return b"\x80\2}" + text("w") + call + b"(" + storage + offset + shape + stride + rest + b"tRs."


def place(word=text("storage"), kind=b"ctorch\nFloatStorage\n", key=text("0"), size=b"K\6"):
    return b"(" + word + kind + key + text("cpu") + size + b"tQ"


wrong = {"no_storage": tensor(storage=b"K\1"), "no_tuple": tensor(storage=b"K\1Q"),
         "few": tensor(storage=b"(" + text("storage") + b"tQ"), "word": tensor(place(word=text("other"))),
         "word_kind": tensor(place(word=b"K\1")), "kind": tensor(place(kind=b"K\1")),
         "key_kind": tensor(place(key=b"K\1")), "size_kind": tensor(place(size=text("6"))),
         "size_negative": tensor(place(size=b"J\xff\xff\xff\xff")), "key_long": tensor(place(key=text("k" * 80))),
         "long_size": tensor(place(size=b"\x8a\x08" + b"\xff" * 7 + b"\x3f")),
         "doubles": tensor(place(kind=b"ctorch\nDoubleStorage\n")), "longs": tensor(place(kind=b"ctorch\nLongStorage\n", size=b"K\3"),
                                                                                   shape=b"K\1K\3\x86"),
         "offset_text": tensor(offset=text("0")), "shape_text": tensor(shape=text("2")),
         "stride_text": tensor(stride=text("2")), "ranks": tensor(stride=b"K\1\x85"),
         "rank_ten": tensor(shape=b"(" + b"K\1" * 10 + b"t", stride=b"(" + b"K\1" * 10 + b"t"),
         "extent_text": tensor(shape=b"K\2" + text("3") + b"\x86"), "step_text": tensor(stride=b"K\3" + text("1") + b"\x86"),
         "nothing": tensor(shape=b"K\0K\3\x86"), "scalar": tensor(shape=b")", stride=b")"),
         "step_huge": tensor(stride=b"\x8a\x08" + b"\xff" * 7 + b"\x7fK\1\x86"),
         "parameter": b"\x80\2}" + text("w") + b"ctorch._utils\n_rebuild_parameter\n(" + tensor()[9:-2] + b"\x88)tRs.",
         "other_call": tensor(call=b"ctorch._utils\n_rebuild_other\n"), "no_call": tensor(call=text("torch")),
         "no_arguments": tensor()[:9] + b"ctorch._utils\n_rebuild_tensor_v2\n)Rs.",
         "dict_arguments": tensor()[:9] + b"ctorch._utils\n_rebuild_tensor_v2\n}Rs.",
         "many": tensor(shape=b"J\0\0\x20\0J\0\0\x20\0\x86"),
         "step_overflow": tensor(shape=b"K\5K\3\x86", stride=b"\x8a\x08" + b"\xff" * 7 + b"\x7fK\1\x86"),
         "sum_overflow": tensor(shape=b"K\3K\2\x86", stride=(b"\x8a\x08" + b"\xff" * 7 + b"\x7f") * 2 + b"\x86"),
         "bytes_overflow": tensor(place(kind=b"ctorch\nDoubleStorage\n", size=b"\x8a\x08" + b"\xff" * 7 + b"\x3f")),
         "longer_name": b"\x80\2}" + text("n" * 5000) + tensor()[9:],
         "number_name": b"\x80\2}K\1K\2s.", "long_name": b"\x80\2}" + text("n" * 400) + b"K\1s."}
for name, data in wrong.items():
    write("torch", "wrong_" + name, archive(data))
    write("pickle", "wrong_" + name, data)
write("torch", "no_entry", archive(tensor(), entries=()))
write("torch", "big_endian", archive(tensor(), byteorder="big"))
write("torch", "big_endian_six", archive(tensor(), byteorder="biggg!"))
write("torch", "little_endian", archive(tensor(), byteorder="little"))
write("torch", "long_prefix", archive(tensor(), prefix="p" * 5000))
write("torch", "entry_cut", archive(tensor())[:-40])
for name, cut in (("float", b"G\0"), ("long1", b"\x8a"), ("long1_digits", b"\x8a\4\0"), ("text", b"X\1"), ("text_all", b"X\4\0\0\0a"),
                  ("short_text", b"\x8c"), ("byte", b"K"), ("two", b"M\0"), ("four", b"J\0"), ("put", b"Nq"), ("get", b"h"),
                  ("version", b"\x80"), ("frame", b"\x95\0"), ("long_get", b"j\0"), ("long_put", b"Nr\0")):
    write("pickle", "ends_in_" + name, b"\x80\2" + cut)
numbers = {"long1_empty": b"\x8a\0", "long1_minus": b"\x8a\1\xff", "long1_nine": b"\x8a\x09" + bytes(9),
           "long1_eight": b"\x8a\x08" + b"\xff" * 8, "float": b"G" + bytes(8), "int": b"J\xff\xff\xff\xff", "int2": b"M\1\1",
           "bools": b"\x88\x890", "memo": b"N\x94h\0", "long_put": b"Nr\0\0\0\0j\0\0\0\0", "unmarked": b"e",
           "unmarked_tuple": b"t", "marked": b"(", "popped_mark": b"(1N", "set_item": b"NNs", "items": b"}(K\1u",
           "items_below": b"(NNu", "append_none": b"(Ne", "append": b"Na", "build_mark": b"(}b", "reduce_mark": b"(N)R",
           "short_text": b"\x8c\2ab", "bytes": b"C\2ab", "long_bytes": b"B\2\0\0\0ab", "none": b"", "get": b"h\7",
           "frame": b"\x95" + bytes(8) + b"N", "stop_mark": b"(.N", "dict_call": b"ccollections\nOrderedDict\n)R(K\1K\2u",
           "set_state": b"ccollections\nOrderedDict\n)R}b", "tuple0": b")", "tuple3": b"NNN\x87"}
for name, data in numbers.items():
    for version in 2, 4:
        write("pickle", "%s_%d" % (name, version), b"\x80" + bytes([version]) + data + b".")
for name, data in ("version_1", b"\x80\1N."), ("no_version", b"N."), ("version_only", b"\x80"), ("cut_global", b"\x80\2cos"):
    write("pickle", name, data)

# ---- manifest ----
write("manifest", "one", json.dumps({"format": "mpp-manifest", "files": [
    {"path": "one.h5", "bytes": 3, "digest": "xxh3-128:06b05ab6733a618578af5f94892f3950"}]}))
write("manifest", "names", json.dumps({"format": "mpp-manifest", "files": [
    {"path": "../../../../dev/zero", "bytes": -1, "digest": ""},
    {"path": "/dev/null", "bytes": 2**63 - 1, "digest": "x"}, {"path": "", "bytes": 0, "digest": ""}]}))
write("manifest", "wrong", json.dumps({"format": "mpp-manifest", "files": [3, None, {}, []]}))
for name, files in (("no_path", [{"bytes": 3, "digest": "x"}]), ("no_digest", [{"path": "a", "bytes": 3}]),
                    ("text_bytes", [{"path": "a", "bytes": "3", "digest": "x"}]), ("object", {})):
    write("manifest", name, json.dumps({"format": "mpp-manifest", "files": files}))
write("manifest", "no_format", json.dumps({"files": []}))
write("manifest", "number_format", json.dumps({"format": 3, "files": []}))
write("manifest", "deep", "[" * 3000)

# ---- bytes that choose a structure ----
chance = random.Random(1)
for target in "h5", "forecast":
    for i in range(12):
        write(target, "random%02d" % i, bytes(chance.randrange(256) for _ in range(40 + 20 * i)))
# A forecast as it should be: every choice made by hand.
fields = [(0, 1, 1, [0]), (1, 1, 1, [0]), (4, 0, 3, [0, 0, 0]), (5, 0, 3, [0, 0, 0]),
          (6, 0, 3, [0, 0, 0]), (7, 1, 1, [0]), (8, 1, 1, [0]), (2, 1, 1, [129]), (3, 1, 1, [130])]


def forecast(packed):
    text = [0, 0] + [0] * 5 + [1, 0, 2, 0, len(fields)]
    for name, kind, ndims, dims in fields:
        text += [ndims] + [128 + 1 if d == 129 else 128 + 2 if d == 130 else d for d in dims]
        text += [name, 3 if name in packed else kind, 0]
        text += [2] * sum(1 for d in dims[:1] if d == 0) + [20]
    return text


write("forecast", "whole", bytes(forecast([])))
# Its chunks, of 48 bytes: one of 24 in the first record, a whole one in the second.
write("forecast", "short_chunk", bytes(
    forecast([4, 5]) + [2, 4, 1, 0, 0, 3, 23] + [0] * 24 + [5, 1, 1, 0, 3, 47] + [0] * 48))
# Compressible flow [2, 3, 4], the chunk of whose density has 32 bytes for 96.
plain = [0, 3, 2, 3, 4, 8, 0]
write("h5", "short_chunk", bytes(
    [0, 5, 0, 12, 6, 3, 2, 3, 4, 8, 1, 3, 0, 1, 0, 1, 31] + [0] * 32 + [0, 13] + plain +
    [0, 15] + plain + [0, 8, 0, 1, 3, 8, 0] + [0, 9, 0, 1, 4, 8, 0]))

# ---- classic netCDF: version, then the header after the magic number ----
for version, count, place in (0, 4, 4), (1, 4, 8), (2, 8, 8):
    def number(value, size=count):
        return value.to_bytes(size, "big")

    def name(text):
        return number(len(text)) + text.encode() + bytes(-len(text) % 4)

    def listed(mark, *entries):
        return number(mark, 4) + number(len(entries)) + b"".join(entries)

    header = (number(0) + listed(10, name("time") + number(0), name("x") + number(4))
              + listed(12, name("title") + number(2, 4) + name("some")))
    header += listed(11, *(name(v) + number(2) + number(0) + number(1)
                           + listed(12, name("units") + number(2, 4) + name("m s-1"))
                           + number(5, 4) + number(16) + number(400, place) for v in ("u", "v")))
    write("classic", "version%d" % version, bytes([version]) + header)
    write("classic", "long%d" % version, bytes([version]) + number(0)
          + listed(10, name("d" * 300) + number(1)) + listed(0) + listed(0))
    write("classic", "many%d" % version, bytes([version]) + number(0)
          + listed(10, name("d") + number(1)) + listed(0)
          + listed(11, name("u") + number(2000) + number(0) * 2000 + listed(0)
                   + number(5, 4) + number(4) + number(0, place)))
