#!/bin/bash
# What mpp says to descriptions that do not fit and files that are broken: prints wrong_descriptions.md.
#   examples/wrong_descriptions.sh >examples/wrong_descriptions.md
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
mpp=${MPP:-$root/build/mpp}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "${MPP_DATA:-$root/tests/data}/formats/." "$work"
cd "$work" || exit 70

verb=(info)
# A row: the command, its exit code, its message.
row() {
  local text code=0 shown="mpp ${verb[*]}" word
  text=$("$mpp" "${verb[@]}" "$@" 2>&1 >/dev/null </dev/null) || code=$?
  for word in "$@"; do
    if [[ $word == *[\<\>\*\;\ ~\[]* ]]; then word="'$word'"; fi
    shown+=" $word"
  done
  printf '| `%s` | %d | %s |\n' "${shown//|/\\|}" "$code" "${text//|/\\|}"
}
# A description file with the lines that follow its name.
described() {
  local name=$1
  shift
  printf '%s\n' "$@" >"$name"
  row "$name"
}

cat <<'TEXT'
# Wrong descriptions and broken files

Each is answered with the variable or axis, what was found and what was expected. Made by
`examples/wrong_descriptions.sh` of the files in `tests/data/formats`; a test holds this page at what the
program says.

## Options that do not fit

| command | code | message |
| --- | --- | --- |
TEXT
row plain.h5 --fields w
row plain.h5 --fields u,u
row plain.h5 --fields u,
row plain.h5 --fields 'u[1]'
row plain.h5 --fields 'u[x]'
row plain.h5 --fields a:b=u
row plain.h5 --fields mask,u
row plain.h5 --fields u --given zz
row plain.h5 --mask wet
row plain.h5 --mask 'mask=dry'
row plain.h5 --mask 'mask[1]'
row plain.h5 --time z
row plain.h5 --space y,z
row plain.h5 --space x,x
row plain.h5 --space y
row plain.h5 --space a,b,c,d
row plain.h5 --axes time,y,x
row plain.h5 --axes time,time,y,x
row plain.h5 --axes x,y,z,w
row plain.h5 --sample-axis member
row plain.h5 --component c
row plain.h5 --at level=0
row plain.h5 --at x=9
row plain.h5 --stride x=0
row plain.h5 --stride x=9
row plain.h5 --stride z=2
row plain.h5 --stride y=3 --boundary periodic
row plain.h5 --crop x=4:2
row plain.h5 --crop x=2:9
row plain.h5 --crop x=2
row plain.h5 --fill zero
row plain.h5 --along space
row plain.h5 --where 'eta<1'
row plain.h5 --where 'Reynolds<big'
row plain.h5 --where 'Reynolds>1000'
row plain.h5 --boundary z=open
row plain.h5 --boundary x=closed
row plain.h5 --boundary x=periodic:open
row vector.h5 --fields 'a=velocity[2]'
row well.hdf5 --fields q
row well.hdf5 --fields still
row well.hdf5 --where 'drift>0'
row NavierStokes2D_train_42_0.38.h5 --fields w
row packed.nc --time hours
row levels.nc --at level=5
row 'series_*.nc' --fields hh
cat <<'TEXT'

## Description files

| command | code | message |
| --- | --- | --- |
TEXT
described nothing.yaml 'format: hdf5'
described word.yaml 'files: plain.h5' 'feilds: u'
described nested.yaml 'files: plain.h5' 'space: [y, [x]]'
described role.yaml 'files: plain.h5' 'fields: [{name: u, role: hole}]'
described number.yaml 'files: plain.h5' 'parameters: {nu: low}'
described format.yaml 'files: plain.h5' 'format: the-well'
described absent.yaml 'files: absent.h5'
cat <<'TEXT'

## Broken files

| command | code | message |
| --- | --- | --- |
TEXT
row absent.nc
row bad_scale.nc
row text_only.nc
row cut_packed.nc
row cut_packed_classic.nc
row cut_well.hdf5
row bad_well_rank.hdf5
row bad_well_components.hdf5
row bad_well_dims.hdf5
row bad_well_scalar.hdf5
verb=(convert data)
row missing.nc --to well -o out.hdf5
row missing.nc --fill mean --crop time=0:9 --to well -o out.hdf5
row all_missing.nc --fill nearest --to well -o out.hdf5
