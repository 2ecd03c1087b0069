# SPDX-License-Identifier: BSD-3-Clause
"""Examples that run from the command line: `python -m neurocorex.examples.microseer`."""
