# SPDX-License-Identifier: BSD-3-Clause
"""`python -m neurocorex.demo`: handwritten digits on the emulated FPGA."""
