#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every check that runs nothing: generated files, RTL lint, formats, static analysis. All are run; the
# exit code says whether all passed.
set -uo pipefail
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
PYTHON=${PYTHON:-/usr/bin/python3}
JOBS=${JOBS:-$(nproc)}
failed=()

check() {
  local name=$1
  shift
  local start=$SECONDS
  if "$@"; then
    echo "lint: $name ok ($((SECONDS - start)) s)"
  else
    echo "lint: $name FAILED ($((SECONDS - start)) s)"
    failed+=("$name")
  fi
}

rtl() {
  local parameters top
  mapfile -t parameters < <("$PYTHON" tools/config_params.py "$1" --format verilator)
  for top in ncx_device ncx_top; do
    verilator --lint-only -Wall --assert --no-timing -DNCX_SVA "${parameters[@]}" --top-module "$top" \
      -y rtl/core -y rtl/lib -y rtl/link -y rtl rtl/lint.vlt rtl/ncx_pkg.sv "rtl/$top.sv" || return 1
  done
}

# Tops with the parameters of their builds, and plain models of the vendor's primitives.
boards() {
  local top
  for top in rtl/boards/*.sv; do
    top=$(basename "$top" .sv)
    [[ $top == ncx_board || $top == ncx_clocking ]] && continue
    verilator --lint-only -Wall --assert --no-timing -DNCX_SVA --top-module "$top" -y rtl/boards -y sim/xilinx \
      -y rtl/core -y rtl/lib -y rtl/link -y rtl rtl/lint.vlt rtl/ncx_pkg.sv "rtl/boards/$top.sv" || return 1
  done
}

format() { tools/sources.sh cpp | xargs clang-format --dry-run -Werror; }

# All that the build compiles; the tests are left to the compiler's own warnings.
tidy() {
  tools/sources.sh cpp | grep -E '^(host|sim|python).*\.cpp$' | grep -vxF sim/rtl_absent.cpp |
    xargs -P "$JOBS" -n 1 clang-tidy --quiet -p "$BUILD" \
      2> >(grep -vE 'warnings? generated|^Suppressed' >&2)
}

python_lint() { tools/sources.sh py | xargs "$PYTHON" -m flake8; }
types() { "$PYTHON" -m mypy tools/*.py && "$PYTHON" -m mypy python/neurocorex; }

check "generated files" "$PYTHON" tools/generate_map.py --check
check "generated boards" "$PYTHON" tools/generate_boards.py --check
check "verilator tiny" rtl tiny
check "verilator cmod_a7" rtl cmod_a7
check "verilator boards" boards
check "clang-format" format
check "flake8" python_lint
check "mypy" types
check "clang-tidy" tidy

if [[ ${#failed[@]} -ne 0 ]]; then
  echo "lint: failed: ${failed[*]}"
  exit 1
fi
echo "lint: all passed"
