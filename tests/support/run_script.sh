#!/bin/bash
# Runs one end-to-end script in a fresh folder that is removed afterwards.
set -u
script=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/mpp-test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
bash -euo pipefail "$script"
