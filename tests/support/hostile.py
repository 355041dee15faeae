"""Writes files that would like to be followed elsewhere: hostile.py DIFFUSION_REACTION.h5 FOLDER.

Each is FOLDER/NAME; what they point to is FOLDER/../elsewhere.h5 and the command `touch executed`."""
import os
import pickle
import shutil
import sys
import zipfile

import h5py

data, folder = sys.argv[1:3]
os.makedirs(folder)
elsewhere = os.path.abspath(os.path.join(folder, "..", "elsewhere.h5"))
shutil.copyfile(data, elsewhere)


def torch_zip(name, pickled, prefix="archive", entries=()):
    with zipfile.ZipFile(os.path.join(folder, name), "w", zipfile.ZIP_STORED) as z:
        z.writestr(prefix + "/data.pkl", pickled)
        z.writestr(prefix + "/version", "3\n")
        for entry, content in entries:
            z.writestr(entry, content)


class Call:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


COMMAND = b"touch executed"
TEXT = b"X" + len(COMMAND).to_bytes(4, "little") + COMMAND
# Every way a pickle has to make something happen, with os.system, subprocess and eval.
pickles = {
    "reduce": b"\x80\x02cos\nsystem\n" + TEXT + b"\x85R.",
    "posix": b"\x80\x02cposix\nsystem\n" + TEXT + b"\x85R.",
    "inst": b"(S'touch executed'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\n" + TEXT + b"o.",
    "newobj": b"\x80\x02csubprocess\nPopen\n" + TEXT + b"\x85\x81.",
    "newobj_ex": b"\x80\x04csubprocess\nPopen\n" + TEXT + b"\x85}\x92.",
    "stack_global": b"\x80\x04\x8c\x02os\x8c\x06system\x93" + TEXT + b"\x85R.",
    "extension": b"\x80\x02\x82\x01" + TEXT + b"\x85R.",
    "extension_2": b"\x80\x02\x83\x01\x00" + TEXT + b"\x85R.",
    "extension_4": b"\x80\x02\x84\x01\x00\x00\x00" + TEXT + b"\x85R.",
    "build": b"\x80\x02c__builtin__\nobject\n)\x81}X\x0c\x00\x00\x00__setstate__cos\nsystem\nsb.",
    "persistent": b"Pfile:///etc/passwd\n.",
    "persistent_binary": b"\x80\x02X\x11\x00\x00\x00file:/etc/passwd\x00Q.",
    "eval": pickle.dumps({"model_state": Call(eval, "__import__('os').system('touch executed')")}, 2),
    "open": pickle.dumps({"model_state": Call(open, "executed", "w")}, 2),
    "in_a_tensor": pickle.dumps({"model_state": {"w": Call(exec, "open('executed', 'w')")}}, 2),
    "as_a_key": pickle.dumps({"model_state": {Call(print, "x"): 1}}, 4),
    "in_the_optimizer": pickle.dumps({"model_state": {}, "optimizer_state_dict": Call(exec, "open('executed','w')")}, 2),
    "storage_elsewhere": b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n"
                         b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x10\x00\x00\x00../../etc/passwd"
                         b"X\x03\x00\x00\x00cpuK\x04tQK\x00K\x04\x85K\x01\x85\x89}tRs.",
    "copyreg": b"\x80\x02ccopyreg\n_reconstructor\ncsubprocess\nPopen\nc__builtin__\nobject\nN\x87R.",
    "getattr": b"\x80\x02c__builtin__\ngetattr\ncos\nsystem\nX\x04\x00\x00\x00name\x86R.",
    "bytecode": b"\x80\x02cmarshal\nloads\n" + TEXT + b"\x85R.",
    "numpy_load": b"\x80\x02cnumpy\nload\nX\x0b\x00\x00\x00/etc/passwd\x85R.",
    "torch_load": b"\x80\x02ctorch\nload\nX\x0b\x00\x00\x00/etc/passwd\x85R.",
    "hub": b"\x80\x02ctorch.hub\nload_state_dict_from_url\nX\x12\x00\x00\x00http://127.0.0.1/a\x85R.",
    "ctypes": b"\x80\x02cctypes\nCDLL\nX\x07\x00\x00\x00libc.so\x85R.",
    "import": b"\x80\x02cantigravity\nfly\n)R.",
    "dotted": b"\x80\x04\x8c\x0bcollections\x8c\x18OrderedDict.__init__.wow\x93)R.",
    "memo_bomb": b"\x80\x02]q\x00" + b"".join(b"(" + b"h\x00" * 8 + b"tq%c" % (i + 1) for i in range(200)) + b".",
    "deep": b"\x80\x02" + b"]" * 100000 + b"a" * 99999 + b".",
    "long_name": b"\x80\x02c" + b"a" * 100000 + b"\nsystem\n)R.",
    "frame": b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fcos\nsystem\n.",
    "long4": b"\x80\x02\x8b\xff\xff\xff\x7f.",
    "unicode8": b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fa.",
    "bytearray8": b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x7fa.",
    "next_buffer": b"\x80\x05\x97.",
    "no_stop": b"\x80\x02}",
    "no_mark": b"\x80\x02u.",
    "put_far": b"\x80\x02}r\xff\xff\xff\xff.",
    "get_none": b"\x80\x02h\x07.",
}
for name, pickled in pickles.items():
    torch_zip(name + ".pt", pickled)
good = pickle.dumps({}, 2)
torch_zip("climbing.pt", good, prefix="../../elsewhere")
torch_zip("absolute.pt", good, prefix="/etc")
torch_zip("two_roots.pt", good, entries=[("other/data.pkl", good)])
with zipfile.ZipFile(os.path.join(folder, "bomb.pt"), "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("archive/data.pkl", b"\x80\x02" + b"N0" * 10_000_000 + b"N.")
    z.writestr("archive/version", "3\n")


def copy(name):
    path = os.path.join(folder, name)
    shutil.copyfile(data, path)
    return h5py.File(path, "r+")


with copy("external.h5") as f:
    key = sorted(f)[0]
    del f[key + "/data"]
    f[key + "/data"] = h5py.ExternalLink(elsewhere, "/" + key + "/data")
with copy("external_unread.h5") as f: # a link that nobody has to follow
    f["zzz"] = h5py.ExternalLink("/etc/passwd", "/")
with copy("external_storage.h5") as f:
    group = f[sorted(f)[0]]
    shape = group["data"].shape
    del group["data"]
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_external(b"/etc/passwd", 0, h5py.h5f.UNLIMITED)
    h5py.h5d.create(group.id, b"data", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(shape), creation)
with copy("virtual.h5") as f:
    key = sorted(f)[0]
    name, shape, kind = f[key + "/data"].name, f[key + "/data"].shape, f[key + "/data"].dtype
    layout = h5py.VirtualLayout(shape, kind)
    layout[...] = h5py.VirtualSource(elsewhere, name, shape)
    del f[name]
    f.create_virtual_dataset(name, layout)
with copy("soft_loop.h5") as f:
    key = sorted(f)[0]
    del f[key + "/data"]
    f[key + "/data"] = h5py.SoftLink("/" + key + "/loop")
    f[key + "/loop"] = h5py.SoftLink("/" + key + "/data")
with copy("hard_loop.h5") as f:
    f[sorted(f)[0] + "/again"] = f["/"]
with copy("huge_attribute.h5") as f:
    f.attrs.create("dataset_name", b"x" * 60000)
