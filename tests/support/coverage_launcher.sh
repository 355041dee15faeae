#!/bin/bash
# Compiles for coverage: loops over cells and matrices with optimisation, or their tests would take
# hours; all else as the command says. Launcher of the compiler: coverage_launcher.sh COMPILER ARGUMENT...
launcher=$(command -v ccache || true)
optimised=()
for argument; do
  case $argument in
  */pdes/*.c | */src/nn/*.c | */src/core/gemm*.c | */src/predict/*.c) optimised=(-O2) ;;
  esac
done
exec ${launcher:+"$launcher"} "$@" "${optimised[@]}"
