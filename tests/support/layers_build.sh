#!/bin/bash
# The lower layers alone, compiled in another way, with some of their tests: layers_build.sh BUILD OUT
# COMPILER FLAGS LAYERS TESTS. Takes minutes where a whole build with such flags takes hours. BUILD is
# a configured folder, whose commands say what to include. LAYERS: "core io"; tests must need no others.
# JOBS: at a time.
set -euo pipefail
build=$1 out=$2 compiler=$3 flags=$4 layers=$5 tests=$6
mkdir -p "$out"
out=$(cd "$out" && pwd)
/usr/bin/python3 - "$build" "$out" "$compiler" "$flags" "$layers" "$tests" <<'PY' >"$out/commands"
import json, os, re, sys
build, out, compiler, flags, layers, tests = sys.argv[1:7]
wanted = {f"src/{l}/" for l in layers.split()}
programs = {f"tests/test_{t}.c" for t in tests.split()} | {"tests/support/test_main.c"}
for e in json.load(open(f"{build}/compile_commands.json")):
    source = os.path.relpath(os.path.join(e["directory"], e["file"]))
    if os.path.dirname(source) + "/" in wanted or source in programs:
        text = re.sub(r"^(\S*ccache )?\S+ ", compiler + " ", e["command"])
        text = re.sub(r" -o \S+ -c \S+$", "", text)
        text = re.sub(r" -O3 | -g1 | -Werror | -march=native ", " ", text + " ")
        text = re.sub(r" -(O3|g1|Werror|march=native)(?= )", "", text)
        name = source.replace("/", "_")[:-2]
        print(f"cd {e['directory']} && {text} {flags} -w -o {out}/{name}.o -c {os.path.abspath(source)}")
PY
xargs -P "${JOBS:-$(nproc)}" -d '\n' -I{} bash -c '{}' <"$out/commands"
libraries=$(pkg-config --libs fftw3 netcdf hdf5-serial openblas yaml-0.1 jansson libxxhash libzip libdeflate nettle cunit)
for test in $tests; do
  # shellcheck disable=SC2046,SC2086
  $compiler $flags -fopenmp "$out/tests_test_$test.o" "$out/tests_support_test_main.o" $(ls "$out"/src_*.o) \
    $libraries -lm -lpthread -o "$out/test_$test"
done
