#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs a command with its output in a log file, which is shown when the command fails.
# usage: tools/quietly.sh LOG COMMAND...
log=$1
shift
"$@" >"$log" 2>&1 && exit 0
code=$?
cat "$log" >&2
exit $code
