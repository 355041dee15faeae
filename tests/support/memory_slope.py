"""Does a training hold its memory? memory_slope.py MOST LOG COMMAND...: runs a training that writes its
steps to LOG (JSON lines) and reads its memory as it goes. Prints the slope of the resident memory over
the steps, by least squares over the last three quarters of them, and ends with 1 where it is above MOST
KiB per 1000 steps by more than twice its uncertainty. That is the standard error of the slope for as
many independent samples as their autocorrelation leaves: neighbours in time are alike."""
import json
import subprocess
import sys
import time

import numpy as np


def resident(pid):
    """KiB of a process: all that is resident, and what of it no file backs (heap, stacks)."""
    values = {}
    with open(f"/proc/{pid}/smaps_rollup") as f:  # exact, where VmRSS is a sum of counters per core
        for line in f:
            name, _, rest = line.partition(":")
            if name in ("Rss", "Anonymous"):
                values[name] = int(rest.split()[0])
    return values["Rss"], values["Anonymous"]


def last_step(log):
    with open(log, "rb") as f:
        f.seek(0, 2)
        f.seek(max(0, f.tell() - 16384))
        lines = f.read().split(b"\n")[:-1]  # the last one may be half-written
    for line in reversed(lines):
        try:
            return json.loads(line)["step"]
        except (ValueError, KeyError):
            continue
    return None


def line_through(x, y):
    """Slope, and its standard error."""
    x = x - x.mean()
    slope = (x * y).sum() / (x * x).sum()
    rest = y - y.mean() - slope * x
    if not rest.any():
        return slope, 0.0
    alike = max(0.0, (rest[1:] * rest[:-1]).sum() / (rest * rest).sum())
    independent = max(3.0, len(x) * (1 - alike) / (1 + alike))
    return slope, np.sqrt((rest * rest).mean() / (independent - 2) / (x * x).mean())


def main():
    most, log, command = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
    samples = []
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    while child.poll() is None:
        time.sleep(0.2)
        try:
            samples.append((last_step(log), *resident(child.pid)))
        except (OSError, KeyError):  # not begun, or ended
            continue
    if child.returncode != 0:
        sys.exit(f"code {child.returncode}: {' '.join(command)}")
    data = np.array([s for s in samples if s[0] is not None], dtype=float)
    data = data[data[:, 0] > last_step(log) / 4] if len(data) else data
    if len(data) < 20:
        sys.exit(f"{len(data)} samples are too few for a slope: more steps")
    steps = data[:, 0] / 1000
    print(f"memory over steps {data[0, 0]:.0f} to {data[-1, 0]:.0f}, {len(data)} samples:")
    ok = True
    for k, name in ((1, "resident"), (2, "heap and stacks")):
        slope, error = line_through(steps, data[:, k])
        ok = ok and slope - 2 * error <= most
        print(f"  {name}: {data[:, k].min():.0f} to {data[:, k].max():.0f} KiB, "
              f"slope {slope:+.2f} +- {error:.2f} KiB per 1000 steps")
    sys.exit(0 if ok else f"memory grows by more than {most:g} KiB per 1000 steps")


main()
