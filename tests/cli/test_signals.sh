# Signals, closed readers and other surroundings, for every command.
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=2 --validate-every=0 --quiet >/dev/null
model=run/final.safetensors
"$MPP" rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 3 -o forecast.nc --quiet >/dev/null

# ---- a reader that closes: `mpp ... | head -0` is no failure, and nothing is lost ----
closed=0
# unread COMMAND...: its standard output is a pipe that nobody reads, then its standard error.
unread() {
  local code
  code=$({ "$@" </dev/null 2>err.txt || echo $? >&3; } 3>&1 >/dev/full | cat) || true
  exec 4> >(exec true)
  sleep 0.05 # the reader is gone
  code=0
  "$@" </dev/null >&4 2>err.txt || code=$?
  exec 4>&-
  [[ $code -eq 0 ]] || fail "code $code with a closed reader: $* $(cat err.txt)"
  closed=$((closed + 1))
}
