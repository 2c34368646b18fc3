#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs what is missing, builds the release preset and runs all tests, from any directory. Arguments go to ctest: tests/run.sh -R meanflow
set -euo pipefail
root=$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/build.sh"
cd "$root"
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
ctest --preset release "$@"
