# No folder includes a header of a folder above it, neither a private one nor a public one. What a
# folder sees stands once, in CMakeLists.txt; here stands whose functions a public header declares.
declare -A owner=([status]=core [input]=io [options]=core [threads]=core [version]=core [error_norms]=predict [field]=data [dataset]=data [convert]=data [pde]=pdes
  [model]=model [cost]=model [rollout]=rollout [metrics]=evaluate [info]=evaluate [plot]=picture [train]=train [bench]=train [plan]=train
  [mpp]=cli)

cd "$MPP_SOURCE"
declare -A sees folder_of
layers=()
while read -r name folder rest; do
  rest=${rest%%USES*}
  folder_of[$name]=$folder
  for below in ${rest#SEES }; do
    [[ -n ${folder_of[$below]:-} ]] || fail "layer $name sees $below, which does not stand before it"
  done
  sees[$name]=" $name ${rest#SEES } "
  layers+=("$name")
done < <(tr '\n' ' ' <CMakeLists.txt | grep -oE 'mpp_layer\([a-z]+ [^)]*\)' |
  sed -E 's/mpp_layer\(//; s/\)//; s/ +/ /g')
[[ ${#layers[@]} -ge 10 ]] || fail "only ${#layers[@]} layers found in CMakeLists.txt"
[[ ${sees[pdes]} != *" model "* && ${sees[model]} != *" pdes "* ]] || fail "pdes and model see each other"
folder_of[cli]=src/cli
sees[cli]=" cli "

checked=0
# may LAYER FILE HEADER OWNER: FILE of LAYER may include HEADER, which belongs to OWNER.
may() { [[ ${sees[$1]} == *" $4 "* ]] || fail "$2 ($1) includes $3, which belongs to $4"; }

for layer in "${layers[@]}" cli; do
  while IFS=: read -r file include; do
    checked=$((checked + 1))
    header=${include#*\"}
    header=${header%%\"*}
    if [[ $header == mpp/* ]]; then
      public=${header#mpp/}
      public=${public%.h}
      [[ -n ${owner[$public]:-} ]] || fail "tests/cli/test_layers.sh does not say whose $header is"
      [[ $layer == cli ]] || may "$layer" "$file" "$header" "${owner[$public]}"
    else
      home=
      for candidate in "${layers[@]}" cli; do
        if [[ -e ${folder_of[$candidate]}/$header ]]; then
          [[ -z $home ]] || fail "$header is in the folders of $home and $candidate"
          home=$candidate
        fi
      done
      [[ -n $home ]] || fail "$file includes $header, which is in no folder"
      may "$layer" "$file" "$header" "$home"
    fi
  done < <(grep -nE '^ *# *include *"' "${folder_of[$layer]}"/*.[ch] | sed -E 's/:[0-9]+:/:/')
done

# Public headers obey the same order, so that nothing comes in through them.
for file in include/mpp/*.h; do
  mine=${owner[$(basename "$file" .h)]:-}
  [[ -n $mine ]] || fail "tests/cli/test_layers.sh does not say whose $file is"
  [[ $mine == cli ]] && continue
  for header in $(grep -oE '^# *include *"mpp/[a-z_]+\.h"' "$file" | sed -E 's/.*mpp\/(.*)\.h"/\1/'); do
    checked=$((checked + 1))
    may "$mine" "$file" "mpp/$header.h" "${owner[$header]}"
  done
done
[[ $checked -gt 100 ]] || fail "only $checked includes found"
