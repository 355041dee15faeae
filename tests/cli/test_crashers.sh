# Damaged files that the HDF5 library does not survive (tests/data/crashers): every command that reads
# data refuses them, within 10 s, and writes nothing; where a command does not touch what is damaged it
# may succeed. First whether they are what they are said to be: read without care, they kill.
# shellcheck disable=SC2046 # several words
gcc -O1 -DH5_USE_110_API "$MPP_SOURCE/tests/support/walk_h5.c" -o walk \
  $(pkg-config --cflags --libs hdf5-serial 2>/dev/null || pkg-config --cflags --libs hdf5)
small_data
"$MPP" pretrain --data=swe.h5 --output=model --width=24 --heads=2 --blocks=2 --patch=2,2 --context=4 --batch=2 --steps=1 \
  --validate-every=0 --quiet >/dev/null
mkdir files out
files=0 killed=0 runs=0 refused=0
for packed in "$MPP_DATA"/crashers/*.gz; do
  file=files/$(basename "$packed" .gz)
  gzip -dc "$packed" >"$file"
  files=$((files + 1))
  { ./walk "$file" 2>/dev/null || killed=$((killed + 1)); } 2>/dev/null
done
version=$("$MPP" version)
[[ $version != *'HDF5 1.10.8'* || $killed -eq $files ]] || fail "only $killed of $files files kill HDF5"
chmod -w files

# refuses FILE COMMAND...: in out/, which stays empty but for a success.
refuses() {
  local file=$1 code=0
  shift
  (cd out && timeout -s KILL 10 "$MPP" "$@" </dev/null >../stdout.txt 2>../stderr.txt) || code=$?
  runs=$((runs + 1))
  case $code in
  0) ;;
  65)
    grep -q '^mpp: ' stderr.txt && cat stdout.txt stderr.txt | has "$(basename "$file")" || fail "$* does not name the file: $(cat stderr.txt)"
    refused=$((refused + 1))
    only out
    ;;
  *) fail "code $code: $* $(cat stderr.txt)" ;;
  esac
  rm -rf out/*
}

for file in "$PWD"/files/*; do
  refuses "$file" info "$file"
  refuses "$file" info "$file:swe"
  refuses "$file" info --check "$file:swe"
  refuses "$file" describe "$file" -o a.yaml
  refuses "$file" evaluate "$file"
  refuses "$file" rollout --model window --data "$file:swe" --sample 0 --start 0 --steps 1 -o a.nc
  refuses "$file" rollout --model ../model/final.safetensors --data "$file:swe" --sample 0 --start 0 --steps 1 -o a.nc
  refuses "$file" pretrain --data="$file:swe" --output=run --steps=1
  refuses "$file" convert data "$file" --to pdebench -o a.h5
  refuses "$file" plot "$file" -o a.png
  refuses "$file" convert "$file" a.pt
done
sha256sum files/* >after.txt
for packed in "$MPP_DATA"/crashers/*.gz; do
  echo "$(gzip -dc "$packed" | sha256sum | cut -c1-64)  files/$(basename "$packed" .gz)"
done | cmp - after.txt || fail "an input has changed"
echo "$files files, of which $killed kill HDF5; $runs runs, $refused refused"
