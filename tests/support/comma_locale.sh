#!/bin/bash
# comma_locale.sh FOLDER - compiles the locale "comma", whose decimal point is a comma, into FOLDER
# (LOCPATH), from two small definitions, since none need be installed. localedef is of libc-bin; it
# warns about all else that they leave out.
set -euo pipefail
mkdir -p "$1"
cd "$1"
printf 'LC_NUMERIC\ndecimal_point ","\nthousands_sep ""\ngrouping -1\nEND LC_NUMERIC\n' >definition
printf '<code_set_name> ANSI_X3.4-1968\n<mb_cur_min> 1\n<mb_cur_max> 1\nCHARMAP\n<U002C> /x2c COMMA\nEND CHARMAP\n' >charmap
localedef --no-archive -c -i definition -f charmap ./comma >log 2>&1 || true
if [[ ! -f comma/LC_NUMERIC ]]; then
  cat log >&2
  exit 1
fi
