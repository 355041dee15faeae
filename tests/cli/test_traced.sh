# What the program opens, by strace: hostile files lead it to no other file, no program and no network;
# commands that inspect change nothing on disk. Every EVERY-th file of the corpora (all with EVERY=1).
need strace
strace -qq -o probe.txt true || fail "strace cannot trace here (ptrace is forbidden?): $(cat probe.txt)"
every=${EVERY:-12}
unset LD_LIBRARY_PATH # the loader would look into its folders

small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=2 --validate-every=0 --quiet >/dev/null
model=run/final.safetensors
"$MPP" rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 3 -o forecast.nc --quiet >/dev/null
/usr/bin/python3 "$MPP_SOURCE/tests/support/hostile.py" dr.h5 hostile

changes=creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,symlink,symlinkat
changes+=,truncate,ftruncate,fallocate,chmod,fchmod,fchmodat,chown,fchown,fchownat,utimensat,mknod,mknodat,setxattr,fsetxattr

# traced CODES COMMAND...: one of CODES, in ten seconds of processor time, with the calls in trace.txt.
traced() {
  local codes=$1
  shift
  code=0
  (ulimit -t 10; exec strace -f -qq -s 4096 -o trace.txt -e trace="open,openat,execve,execveat,socket,connect,bind,$changes" \
    "$MPP" "$@" </dev/null >out.txt 2>err.txt) || code=$?
  [[ " $codes " == *" $code "* ]] || fail "code $code: $*: $(cat err.txt)"
}

# Libraries of the system and what it tells of itself are read by every program. What is named may be.
only_opens() {
  local others
  others=$(sed -nE 's/^[0-9]+ +open(at)?\((AT_FDCWD, )?"([^"]*)".*/\3/p' trace.txt |
    grep -vE '^/(usr|lib|lib64|proc|sys)/|^/dev/(null|urandom)$|^/etc/(ld\.so|localtime|fonts)' | sort -u)
  for name; do
    others=$(grep -vxF "$name" <<<"$others" || true)
  done
  [[ -z $others ]] || fail "opens $others: $*"
  [[ $(grep -c 'execve' trace.txt) -eq 1 ]] || fail "starts a program: $*"
  ! grep -E '(socket|connect|bind)\(' trace.txt || fail "uses the network: $*"
}

changes_nothing() {
  local changed
  changed=$(grep -vE '(open|openat|execve|socket|connect|bind)\(|^[0-9]+ +(\+\+\+|---)|resumed' trace.txt || true)
  changed+=$(grep -E 'open(at)?\(.*(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)' trace.txt | grep -v '"/dev/null"' || true)
  [[ -z $changed ]] || fail "changes files: $changed: $*"
}

# ---- files that point elsewhere, and pickles that call ----
count=0 turn=0
for file in hostile/*; do
  turn=$((turn + 1))
  # The suite tries all kinds of links, and some of the pickles.
  [[ $file != *.pt || $((turn % every)) -eq 0 ]] || continue
  traced '0 65' info "$file"
  [[ $code -eq 65 || $file != *.pt ]] || fail "$file is taken for a model"
  only_opens "$file"
  changes_nothing "$file"
  count=$((count + 1))
done
for file in hostile/{reduce,stack_global,storage_elsewhere}.pt; do
  traced 65 convert "$file" out.safetensors
  only_opens "$file"
  count=$((count + 1))
done
[[ ! -e executed && ! -e out.safetensors ]] || fail "a pickle was executed"

# ---- settings of libraries: credentials and the like, at home and in the current folder ----
mkdir -p home/.aws
touch home/.aws/{config,credentials} home/.ncrc home/.dodsrc .ncrc .dodsrc .daprc
HOME=$PWD/home traced 0 info forecast.nc
only_opens forecast.nc "$PWD/forecast.nc" /dev/null/.aws/{config,credentials} # where there is nothing
count=$((count + 1))

# ---- inspection ----
before=$(find . -type f ! -name '*.txt' -printf '%p %s %T@ %i\n' | sort)
while read -r line; do
  read -r -a words <<<"$line"
  traced 0 "${words[@]}"
  changes_nothing "$line"
  count=$((count + 1))
done <<END
info dr.h5
info --check dr.h5 swe.h5
info $model
info forecast.nc
evaluate forecast.nc
evaluate --model $model --data dr.h5 --horizons 1 --windows 1
plan small.yaml --measure=0
END
turn=0
for file in "$MPP_DATA"/*.h5 "$MPP_DATA"/formats/* "$MPP_DATA"/pdebench/* "$MPP_SOURCE"/tests/fuzz/corpus/{torch,safetensors,pickle,model}/*; do
  turn=$((turn + 1))
  [[ $((turn % every)) -eq 0 && -f $file ]] || continue
  traced '0 65 66 78' info "$file"
  changes_nothing "$file"
  count=$((count + 1))
done
[[ $(find . -type f ! -name '*.txt' -printf '%p %s %T@ %i\n' | sort) == "$before" ]] || fail "inspection changed files"
echo "$count runs traced"
