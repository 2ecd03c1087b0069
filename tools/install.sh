#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs the Debian packages of tools/packages.txt that are missing, and says which.
# usage: tools/install.sh [GROUP...]     groups: build test lint; default: all
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v dpkg-query >/dev/null; then
  echo "install: no dpkg here; please install what tools/packages.txt lists" >&2
  exit 0
fi

groups=" ${*:-build test lint} "
missing=()
while read -r group package _; do
  [[ -z "$group" || "$group" == \#* || "$groups" != *" $group "* ]] && continue
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ "$status" == installed ]] || missing+=("$package")
done <tools/packages.txt

[[ ${#missing[@]} -eq 0 ]] && exit 0

sudo=()
if [[ $EUID -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "install: missing ${missing[*]}" >&2
    echo "  try: as root, apt-get install ${missing[*]}" >&2
    exit 1
  fi
  sudo=(sudo)
fi
echo "install: missing ${missing[*]}"
apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q)
# The package lists may be too old or absent: only then is a fresh one needed.
if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; then
  "${apt[@]}" update
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
fi
