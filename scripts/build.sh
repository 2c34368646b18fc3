#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what is missing and builds the release preset, from any directory.
#   build.sh [arguments of "cmake --build"]    such as --target meanflow_mnist
set -euo pipefail
root=$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/packages.sh"
cd "$root"
cmake --preset release >&2
cmake --build --preset release --parallel "$(getconf _NPROCESSORS_ONLN)" "$@" >&2
