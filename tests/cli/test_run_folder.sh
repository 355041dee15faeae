# The directory of a run: what it records, and that it can be copied elsewhere and gone on with, to the
# same bits, from another working folder and with the data in another place.
small_data
small_config
mkdir -p first elsewhere
cp swe.h5 dr.h5 small.yaml first/

# What a run leaves, but for times.
same_run() {
  same_arrays "$1/final.safetensors" "$2/final.safetensors"
  same_arrays "$1/best.safetensors" "$2/best.safetensors"
  cmp "$1/metrics.jsonl" "$2/metrics.jsonl" || fail "the logs of $1 and $2 differ"
  diff <(scalars "$1" | grep -v ' time/') <(scalars "$2" | grep -v ' time/') ||
    fail "the event files of $1 and $2 differ"
}
scalars() { /usr/bin/python3 "$MPP_SOURCE/tests/support/read_events.py" "$1/events.out.tfevents.mpp"; }

"$MPP" pretrain small.yaml --output=whole --tensorboard --quiet >/dev/null

# Stopped, copied, moved, resumed by its folder alone.
code=0
(cd first && "$MPP" pretrain small.yaml --output=runs/a --tensorboard --max-walltime=0.001 --quiet) \
  >/dev/null 2>stop.txt || code=$?
[[ $code -eq 75 ]] || fail "code $code: $(cat stop.txt)"
grep -q "path: \"$PWD/first/swe.h5\"" first/runs/a/config.yaml || fail "$(cat first/runs/a/config.yaml)"
cp -r first/runs/a elsewhere/b
(cd elsewhere && "$MPP" pretrain --resume --output=b --tensorboard --quiet) >/dev/null
same_run whole elsewhere/b
only first/runs/a config.yaml environment.jsonl events.out.tfevents.mpp metrics.jsonl timing.jsonl \
  "$(basename "$(find first/runs/a -name 'step-*')")"

# The data moved, too: their names stay, or it is another run.
cp -r first/runs/a elsewhere/c
mkdir elsewhere/data
mv first/swe.h5 first/dr.h5 elsewhere/data/
expect 66 'first/swe.h5' "$MPP" pretrain --resume --output=elsewhere/c
sed "s|$PWD/first/|$PWD/elsewhere/data/|; /^output/d" elsewhere/c/config.yaml >moved.yaml
"$MPP" pretrain moved.yaml --resume --output=elsewhere/c --tensorboard --quiet >/dev/null
same_run whole elsewhere/c
cp elsewhere/data/swe.h5 other.h5
sed "s|$PWD/elsewhere/data/swe.h5|$PWD/other.h5|" moved.yaml >other.yaml
cp -r first/runs/a elsewhere/d
expect 78 'data\[0\].path: the run has .*swe.h5, found .*other.h5' "$MPP" pretrain other.yaml --resume \
  --output=elsewhere/d

# Records: strict JSON; every start has its line; scalars are the metrics.
/usr/bin/python3 - elsewhere/b <<'PY'
import json, os, subprocess, sys

def lines(name):
    for line in open(sys.argv[1] + "/" + name):
        yield json.loads(line, parse_constant=lambda text: 1 / 0)

starts = list(lines("environment.jsonl"))
assert [s["step"] for s in starts][0] == 0 and len(starts) == 2, starts
for s in starts:
    assert s["version"].startswith("0.") and s["seed"] == 11 and s["threads"] > 0, s
    assert "pretrain" in s["command"] and s["host"] and s["processors"] > 0, s
    assert s["variables"]["OMP_WAIT_POLICY"] == "passive", s["variables"]
    assert s["memory_bytes"] > 0 and s["compiler"] and s["time"].endswith("Z"), s
assert starts[0]["folder"].endswith("/first") and starts[1]["folder"].endswith("/elsewhere"), starts
assert starts[1]["step"] > 0, starts

steps = validations = 0
expected = {}
for line in lines("metrics.jsonl"):
    if "validation" in line:
        validations += 1
        v = line["validation"]
        expected[line["step"], "validation/score"] = v["score"]
        for i, d in enumerate(v["datasets"]):
            for p in ("model", "persistence"):
                for h, row in zip(d["horizons"], d[p]["nrmse"]):
                    assert len(row) == len(d["fields"]), d
                    tag = "validation/%d-%s/nrmse_%d/%s" % (i, d["system"], h, p)
                    expected[line["step"], tag] = sum(row) / len(row)
    else:
        steps += 1
        assert line["step"] == steps, line
        parts = line["datasets"]
        n = sum(p["micro_batches"] for p in parts)
        assert n == 2, line
        mean = sum(p["loss"] * p["micro_batches"] for p in parts) / n
        assert abs(mean - line["loss"]) <= 1e-12 * abs(mean), line
        for key in ("loss", "nrmse", "gradient_norm", "learning_rate", "skipped"):
            expected[line["step"], "train/" + key] = line[key]
        for p in parts:
            expected[line["step"], "train/loss/%d-%s" % (p["dataset"], p["system"])] = p["loss"]
assert (steps, validations) == (40, 2), (steps, validations)
for step, line in enumerate(lines("timing.jsonl"), 1):
    assert line["step"] == step and 0 <= line["data_time"] <= line["step_time"], line
    assert abs(line["samples_per_second"] * line["step_time"] - 4) < 1e-9, line
    for key in ("step_time", "data_time", "samples_per_second"):
        expected[step, "time/" + key] = line[key]
assert step == 40, step
reader = os.environ["MPP_SOURCE"] + "/tests/support/read_events.py"
found = {}
for line in subprocess.run(["/usr/bin/python3", reader, sys.argv[1] + "/events.out.tfevents.mpp"],
                           check=True, capture_output=True, text=True).stdout.splitlines():
    step, tag, value = line.split()
    assert (int(step), tag) not in found, line
    found[int(step), tag] = float(value)
for key, value in expected.items():
    assert abs(found[key] - value) <= 1e-6 * abs(value), (key, value, found[key])  # float32
PY

# Numbers that are not finite: null, and named.
MPP_FAULT_GRAD=2:nan "$MPP" pretrain small.yaml --output=fault --steps=4 --tensorboard --quiet >/dev/null 2>&1
sed -n 2p fault/metrics.jsonl | /usr/bin/python3 -c '
import json, sys
line = json.load(sys.stdin, parse_constant=lambda text: 1 / 0)
assert line["gradient_norm"] is None and line["nonfinite"] == ["gradient_norm"], line'
scalars fault >fault.txt
grep -q '^2 train/gradient_norm nan' fault.txt || fail "$(cat fault.txt)"

# The scripts for SLURM.
for script in "$MPP_SOURCE"/examples/slurm/*.sbatch; do
  bash -n "$script" || fail "$script"
done
need shellcheck
shellcheck "$MPP_SOURCE"/examples/slurm/*.sbatch || fail "shellcheck"
