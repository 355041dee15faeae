"""filtered.py FROM TO: a copy of a dataset whose first array is packed by filter 32001, which does nothing."""
import shutil
import sys

import h5py

shutil.copy(sys.argv[1], sys.argv[2])
with h5py.File(sys.argv[2], "r+") as f:
    group = f["0000"]
    x = group["data"][...]
    del group["data"]
    how = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    how.set_chunk(x.shape)
    how.set_filter(32001, h5py.h5z.FLAG_OPTIONAL, (1,))
    space = h5py.h5s.create_simple(x.shape)
    data = h5py.h5d.create(group.id, b"data", h5py.h5t.IEEE_F32LE, space, how)
    data.write_direct_chunk((0,) * x.ndim, x.astype("<f4").tobytes(), 0)
