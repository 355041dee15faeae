#!/bin/bash
# Installs the Debian packages that building mpp needs; with --tests also those of the test suite.
# Does nothing where all are there. Uses sudo where not root.
set -euo pipefail

packages=(gcc libc6-dev cmake ninja-build pkg-config libfftw3-dev libnetcdf-dev libhdf5-dev
  libopenblas-dev libyaml-dev libjansson-dev libxxhash-dev libcairo2-dev libwebp-dev fonts-dejavu-core
  libzip-dev libdeflate-dev librandom123-dev nettle-dev)
# CUnit runs the unit tests; python3-xarray and the others open our files as users would; clang is
# the second compiler; chromium opens reports; shellcheck reads the examples of scripts; strace shows
# and refuses system calls, faketime turns the clock.
test_packages=(libcunit1-dev g++ clang clang-format clang-tidy libomp-dev netcdf-bin cdo nco ncview xvfb xauth
  python3-xarray
  python3-netcdf4 python3-h5py procps chromium file shellcheck strace faketime)

case ${1:-} in
'') ;;
--tests) packages+=("${test_packages[@]}") ;;
*)
  echo "usage: $0 [--tests]" >&2
  exit 64
  ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "$0: this is no Debian system. Please install what these packages hold: ${packages[*]}" >&2
  exit 1
fi
missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
    as_root=(sudo)
  else
    echo "$0: these packages are missing, and there is no right to install them:" >&2
    echo "  ${missing[*]}" >&2
    echo "Run this as root: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
fi
echo "installing: ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 -qq)
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
