# Finetuning: fields that the model does not know are appended and trained; the line through to a
# forecast of them.
small_data
small_config
"$MPP" pretrain small.yaml --output=base --steps=10 --quiet >/dev/null
"$MPP" finetune --model base/final.safetensors --data dr.h5:lab --output tuned --steps 12 --samples 2 \
  --train-fraction 0.5 --valid-fraction 0.25 --validate-windows 4 --seed 1 2>log.txt >result.txt
! grep -q $'\r' log.txt || fail "a log holds carriage returns"
grep -q 'validation at step 12' log.txt || fail "no validation: $(cat log.txt)"
grep -q 'lab:inhibitor' result.txt || fail "no scores of the new fields: $(cat result.txt)"

"$MPP" info base/final.safetensors --json >base.json
"$MPP" info tuned/final.safetensors --json >tuned.json
/usr/bin/python3 -c '
import json
base, tuned = json.load(open("base.json")), json.load(open("tuned.json"))
new = [n for n in tuned["vocabulary"] if n not in base["vocabulary"]]
assert sorted(new) == ["lab:activator", "lab:inhibitor"], (base["vocabulary"], tuned["vocabulary"])'

# Without new names nothing is appended.
"$MPP" finetune --model base/final.safetensors --data dr.h5 --output same --steps 2 --quiet \
  --validate-every 0 --checkpoint-every 0 >/dev/null
"$MPP" info same/final.safetensors --json | /usr/bin/python3 -c '
import json, sys
assert json.load(sys.stdin)["vocabulary"] == json.load(open("base.json"))["vocabulary"]'

# Frozen parts stay, the others move.
"$MPP" finetune --model base/final.safetensors --data dr.h5 --output frozen --steps 2 --quiet \
  --freeze processor --validate-every 0 --checkpoint-every 0 >/dev/null
diff <(arrays base/final.safetensors) <(arrays frozen/final.safetensors) >moved.txt || true
grep -q '^> ' moved.txt || fail "nothing was trained"
! grep -q '^> blocks\.' moved.txt || fail "frozen blocks moved: $(cat moved.txt)"

# The original model cannot forecast the new names, the finetuned one can.
expect 65 'lab:activator' "$MPP" rollout --model base/final.safetensors --data dr.h5:lab --steps 2 -o a.nc
[[ ! -e a.nc ]] || fail "a refused forecast left a file"
"$MPP" rollout --model tuned/final.safetensors --data dr.h5:lab --sample 5 --steps 8 -o a.nc >a.txt
grep -q 'a.nc: 8 steps of 2 fields' a.txt || fail "summary: $(cat a.txt)"
"$MPP" evaluate --model tuned/final.safetensors --data dr.h5:lab,dr.h5 --windows 3 --horizons 1,3 \
  --split all --json >scores.json
/usr/bin/python3 -c '
import json
r = json.load(open("scores.json"))
assert [d["data"] for d in r["datasets"]] == ["dr.h5:lab", "dr.h5"], r
d = r["datasets"][0]
assert d["fields"] == ["lab:activator", "lab:inhibitor"] and d["windows"] == 3, d
assert set(d["predictors"]) == {"model", "persistence", "linear", "quadratic", "backtest",
                                "autoregression", "stencil-linear", "stencil-cubic",
                                "stencil-calm", "window"}, d
for p in d["predictors"].values():
    a, b, mean = p["nrmse"]["lab:activator"], p["nrmse"]["lab:inhibitor"], p["nrmse"]["mean"]
    assert all(abs((x + y) / 2 - m) < 1e-6 for x, y, m in zip(a, b, mean)), p'
"$MPP" evaluate --model tuned/final.safetensors --data dr.h5:lab --windows 3 --horizons 1,3 >scores.txt
for word in lab:activator lab:inhibitor mean NRMSE VRMSE model persistence linear quadratic backtest; do
  grep -q "$word" scores.txt || fail "the table lacks $word"
done
# One mark for the best of each column of each field (ties count twice).
[[ $(grep -o '\*' scores.txt | wc -l) -ge 12 ]] || fail "best values are not marked"
"$MPP" evaluate --data dr.h5 --windows 2 --horizons 1 --context 4 >trivial.txt
grep -q persistence trivial.txt || fail "no trivial predictors without a model"
! grep -qE '^ +(dif[a-z0-9:-]+ +)?model ' trivial.txt || fail "a model's row without a model"

# A low-rank adapter: small, usable on its base, merged by convert to the weights of the run.
"$MPP" finetune --model base/final.safetensors --data dr.h5:lab --output lora --steps 12 --quiet \
  --lora-rank 4 --train-fraction 0.5 --valid-fraction 0.25 --validate-windows 4 --validate-every 4 >/dev/null
only lora adapter.safetensors best-adapter.safetensors best.safetensors config.yaml \
  environment.jsonl final.safetensors metrics.jsonl report.json step-00000012.safetensors timing.jsonl
[[ $(stat -c %s lora/adapter.safetensors) -lt $(($(stat -c %s lora/final.safetensors) / 2)) ]] ||
  fail "the adapter is not small: $(ls -l lora)"
"$MPP" convert base/final.safetensors merged.safetensors --adapter lora/adapter.safetensors >/dev/null
same_arrays merged.safetensors lora/final.safetensors
for way in "--model merged.safetensors" "--model base/final.safetensors --adapter lora/adapter.safetensors"; do
  # shellcheck disable=SC2086 # two options or four
  "$MPP" evaluate $way --data dr.h5:lab --windows 3 --horizons 1,3 --no-stencils >>ways.txt
  # shellcheck disable=SC2086
  "$MPP" rollout $way --data dr.h5:lab --steps 3 -o ways.nc --overwrite >/dev/null
  arrays ways.nc >>ways_nc.txt
done
for words in ways.txt ways_nc.txt; do
  lines=$(($(wc -l <$words) / 2))
  cmp <(head -n $lines $words) <(tail -n $lines $words) || fail "base and adapter are not the merged model"
done
"$MPP" info ways.nc | has mpp_adapter_digest || fail "a forecast does not name its adapter"
"$MPP" info lora/adapter.safetensors --json | /usr/bin/python3 -c '
import json, sys
d = json.load(sys.stdin)
assert d["kind"] == "adapter" and d["attributes"]["adapter_rank"] == "4", d'
expect 65 'belongs to another model' "$MPP" evaluate --model tuned/final.safetensors \
  --adapter lora/adapter.safetensors --data dr.h5:lab
expect 65 'is an adapter, which needs its model' "$MPP" rollout --model lora/adapter.safetensors \
  --data dr.h5:lab -o b.nc
expect 65 'is no adapter' "$MPP" convert base/final.safetensors b.safetensors --adapter tuned/final.safetensors
expect 64 'adapter needs --model' "$MPP" evaluate --adapter lora/adapter.safetensors --data dr.h5:lab
expect 64 'adapter needs the model' "$MPP" rollout --model window --adapter lora/adapter.safetensors \
  --data dr.h5:lab -o b.nc
expect 78 'lora-rank' "$MPP" finetune --model base/final.safetensors --data dr.h5 --output x --lora-rank 500
[[ ! -e b.nc && ! -e b.safetensors ]] || fail "a refused adapter left a file"

# A run that does not get better ends early, with its best weights.
"$MPP" finetune --model base/final.safetensors --data dr.h5 --output early --steps 40 --quiet --learning-rate 0 \
  --min-learning-rate 0 --patience 2 --validate-every 5 --validate-windows 2 --train-fraction 0.5 \
  --valid-fraction 0.25 >early.txt
grep -q 'early: 15 steps' early.txt || fail "no early end: $(head -2 early.txt)"
same_arrays early/final.safetensors early/best.safetensors

# The report sets the model beside the one it began with, new weights and the predictors; its numbers
# are those of evaluate on the same windows.
held=(--data dr.h5:lab --train-fraction 0.5 --valid-fraction 0.25)
"$MPP" finetune --model base/final.safetensors "${held[@]}" --output compared --steps 6 --quiet --json \
  --validate-every 0 --horizons 1,3 --report-windows 5 --against-scratch >compared.json
"$MPP" evaluate --model compared/final.safetensors "${held[@]}" --horizons 1,3 --windows 5 --json >a.json
"$MPP" evaluate --model compared/scratch/final.safetensors "${held[@]}" --horizons 1,3 --windows 5 --json >b.json
/usr/bin/python3 -c '
import json
run, a, b = (json.load(open(n)) for n in ("compared.json", "a.json", "b.json"))
report, kept = run["report"][0], json.load(open("compared/report.json"))["datasets"][0]
a, b = a["datasets"][0], b["datasets"][0]
assert report["split"] == kept["split"] == a["split"] == "test" and report["windows"] == 5, report
names = list(report["compared"])
assert names[:3] == ["finetuned", "before", "from-scratch"] and "window" in names, names
for metric in ("nrmse", "vrmse"):
    rows = {name: row[metric] for name, row in report["compared"].items()}
    assert rows["finetuned"] == a["predictors"]["model"][metric], metric
    assert rows["from-scratch"] == b["predictors"]["model"][metric], metric
    assert rows["linear"] == a["predictors"]["linear"][metric], metric
    assert rows["before"] != rows["finetuned"], metric
    for name in names:
        for f, field in enumerate(kept["fields"]):
            assert [h[f] for h in kept[metric][name]] == rows[name][field], (metric, name)'
"$MPP" finetune --model base/final.safetensors "${held[@]}" --output compared --resume --steps 6 --quiet \
  --validate-every 0 --horizons 1,3 --report-windows 5 --against-scratch >again.txt
for word in finetuned before from-scratch persistence window 'held-out'; do
  grep -q "$word" again.txt || fail "the report lacks $word: $(cat again.txt)"
done
"$MPP" finetune --model base/final.safetensors --data dr.h5 --output none --steps 2 --quiet --report-windows 0 \
  --validate-every 0 >/dev/null
[[ ! -e none/report.json ]] || fail "a report that was not wanted"
