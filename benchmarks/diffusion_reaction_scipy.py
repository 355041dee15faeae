"""One sample of PDEBench's 2D diffusion-reaction by scipy: prints the seconds of solve_ivp, or with
--check FILE holds the frames of FILE (mpp generate) against it."""
import sys
import time

import numpy as np
from scipy.integrate import solve_ivp
from scipy.sparse import diags, identity, kron

N, DU, DV, K = 128, 1e-3, 5e-3, 5e-3


def laplacian():
    """Five-point stencil on (-1, 1)^2 where a neighbour beyond the edge is dropped."""
    diagonal = np.full(N, -2.0)
    diagonal[[0, -1]] = -1.0
    line = diags([np.ones(N - 1), diagonal, np.ones(N - 1)], [-1, 0, 1]) / (2.0 / N) ** 2
    return (kron(identity(N), line) + kron(line, identity(N))).tocsr()


def rate(_, y, lap):
    u, v = y[: N * N], y[N * N :]
    return np.concatenate((DU * (lap @ u) + u - u**3 - K - v, DV * (lap @ v) + u - v))


random = np.random.RandomState(0)
start = np.concatenate((random.randn(N * N), random.randn(N * N)))
lap = laplacian()
begin = time.perf_counter()
solution = solve_ivp(rate, (0.0, 5.0), start, t_eval=np.linspace(0.0, 5.0, 101), args=(lap,))
seconds = time.perf_counter() - begin
if sys.argv[1:2] == ["--check"]:
    import h5py

    with h5py.File(sys.argv[2]) as f:
        found = f["0000/data"][:]
    expected = solution.y.reshape(2, N, N, 101).transpose(3, 1, 2, 0)
    error = np.abs(found - expected).max()
    # float32 frames; the order of sums differs, which the same steps do not amplify
    assert error < 1e-5, error
    print(f"{solution.nfev} right-hand sides; largest difference of any value {error:.1e}")
else:
    print(seconds)
