"""Metrics of MPP, The Well and PDEBench in NumPy on fixed arrays: writes metrics.h5.

Each group has prediction, truth [windows, fields, D, H, W] (float32), metrics [fields, 11] in the
order of NAMES, and power [fields, bins] of the truth. Written after the formulas of the sources
(MPP train_basic.py, the_well/benchmark/metrics/spatial.py, PDEBench metric_func with Lx = Ly = Lz = 1)
and independently of the C code: whole arrays, numpy.fft, loops over PDEBench's bins.
"""
import sys

import h5py
import numpy as np

NAMES = ("nrmse vrmse rmse nrmse-pdebench crmse brmse frmse-low frmse-mid frmse-high max "
         "correlation").split()


def frmse(e):
    """[windows, *grid] -> low, mid, high."""
    grid = e.shape[1:]
    if len(grid) == 1:
        mean = np.sqrt((np.abs(np.fft.rfft(e, axis=1)) ** 2).mean(0)) / grid[0]
    else:
        f = np.abs(np.fft.fftn(e, axes=range(1, e.ndim))) ** 2
        half = [n // 2 for n in grid]
        bins = np.zeros((len(e), min(half)))
        for k in np.ndindex(*half):
            b = int(np.floor(np.sqrt(sum(i * i for i in k))))
            if b < min(half):
                bins[:, b] += f[(slice(None), *k)]
        mean = np.sqrt(bins.mean(0)) / np.prod(grid)
    return [mean[a:b].mean() if len(mean[a:b]) else np.nan for a, b in ((0, 4), (4, 12), (12, None))]


def brmse(e):
    grid = e.shape[1:]
    squares, count = 0.0, 0
    for axis, n in enumerate(grid, 1):
        for end in (0, n - 1):
            face = np.take(e, end, axis=axis).reshape(len(e), -1)
            squares = squares + (face ** 2).sum(1)
            count += face.shape[1]
    return np.sqrt(squares / count).mean()


def metrics(p, y):
    """[windows, *grid] in float64."""
    e, flat = p - y, (len(p), -1)
    mse, power = (e ** 2).reshape(flat).mean(1), (y ** 2).reshape(flat).mean(1)
    variance = y.reshape(flat).var(1, ddof=1)
    pearson = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(p, y)]
    return [np.sqrt(mse / (1e-7 + power)).mean(), np.sqrt(mse / (1e-7 + variance)).mean(),
            np.sqrt(mse).mean(), np.sqrt(mse / power).mean(),
            np.sqrt(((p.reshape(flat).sum(1) - y.reshape(flat).sum(1)) ** 2).mean()) / e[0].size,
            brmse(e), *frmse(e), np.abs(e).max(), np.mean(pearson)]


def power(y):
    """Mean over windows of the power of all modes whose |k| rounds to a bin."""
    grid = y.shape[1:]
    f = np.abs(np.fft.fftn(y, axes=range(1, y.ndim)) / np.prod(grid)) ** 2
    k = np.sqrt(sum(a ** 2 for a in np.meshgrid(
        *(np.fft.fftfreq(n, 1 / n) for n in grid), indexing="ij")))
    bins = np.floor(k + 0.5).astype(int)
    return [f.mean(0)[bins == b].sum() for b in range(max(grid) // 2 + 1)]


def main(path):
    rng = np.random.default_rng(2024)
    with h5py.File(path, "w") as out:
        for name, grid in (("line", (1, 1, 41)), ("plane", (1, 26, 40)), ("box", (10, 9, 12))):
            shape = (5, 2, *grid)
            y = rng.standard_normal(shape).cumsum(-1).cumsum(-2)  # more power in long waves
            y = (y + 3.0 * rng.standard_normal((5, 2, 1, 1, 1))).astype("f4")
            p = (y * 0.9 + 0.5 * rng.standard_normal(shape) + 0.2).astype("f4")
            used = tuple(n for n in grid if n > 1)
            g = out.create_group(name)
            g["prediction"], g["truth"] = p, y
            P, Y = (a.astype("f8").reshape(5, 2, *used) for a in (p, y))
            g["metrics"] = [metrics(P[:, c], Y[:, c]) for c in range(2)]
            g["power"] = [power(Y[:, c]) for c in range(2)]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "metrics.h5")
