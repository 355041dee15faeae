# A full disk, for every command that writes: code 74, a message with the bytes needed and the bytes
# free, and under final names only what is whole. The disk is a tmpfs of a namespace of its own, in
# sizes from too small for anything to large enough (4 KiB to 4 MiB, each FACTOR times the last). Where
# mounting is not allowed a library loaded before all others plays the full disk
# (tests/support/full_disk.c).
factor=${FACTOR:-4}
small_data
small_config
"$MPP" pretrain small.yaml --output=run --steps=2 --validate-every=0 --quiet >/dev/null
model=$PWD/run/final.safetensors
"$MPP" rollout --model $model --data dr.h5 --sample 0 --start 0 --steps 12 -o forecast.nc --quiet >/dev/null
mkdir disk
here=$PWD
gcc -O1 -D_GNU_SOURCE -Wall -Werror -shared -fPIC "$MPP_SOURCE/tests/support/full_disk.c" -o full_disk.so

how=${FULL_DISK:-tmpfs}
unshare -Urm bash -c 'mount -t tmpfs -o size=64k tmpfs disk' 2>/dev/null || how=preloaded
[[ $how == tmpfs ]] || echo "NO TMPFS CAN BE MOUNTED HERE: a preloaded library plays the full disk"

# on_disk HOW KIB COMMAND...: runs it beside a disk of that size; what it left is then in left/.
on_disk() {
  local kind=$1 kib=$2 code=0
  shift 2
  export DISK_KIB=$kib
  rm -rf left disk
  mkdir left disk
  if [[ $kind == tmpfs ]]; then
    unshare -Urm bash -c 'mount -t tmpfs -o size="$1"k tmpfs disk || exit 99
      here=$PWD; shift; cd disk; code=0; "$@" </dev/null >"$here/stdout.txt" 2>"$here/stderr.txt" || code=$?
      cp -r . "$here/left/"; exit $code' - "$kib" "$@" || code=$?
  else
    (cd disk && FULL_DISK_FOLDER=$here/disk FULL_DISK_BYTES=$((kib * 1024)) LD_PRELOAD=$here/full_disk.so \
      "$@" </dev/null >"$here/stdout.txt" 2>"$here/stderr.txt") || code=$?
    cp -r disk/. left/
  fi
  return $code
}

runs=0 full=0
# filled NAME COMMAND...: the command on disks of growing size; it must be refused by some, and
# succeed on the last.
filled() {
  local name=$1 kib code refused=0 file
  shift
  for ((kib = 4; kib <= 4096; kib *= factor)); do
    code=0
    on_disk $how $kib "$@" || code=$?
    runs=$((runs + 1))
    case $code in
    0) ;;
    74)
      refused=$((refused + 1))
      grep -E '^mpp: ' stderr.txt | has -E 'needs (up to )?[0-9]+ more bytes, [0-9]+ bytes free' ||
        fail "$name on $kib KiB: the message lacks bytes needed and free: $(cat stderr.txt)"
      ;;
    *) fail "$name on $kib KiB: code $code: $(cat stderr.txt)" ;;
    esac
    while read -r file; do
      case $file in
      *.nc | *.h5 | *.safetensors) "$MPP" info "$file" >/dev/null || fail "$name on $kib KiB: $file is damaged" ;;
      */fill | *.partial* | *.records* | *.lock | *.jsonl | */config.yaml | */events.*) ;;
      *.tmp-*) fail "$name on $kib KiB: left $file" ;;
      *) [[ $code -eq 0 ]] || fail "$name on $kib KiB: left $file" ;;
      esac
    done < <(find left -type f)
  done
  [[ $refused -gt 0 ]] || fail "$name: no disk was too small"
  [[ $code -eq 0 ]] || fail "$name: code $code on the largest disk: $(cat stderr.txt)"
  full=$((full + refused))
}

filled generate "$MPP" generate swe -n 4 --resolution 32 --frames 12 --seed 1 -o a.h5 --quiet
filled pretrain "$MPP" pretrain "$here/small.yaml" --data="$here/swe.h5" --output=run --steps=8 --validate-every=4 --quiet
filled finetune "$MPP" finetune --model $model --data "$here/dr.h5" --steps=2 --output=run --train-fraction=0.5 --valid-fraction=0.25 --quiet
filled rollout "$MPP" rollout --model $model --data "$here/dr.h5" --sample 0 --start 0 --steps 12 -o a.nc --quiet
filled ensemble "$MPP" rollout --model $model --data "$here/dr.h5" --sample 0 --start 0 --steps 4 --members 2 --perturb 0.1 -o a.nc --quiet
for picture in png svg pdf webp; do
  filled $picture "$MPP" plot "$here/forecast.nc" -o a.$picture --quiet
done
# MP4 by a stand-in that says nothing of a full disk unless it is asked to, as ffmpeg does, and by
# ffmpeg itself where it is installed.
mkdir bin
cat >bin/ffmpeg <<'SH'
#!/bin/bash
gzip -1 >"${!#}" 2>/dev/null && exit
[[ " $* " == *' -xerror '* ]] || exec cat >/dev/null
exit 1
SH
chmod +x bin/ffmpeg
PATH=$here/bin:$PATH filled mp4 "$MPP" plot "$here/forecast.nc" -o a.mp4 --quiet
if command -v ffmpeg >/dev/null; then
  filled ffmpeg "$MPP" plot "$here/forecast.nc" -o a.mp4 --quiet
  echo "MP4 by $(ffmpeg -version | head -1 | cut -d' ' -f1-3), too"
else
  echo "MP4 by a stand-in alone: ffmpeg is not installed"
fi
filled report "$MPP" report "$here/run" "$here/forecast.nc" -o a.html --quiet
filled convert "$MPP" convert $model a.safetensors --quiet
filled torch "$MPP" convert $model a.pt --quiet
# Its text fits into any page: what is left free is none.
filled describe bash -c '[[ $DISK_KIB -gt 4 ]] || head -c 4096 /dev/zero >fill; exec "$@"' - \
  "$MPP" describe "$here/dr.h5" -o a.yaml
filled manifest bash -c '[[ $DISK_KIB -gt 4 ]] || head -c 4096 /dev/zero >fill; exec "$@"' - \
  "$MPP" info "$here/dr.h5" --manifest a.json --quiet

# The other way of playing, always, so that it works where it is needed; and results on a full disk.
code=0
on_disk preloaded 64 "$MPP" generate swe -n 4 --resolution 32 --frames 12 --seed 1 -o a.h5 --quiet || code=$?
[[ $code -eq 74 ]] && grep -qE 'needs (up to )?[0-9]+ more bytes, [0-9]+ bytes free' stderr.txt ||
  fail "preloaded: code $code: $(cat stderr.txt)"
for command in 'version' 'help' "info $here/dr.h5" "evaluate $here/forecast.nc --csv" 'generate --list'; do
  code=0
  "$MPP" $command >/dev/full 2>stderr.txt || code=$?
  [[ $code -eq 74 ]] && grep -q '^mpp: standard output' stderr.txt || fail "$command to a full disk: code $code: $(cat stderr.txt)"
done
# A log that cannot be written is no reason to stop.
"$MPP" pretrain small.yaml --output=quiet --steps=2 --validate-every=0 2>/dev/full >/dev/null ||
  fail "a training stopped for its messages"
echo "$runs runs on a $how, $full of them full"
