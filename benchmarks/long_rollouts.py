"""Tables of benchmarks/long_rollouts.sh from the forecasts in the current folder: long_rollouts.py NAME..."""
import glob
import json
import sys

import h5py
import numpy as np

NAMES = sys.argv[1:]
BITS = {"range": 2, "balance": 4, "spectrum": 8}


def short(value):
    if value is None or not np.isfinite(value):
        return "–"
    return f"{value:.0f}" if 100 <= value < 1e5 else f"{value:.2g}"


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def series(files, end):
    """{name: largest absolute value over all records} of the variables that end so."""
    out = {}
    for f in files:
        for name in f:
            if name.endswith(end):
                values = np.abs(f[name][...])
                values = values[values < 9e36]  # the fill value: not known
                if values.size:
                    out[name] = max(out.get(name, 0.0), values.max())
    return out


def largest(files, end):
    return max(series(files, end).values(), default=None)


def drifts(model, solver):
    """"mass 0.1 (1e-9)", one axis of a momentum for all."""
    out = []
    for name, value in series(model, "_drift").items():
        words = name[len("total_"):-len("_drift")]
        out.append(f"{words} {short(value)} ({short(series(solver, name).get(name))})")
    return ", ".join(out) or "–"


def first(guards, bit):
    """Earliest step of any forecast that has the bit, and the share of the records that do."""
    begins = [np.flatnonzero(g & bit)[0] + 1 for g in guards if (g & bit).any()]
    share = 100 * sum(((g & bit) != 0).sum() for g in guards) / sum(map(len, guards))
    return f"{min(begins)} ({share:.0f} %)" if begins else "–"


def read(name, output):
    return [h5py.File(path) for path in sorted(glob.glob(f"{name}-{output}-*.nc"))]


row("", "records marked", "range", "balance", "spectrum", "not finite", "growth", "short waves", "drift")
row(*["---"] * 9)
relieved = {}
for name in NAMES:
    model, solver, helped = (read(name, output) for output in ("model", "solver", "relieved"))
    guards = [f["guard"][...] for f in model]
    if helped:
        relieved[name] = np.mean(np.concatenate([f["origin"][...] for f in helped]))
    row(name, f"{sum((g != 0).sum() for g in guards)} of {sum(map(len, guards))}",
        *(first(guards, bit) for bit in BITS.values()),
        f"{sum('mpp_diverged_at_step' in f.attrs for f in model)} of {len(model)}",
        *(f"{short(largest(model, end))} ({short(largest(solver, end))})" for end in ("_growth", "_high_share")),
        drifts(model, solver))
print()

scores = {(name, output): json.load(open(f"{name}-{output}.json"))["datasets"][0]
          for name in NAMES for output in ("model", "corrected", "relieved") if glob.glob(f"{name}-{output}.json")}
last = min(s["horizons"][-1] for s in scores.values())
horizons = [h for h in (1, 10, 20, 50, 100) if h <= last]
row("", "NRMSE after steps", *map(str, horizons), "steps until correlation < 0.8")
row(*["---"] * (3 + len(horizons)))
ROWS = (("model", "model", "**model**"), ("corrected", "model", "model, corrected"),
        ("relieved", "model", "model and solver"), ("model", "window", "window"),
        ("model", "persistence", "persistence"))
for name in NAMES:
    for output, predictor, title in ROWS:
        if (name, output) not in scores:
            continue  # nothing to correct, say
        p = scores[name, output]["predictors"][predictor]
        if output == "relieved":
            title += f" ({100 * relieved[name]:.0f} %)"
        row(name if (output, predictor) == ("model", "model") else "", title,
            *(short(p["nrmse"]["mean"][h - 1]) for h in horizons),
            " ".join(f"> {last}" if t is None else str(t) for t in p["correlation_time"].values()))
