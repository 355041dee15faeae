# Scores: metrics by name, intervals, every step, spectra, JSON and CSV that agree with each other.
small_data
evaluate() {
  "$MPP" evaluate --data dr.h5 --split all --context 4 --no-stencils --quiet "$@" </dev/null
}

# The table is compact unless more is asked for, and says how the numbers came about.
evaluate --horizons 1,5 >table.txt
grep -qE '^ +NRMSE +after steps +1 +5$' table.txt || fail "NRMSE: $(cat table.txt)"
grep -q 'VRMSE' table.txt || fail "VRMSE: $(cat table.txt)"
grep -q 'nrmse: mean over windows of sqrt(<e^2> / (1e-7 + <Y^2>)) (MPP)' table.txt || fail "formula: $(cat table.txt)"
grep -qE 'BRMSE|FRMSE|CORRELATION' table.txt && fail "more than asked for: $(cat table.txt)"
grep -qE '6 trajectories, windows from frame 0 to 15 on, 4 context frames, epsilon 1e-07' table.txt ||
  fail "method: $(cat table.txt)"
evaluate --horizons 1 --metrics all --intervals >all.txt
for metric in NRMSE VRMSE RMSE NRMSE-PDEBENCH CRMSE BRMSE FRMSE-LOW FRMSE-MID FRMSE-HIGH MAX CORRELATION; do
  grep -qE "^ +$metric +after steps" all.txt || fail "$metric: $(cat all.txt)"
done
grep -q '95 % intervals, percentile bootstrap, 1000 resamples of trajectories' all.txt || fail "$(cat all.txt)"
grep -qE '[0-9]\.\.[0-9]' all.txt || fail "no interval: $(cat all.txt)"
expect 64 "did you mean 'vrmse'" "$MPP" evaluate --data dr.h5 --metrics vrsme
expect 64 'exclude' "$MPP" evaluate --data dr.h5 --json --csv

# JSON and CSV have the same numbers, the same with any number of threads.
evaluate --steps 6 --spectra 1,6 --json >scores.json
evaluate --steps 6 --spectra 1,6 --json --threads 1 >again.json
cmp scores.json again.json || fail "threads change the scores"
evaluate --steps 6 --spectra 1,6 --csv >scores.csv
/usr/bin/python3 - <<'PY'
import csv, h5py, json, numpy as np
s = json.load(open("scores.json"))["datasets"][0]
assert s["horizons"] == [1, 2, 3, 4, 5, 6] and s["trajectories"] == 6 and s["windows"] == 64, s
assert s["epsilon"] == 1e-7 and s["context"] == 4 and s["distinct"] is False
assert set(s["metrics"]) == {"nrmse", "vrmse", "rmse", "nrmse-pdebench", "crmse", "brmse", "frmse-low",
                             "frmse-mid", "frmse-high", "max", "correlation"}
rows = list(csv.DictReader(open("scores.csv")))
seen = 0
for r in rows:
    p = r["predictor"]
    if r["metric"].startswith("power-"):
        of = s["predictors"][p]["spectra"] if p != "truth" else s["spectra_of_truth"]
        value = of[r["field"]][s["spectra_steps"].index(int(r["step"]))][int(r["metric"][6:])]
    else:
        h = int(r["step"]) - 1
        value = s["predictors"][p][r["metric"]][r["field"]][h]
        low, high = s["predictors"][p]["intervals"][r["metric"]][r["field"]][h]
        assert (r["low"] == "") == (low is None) and (low is None or abs(float(r["low"]) - low) <= 1e-8 * abs(low))
        if value is not None and low is not None and r["metric"] != "max":
            assert low <= value * (1 + 1e-12) and value <= high * (1 + 1e-12), r
    assert (r["value"] == "") == (value is None), r
    assert value is None or abs(float(r["value"]) - value) <= 1e-8 * abs(value), r
    seen += 1
bins = 16 // 2 + 1
assert seen == 5 * 3 * 6 * 11 + 6 * 2 * 2 * bins, seen
# Persistence one step ahead at the first start, from the file itself: RMSE of all windows by NumPy.
f = h5py.File("dr.h5")
x = np.stack([f[k]["data"][...] for k in sorted(f)]).astype("f8")
starts = 24 - 4 - 6 + 1
choice = [int((i + 0.5) * 6 * starts / 64) for i in range(64)]
e = [x[w // starts, w % starts + 3, ..., 1] - x[w // starts, w % starts + 4, ..., 1] for w in choice]
rmse = np.mean([np.sqrt((k ** 2).mean()) for k in e])
got = s["predictors"]["persistence"]["rmse"]["diffre2d:inhibitor"][0]
assert abs(rmse - got) < 1e-6 * rmse, (rmse, got)  # the file is float32, NumPy reads the same values
assert all(k in s["predictors"]["linear"]["correlation_time"] for k in s["fields"])
steps = s["predictors"]["linear"]
assert abs(steps["over_steps"]["brmse"]["mean"] - np.mean(steps["brmse"]["mean"])) < 1e-12
PY

# Spectra as a table: octaves of the wave number; persistence keeps the power of the last frame.
evaluate --horizons 1 --spectra 1 --metrics nrmse >spectra.txt
grep -qE '^ +POWER AT STEP 1 +wave numbers +0 +1 +2-3 +4-7 +8$' spectra.txt || fail "$(cat spectra.txt)"
grep -qE '^ +diffre2d:activator +truth +[0-9]' spectra.txt || fail "$(cat spectra.txt)"

# PDEBench's protocol: one rollout a trajectory, from the first frame on.
"$MPP" evaluate --data dr.h5 --split all --start 0 --context 10 --windows 0 --steps 14 --no-stencils \
  --quiet >pdebench.txt
grep -q '6 trajectories, windows from frame 0 on, 10 context frames' pdebench.txt || fail "$(cat pdebench.txt)"
grep -q 'STEPS UNTIL CORRELATION < 0.8' pdebench.txt || fail "$(cat pdebench.txt)"

# Forecasts in files: the prediction is the row of the model, the rest starts from the context.
for sample in 1 4; do
  "$MPP" rollout --model window --data dr.h5 --context 6 --sample $sample --start 2 --steps 20 -o $sample.nc --quiet \
    >/dev/null
done
"$MPP" evaluate 1.nc 4.nc --json >files.json
"$MPP" evaluate --forecast 1.nc,4.nc --horizons 1,16 --metrics rmse,correlation >files.txt
grep -q '^1.nc and 1 more$' files.txt || fail "$(cat files.txt)"
grep -q '^diffre2d: means over 2 forecasts' files.txt || fail "$(cat files.txt)"
grep -qE '^ +RMSE +after steps +1 +16 +all 16$' files.txt || fail "$(cat files.txt)"
/usr/bin/python3 - <<'PY'
import json, numpy as np, xarray as xr
s = json.load(open("files.json"))["datasets"][0]
assert s["horizons"] == list(range(1, 17)) and s["trajectories"] == 2 and s["context"] == 6, s["horizons"]
p = s["predictors"]
for field in s["fields"]:
    name = field.split(":")[1]
    e = [xr.open_dataset(f)[name + "_error"][:16].values.astype("f8") for f in ("1.nc", "4.nc")]
    rmse = np.mean([np.sqrt((x ** 2).mean((1, 2))) for x in e], axis=0)
    assert np.allclose(p["model"]["rmse"][field], rmse, rtol=1e-5), field  # errors in float32
    assert np.allclose([p["model"]["max"][field][k] for k in (0, 15)],
                       [max(abs(x[k]).max() for x in e) for k in (0, 15)], rtol=1e-5)
    assert p["model"]["vrmse"][field] == p["window"]["vrmse"][field]  # which made them
PY
mv dr.h5 moved.h5
"$MPP" evaluate 1.nc --csv >alone.csv 2>alone.err
grep -q 'no rows of predictors without training' alone.err || fail "$(cat alone.err)"
[[ $(cut -d, -f4 alone.csv | sort -u | tr '\n' ' ') == "model predictor " ]] || fail "$(cut -d, -f4 alone.csv | sort -u)"
"$MPP" evaluate 1.nc --data moved.h5 --metrics nrmse >moved.txt 2>moved.err
[[ ! -s moved.err ]] && grep -q persistence moved.txt || fail "$(cat moved.err moved.txt)"
# Frames of a solver, and of data that are read in a way of their own: as the settings in the file say.
"$MPP" rollout --model window:linear --data solver:swe,resolution=16,frames=24,seed=5 --sample 3 --context 4 \
  --steps 6 -o solver.nc --quiet >/dev/null
"$MPP" evaluate solver.nc --horizons 1,6 --break-even --csv >solver.csv 2>solver.err
[[ ! -s solver.err ]] || fail "forecast from a solver: $(cat solver.err)"
grep -q ',persistence,swe:h,6,nrmse,' solver.csv || fail "no persistence: $(head -3 solver.csv)"
grep -q ',solver-16,mean,6,nrmse,0,' solver.csv || fail "the solver itself: $(grep solver-16 solver.csv)"
"$MPP" rollout --model window:linear --data moved.h5 --fields inhibitor --crop x=2:14 --context 4 --steps 6 \
  -o part.nc --quiet >/dev/null
"$MPP" evaluate part.nc --horizons 1,6 >part.txt 2>part.err
[[ ! -s part.err ]] && grep -q persistence part.txt || fail "forecast of a part: $(cat part.err part.txt)"
expect 65 'no variable has its truth' "$MPP" evaluate moved.h5
expect 64 'not both' "$MPP" evaluate 1.nc --model x.safetensors
mv moved.h5 dr.h5

# The solver on coarser grids beside.
evaluate --windows 2 --horizons 1,6 --break-even --json >solver.json
evaluate --windows 2 --horizons 1,6 --break-even >solver.txt
grep -q 'coarsest run of the solver diffusion-reaction' solver.txt || fail "$(cat solver.txt)"
grep -qE '^ +solver at 16 cells +[0-9.e-]+ s' solver.txt || fail "$(cat solver.txt)"
"$MPP" evaluate 1.nc --horizons 1,6 --break-even --csv | has ',solver-8-from-context,mean,6,nrmse,' ||
  fail "no break-even of a forecast"
/usr/bin/python3 - <<'PY'
import json
s = json.load(open("solver.json"))["datasets"][0]
b = s["break_even"]
assert [r["cells"] for r in b["runs"]] == [16, 12, 12, 8, 8] and b["cells"] == 16, b
assert max(b["runs"][0]["nrmse"]) < 1e-6 < min(b["runs"][1]["nrmse"]), b
for p, at in b["predictors"].items():
    for h in range(2):
        good = [r["cells"] for r in b["runs"] if r["nrmse"][h] <= s["predictors"][p]["nrmse"]["mean"][h]]
        assert at["cells"][h] == (min(good) if good else None), (p, h)
PY
expect 65 'was not made by a built-in solver' "$MPP" evaluate --data "$MPP_DATA/pdebench/diff-react_64.h5" \
  --context 4 --horizons 1 --windows 1 --no-stencils --break-even
