# Progress: a bar on a terminal that is taken off at the end, plain lines elsewhere.
need script
small_data
small_config
run="$MPP pretrain small.yaml --steps=30 --validate-every=15 --json"

# on_terminal ENVIRONMENT COMMAND: in a pseudo-terminal, stdout to a file.
on_terminal() { env TERM=xterm "$1" script -qefc "$2 >result.txt" /dev/null </dev/null >screen.txt; }

on_terminal A=1 "$run --output=a"
grep -q $'\r.*\\[#*-*\\].*step [0-9]* of 30' screen.txt || fail "no bar: $(cat -v screen.txt)"
grep -q $'\033\\[36m' screen.txt || fail "no colour"
/usr/bin/python3 -c '
text = open("screen.txt", newline="").read()
assert text.rfind("\r\033[K") > text.rfind("[#"), "the bar is not taken off: %r" % text[-200:]'
! grep -q $'[\r\033]' result.txt || fail "control characters in the result"
/usr/bin/python3 -c 'import json; json.load(open("result.txt"))'

on_terminal NO_COLOR=1 "$run --output=b"
grep -q 'step [0-9]* of 30' screen.txt || fail "no bar with NO_COLOR"
! grep -q $'\033\\[36m' screen.txt || fail "colour in spite of NO_COLOR"

for how in TERM=dumb "A=1 plain" "A=1 never"; do
  read -r variable progress <<<"$how"
  on_terminal "$variable" "$run --output=c --overwrite --log-every=1 --progress=${progress:-auto}"
  ! grep -q $'\033' screen.txt || fail "escapes with $how: $(cat -v screen.txt)"
  ! grep -qP '\r(?!$)' screen.txt || fail "carriage returns with $how"
done

# In a file: no \r, whole lines.
$run --output=d --log-every=1 >/dev/null 2>log.txt
! grep -q $'[\r\033]' log.txt || fail "control characters in a log"
grep -q '^validation at step 15' log.txt || fail "no validation: $(cat log.txt)"
