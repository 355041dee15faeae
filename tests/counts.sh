#!/bin/bash
# What the suite samples, in larger numbers: tests/counts.sh [STEP...], all steps by default, hours on
# two cores. A step is a test of the suite with its counts set; what it tried is printed, with the
# seconds it took. Needs a build (BUILD=build) with the tests that it names. MPP: the program.
#   moments   signals at random moments of every command            MOMENTS (10 of each kind)
#   calls     killed and refused at single system calls             STRIDE (4: every fourth), FIRST, SKIP
#   together  runs on one folder, threads, kernels, cores           TOGETHER (8)
#   traced    files that commands open and change, all corpora
#   address   limits of address space                               SWEEP (50 25 1025)
#   allocations  paths of calls to an allocation that fails         STRIDE (10; 1: all, hours), ONLY
#   flips     bits of HDF5 and netCDF files                         MPP_FLIPS (10000 a file)
#   cuts      lengths of HDF5 and netCDF-4 files                    MPP_CUTS (0: all)
set -euo pipefail
cd "$(dirname "$0")/.."
build=$PWD/${BUILD:-build}
export MPP=${MPP:-$build/mpp} MPP_SOURCE=$PWD MPP_DATA=$PWD/tests/data MPP_LOCALES=$build/tests/locales
[[ $# -gt 0 ]] || set -- moments calls together traced address allocations flips cuts

script() { bash tests/support/run_script.sh "$PWD/tests/cli/test_$1.sh"; }
unit() { (cd "$build/tests" && "./test_$1" | grep -E '^ +(tests|asserts)'); }

moments() { MOMENTS=${MOMENTS:-10} script surroundings; }
calls() { STRIDE=${STRIDE:-4} script system_calls; }
together() {
  TOGETHER=${TOGETHER:-8} CORES='Haswell SkylakeX' THREADS='1 2 3 4 8' PLACES='0' script extremes
}
traced() { EVERY=1 script traced; }
address() { SWEEP=${SWEEP:-50 25 1025} script address_space; }
allocations() { STRIDE=${STRIDE:-10} script allocations; }
flips() { MPP_FLIPS=${MPP_FLIPS:-10000} unit array_file; }
cuts() { MPP_CUTS=${MPP_CUTS:-0} unit look; }

failed=0
for step; do
  begin=$SECONDS
  echo "== $step"
  "$step" || { echo "$step FAILED" && failed=1; }
  echo "$step: $((SECONDS - begin)) s"
done
exit $failed
