# Help of every command, unknown words, and what goes to which stream.
commands="generate pretrain finetune rollout evaluate info plot convert bench"

"$MPP" help >help.txt
for command in $commands; do
  grep -qE "^  $command " help.txt || fail "'mpp help' does not list $command"
  "$MPP" help "$command" >a.txt 2>err.txt
  "$MPP" "$command" --help >b.txt
  cmp a.txt b.txt || fail "'help $command' and '$command --help' differ"
  [[ ! -s err.txt ]] || fail "'help $command' writes on stderr"
  [[ $(wc -l <a.txt) -ge 10 ]] || fail "help of $command is $(wc -l <a.txt) lines"
  grep -q "^Usage: mpp $command" a.txt || fail "help of $command has no usage"
  grep -q -- '--threads N' a.txt || fail "help of $command lacks --threads"
  [[ $(grep -c -- '--threads' a.txt) -eq 1 ]] || fail "help of $command repeats --threads"
  awk 'length($0) > 100 { print; bad = 1 } END { exit bad }' a.txt || fail "help of $command is wider than 100"
done
for code in 0 3 64 65 66 70 71 73 74 75 78; do
  grep -qE "^  $code " help.txt || fail "'mpp help' does not explain exit code $code"
done
"$MPP" pretrain --help | has 'default 0.8)' || fail "defaults are not shown"
"$MPP" pretrain --help | tr -s ' \n' ' ' | has 'one of nano|micro|Ti|S|B|L;' || fail "choices are not shown"
"$MPP" generate swe --help | has 'gravity .*\[m s-2\] (default 1;' || fail "parameters of swe have no units"

# The manual page has every option, and troff takes it without a warning; the completion is bash and
# knows commands, systems and the words of options.
"$MPP" help manual >mpp.1
for option in $("$MPP" pretrain --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
  grep -q -- "${option//-/\\\\-}" mpp.1 || fail "the manual lacks $option"
done
if command -v groff >/dev/null; then
  [[ -z $(groff -man -Tascii -ww mpp.1 2>&1 >/dev/null) ]] || fail "groff warns of the manual page"
fi
"$MPP" help completion >completion.sh
complete_line() { # WORD BEFORE ALL...
  bash -c 'source completion.sh; word=$1 before=$2; shift 2; COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1)); _mpp mpp "$word" "$before"; echo "${COMPREPLY[@]}"' - "$@"
}
[[ $(complete_line fin mpp mpp fin) == finetune ]] || fail "completion of commands"
[[ $(complete_line sw generate mpp generate sw) == swe ]] || fail "completion of systems"
[[ $(complete_line pl --progress mpp info --progress pl) == plain ]] || fail "completion of choices"
[[ $(complete_line --ste rollout mpp rollout --ste) == --steps ]] || fail "completion of options"

[[ $("$MPP" --version) == "mpp 0.1.0"* ]] || fail "version"
[[ $("$MPP" version) == "$("$MPP" --version)" ]] || fail "version and --version differ"

expect 64 'no command' "$MPP"
expect 64 "unknown command 'genrate' \(did you mean 'generate'\?\)" "$MPP" genrate
expect 64 "unknown command 'xyzzy'" "$MPP" help xyzzy
for command in help version; do
  "$MPP" help $command | cmp - help.txt || fail "'mpp help $command' is not the overview"
done
expect 64 "unknown option '--stesp=3' \(did you mean '--steps'\?\)" "$MPP" rollout --stesp=3
expect 64 "unknown option '-z'" "$MPP" info -z
expect 64 "unexpected 'b'" "$MPP" info a b
expect 64 'progress' "$MPP" info --progress=loud x
expect 64 'threads' "$MPP" evaluate --threads
expect 64 'threads' "$MPP" evaluate --threads=-1 --data x
[[ ! -s stdout.txt ]] || fail "a failure writes on stdout"

# A closed or full stdout.
"$MPP" help pretrain | head -1 >/dev/null
expect 74 'standard output: No space' bash -c 'exec "$1" help pretrain >/dev/full' - "$MPP"
expect 74 'standard output: Bad file' bash -c 'exec "$1" help >&-' - "$MPP"
