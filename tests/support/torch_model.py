"""The published network in PyTorch (benchmarks/avit_torch.py) beside mpp; see tests/torch.sh.
torch_model.py make OUT.pt TYPE          a checkpoint as trainers save them, of random weights
torch_model.py compare IN.pt DATA.h5 FORECAST.nc [module.]
                                         loads strictly, predicts the frame after the first 16 of the
                                         data, and holds mpp's forecast against it
torch_model.py rounding A.pt B.pt TYPE   B has the numbers of A as PyTorch rounds them"""
import pathlib
import sys

import h5py
import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "benchmarks"))
from avit_torch import AViT  # noqa: E402

SIZE = 48, 3, 2
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def make(path, kind):
    torch.manual_seed(5)
    model = AViT(*SIZE)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "gamma" in name:  # 1e-6 would leave the blocks without effect
                p.uniform_(0.5, 1.5)
    state = {"module." + name: p.to(TYPES[kind]) for name, p in model.state_dict().items()}
    optimizer = torch.optim.AdamW(model.parameters()).state_dict()
    torch.save({"epoch": 3, "model_state": state, "optimizer_state_dict": optimizer}, path)


def compare(path, data, forecast, prefix=""):
    state = torch.load(path)["model_state"]
    assert all(name.startswith(prefix) for name in state)
    model = AViT(*SIZE)
    model.load_state_dict({name[len(prefix):]: p for name, p in state.items()}, strict=True)
    with h5py.File(data) as f:
        x = f["0000/data"][:16, :32].transpose(0, 3, 1, 2)  # as --crop y=0:32
    with torch.no_grad():
        y = model(torch.tensor(x, dtype=torch.float32)[:, None], [4, 5], (1, 0))[0].numpy()
    with h5py.File(forecast) as f:
        ours = np.stack([f[name][0] for name in ("activator", "inhibitor")])
    assert ours.shape == y.shape, (ours.shape, y.shape)
    spread = np.std(x, axis=(0, 2, 3), keepdims=True)[0]
    error = (np.abs(ours - y) / spread).max()
    # The network's part of the prediction, which must be there for the comparison to mean anything.
    effect = (np.abs(y - x.mean(axis=(0, 2, 3))[:, None, None]) / spread).max()
    print(f"{path}: largest difference {error:.1e} of the field's spread")
    assert effect > 0.1, effect
    # Two programs of float32: measured 2e-6; boundaries in the wrong order give 0.03.
    assert error < 2e-5, error


def rounding(first, second, kind):
    a, b = (torch.load(path)["model_state"] for path in (first, second))
    assert list(a) == list(b)
    for name, values in a.items():
        assert b[name].dtype == TYPES[kind], (name, b[name].dtype)
        assert torch.equal(values.to(TYPES[kind]), b[name]), name


{"make": make, "compare": compare, "rounding": rounding}[sys.argv[1]](*sys.argv[2:])
