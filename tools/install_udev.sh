#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs the udev rules that let users open our boards without being root, or removes them.
# usage: tools/install_udev.sh [--remove]
set -euo pipefail
cd "$(dirname "$0")/.."
name=60-neurocorex.rules
folder=${UDEV_RULES:-/etc/udev/rules.d}

if [[ $# -gt 1 || ($# -eq 1 && $1 != --remove) ]]; then
  echo "usage: tools/install_udev.sh [--remove]" >&2
  exit 2
fi
sudo=()
if [[ $EUID -ne 0 && ! -w $folder ]]; then
  if ! command -v sudo >/dev/null; then
    echo "install_udev: $folder can only be written by root" >&2
    echo "  try: as root, tools/install_udev.sh" >&2
    exit 1
  fi
  sudo=(sudo)
fi
if [[ ${1:-} == --remove ]]; then
  "${sudo[@]}" rm -f "$folder/$name"
  echo "install_udev: removed $folder/$name"
elif cmp -s "constraints/$name" "$folder/$name"; then
  echo "install_udev: $folder/$name is up to date"
  exit 0
else
  "${sudo[@]}" install -D -m 644 "constraints/$name" "$folder/$name"
  echo "install_udev: wrote $folder/$name"
fi
if command -v udevadm >/dev/null && "${sudo[@]}" udevadm control --reload-rules 2>/dev/null; then
  echo "install_udev: unplug the board and plug it in again"
else
  echo "install_udev: no udev runs here; the rules count once it does"
fi
