#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Runs build.tcl in Vivado for one board; Vivado's own output goes to OUT/vivado.log.
# usage: build.sh BOARD [OUT]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
board=${1:-}
out=${2:-build/bitstream/$board}

known=$(sed -n 's/^dict set boards \([a-z0-9_]*\) .*/\1/p' "$here/boards.tcl")
if ! grep -qxF -- "$board" <<<"$known"; then
  echo "error: there is no board '$board'" >&2
  echo "  try: make bitstream BOARD=${known//$'\n'/ or BOARD=}" >&2
  exit 2
fi
if ! command -v vivado >/dev/null; then
  echo "error: vivado is not on PATH; it is the only tool that we have scripts for to make a bitstream" >&2
  echo "  try: install AMD Vivado ML Standard (free for these parts) with Artix-7 devices, then" \
    "source INSTALL_FOLDER/settings64.sh; docs/boards.md has more" >&2
  exit 2
fi
# INFO tells which commit a board runs; 28 bits fit the parameter.
number=0
if hash=$(git -C "$root" rev-parse --short=7 HEAD 2>/dev/null); then number=$((16#${hash:0:7})); fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
echo "bitstream: $board with $(command -v vivado), log in $out/vivado.log"
cd "$out"
set +e
vivado -mode batch -nojournal -notrace -log "$out/vivado.log" -source "$here/build.tcl" \
  -tclargs "$board" "$out" "$number" 2>&1 |
  grep --line-buffered -E '^(bitstream|error:|ERROR|CRITICAL WARNING|  try:)'
code=${PIPESTATUS[0]}
set -e
if [[ $code -ne 0 ]]; then
  [[ -f "$out/summary.json" ]] || echo "error: vivado ended with exit code $code" >&2
  echo "  try: the end of $out/vivado.log" >&2
fi
exit "$code"
