# SPDX-License-Identifier: BSD-3-Clause
"""Networks that the project trains itself, in plain numpy."""
