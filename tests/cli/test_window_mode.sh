# Mode window: trained, resumed, finetuned and rolled out on what is fitted to each window.
small_data
small_config
"$MPP" pretrain small.yaml --mode window --unroll 2 --output=whole --steps=6 --quiet >/dev/null
"$MPP" info whole/final.safetensors --json >whole.json
grep -q '"mode": *"window"' whole.json || fail "mode: $(cat whole.json)"
"$MPP" pretrain small.yaml --mode window --unroll 2 --output=parts --steps=6 --checkpoint-every 2 \
  --validate-every 0 --quiet >/dev/null
rm parts/final.safetensors parts/step-00000006.safetensors
"$MPP" pretrain small.yaml --mode window --unroll 2 --output=parts --steps=6 --checkpoint-every 2 \
  --validate-every 0 --resume --threads 1 --quiet >/dev/null
same_arrays whole/final.safetensors parts/final.safetensors

"$MPP" finetune --model whole/final.safetensors --data dr.h5 --output tuned --steps 2 --quiet \
  --validate-every 0 --checkpoint-every 0 >/dev/null
"$MPP" rollout --model tuned/final.safetensors --data dr.h5 --sample 5 --steps 8 -o a.nc >a.txt
grep -q 'a.nc: 8 steps of 2 fields' a.txt || fail "summary: $(cat a.txt)"

# How much of the correction is taken stands in the file, and comes out again when it is repeated.
ncdump -h a.nc >a.cdl
grep -q 'mpp_base = "activator: ' a.cdl || fail "base: $(cat a.cdl)"
grep -Eq 'mpp_gain = "activator: [0-9.e-]+, error [0-9.e-]+ n\^[0-9.]+; inhibitor: ' a.cdl ||
  fail "gain: $(cat a.cdl)"
"$MPP" rollout --repeat a.nc >repeat.txt
grep -q 'a.nc: the same bits' repeat.txt || fail "repeat: $(cat repeat.txt)"
"$MPP" rollout --model tuned/final.safetensors --data dr.h5 --sample 5 --steps 8 --gain full \
  --threads 2 -o full.nc >full.txt
ncdump -h full.nc | has 'mpp_gain = "full"' || fail "gain full: $(ncdump -h full.nc)"
cmp -s <(ncdump -v activator a.nc | sed 1,/data:/d) <(ncdump -v activator full.nc | sed 1,/data:/d) &&
  fail "the gain changes nothing"
"$MPP" rollout --repeat full.nc >repeat.txt
grep -q 'full.nc: the same bits' repeat.txt || fail "repeat: $(cat repeat.txt)"
for gain in fitted full; do
  "$MPP" evaluate --model tuned/final.safetensors --data dr.h5 --windows 3 --horizons 1,3 --split all \
    --gain $gain --json >$gain.json
done
cmp -s fitted.json full.json && fail "the gain changes no score"

# Untrained, a model is its base: the window's own forecast, to the rounding of its frames.
"$MPP" pretrain small.yaml --mode window --output=none --steps=1 --learning-rate 1e-30 \
  --min-learning-rate 0 --weight-decay 0 \
  --validate-every 0 --quiet >/dev/null
"$MPP" evaluate --model none/final.safetensors --data dr.h5 --windows 3 --horizons 1,3 --split all \
  --json >scores.json
/usr/bin/python3 -c '
import json
p = json.load(open("scores.json"))["datasets"][0]["predictors"]
for model, window in zip(p["model"]["nrmse"]["mean"], p["window"]["nrmse"]["mean"]):
    assert abs(model / window - 1) < 1e-3, (model, window)'
