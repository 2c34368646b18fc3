#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes sure that what building needs is installed. Quick and silent when it is. On Debian and Ubuntu missing packages are installed;
# elsewhere they are named, and the status is 2.
set -euo pipefail

packages=(build-essential cmake libblis-openmp-dev libcmocka-dev libjansson-dev liblapacke-dev libstb-dev zlib1g-dev)

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_packages()
{
    local package
    for package in "${packages[@]}"; do
        installed "$package" || echo "$package"
    done
}

# Without dpkg, what a build needs is looked for by itself.
missing_parts()
{
    command -v cmake >/dev/null || echo "cmake"
    command -v cc >/dev/null || echo "a C compiler with OpenMP"
    local header
    for header in blis.h cmocka.h jansson.h lapacke.h zlib.h stb_image_write.h; do
        [ -n "$(find -L /usr/include /usr/local/include /opt/homebrew/include -maxdepth 4 -name "$header" -print -quit 2>/dev/null)" ] || echo "$header"
    done
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_packages() { as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2; }

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    parts=$(missing_parts)
    [ -z "$parts" ] && exit 0
    echo "missing: $(echo "$parts" | paste -sd , | sed 's/,/, /g'); please install them (BLIS built for OpenMP, cmocka, jansson, LAPACKE, zlib, stb, CMake 3.21)" >&2
    exit 2
fi

mapfile -t missing < <(missing_packages)
[ ${#missing[@]} = 0 ] && exit 0
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    echo "missing: ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
    exit 2
fi
echo "installing ${missing[*]}" >&2
install_packages "${missing[@]}" || { as_root apt-get update >&2 && install_packages "${missing[@]}"; }
