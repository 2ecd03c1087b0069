#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Lists our own sources of a kind (cpp, py, sv), one a line, without generated ones that have a style of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
  cpp) find host sim tests python/bindings \( -name '*.cpp' -o -name '*.hpp' \) ! -name map.hpp ;;
  py) find python tools tests -name '*.py' ! -name _map.py ;;
  sv) find rtl -name '*.sv' ;;
  *) echo "usage: tools/sources.sh cpp|py|sv" >&2; exit 2 ;;
esac | sort
