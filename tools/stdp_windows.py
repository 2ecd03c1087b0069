#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Draws docs/images/stdp_windows.png: every ready-made STDP window, measured on the model."""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402

from neurocorex import plot, stdp  # noqa: E402

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "stdp_windows.png"
PROFILES = {
    "pair(1, 5, 0.6, 8)": stdp.pair(1.0, 5.0, 0.6, 8.0),
    "rectangular(1, 6, 0.5, 10)": stdp.rectangular(1.0, 6, 0.5, 10),
    "superneuromat([1, .5, .25, .125], [-.1] * 4)": stdp.superneuromat([1.0, 0.5, 0.25, 0.125], [-0.1] * 4),
    "kernel([.5, 1, .5, 0, -.25, -.25], [1, .5, -.25])": stdp.kernel([0.5, 1, 0.5, 0, -0.25, -0.25], [1, 0.5, -0.25]),
    "pair, modulation -1 (punished)": stdp.pair(-1.0, 5.0, -0.6, 8.0),
    "instar(2, 5, shift=2), w = 0.5": stdp.instar(2.0, 5.0, shift=2, w_min=-1.0, w_max=2.0),
}


def main() -> int:
    """Writes the picture."""
    figure, grid = plt.subplots(2, 3, figsize=(12, 6), layout="constrained", sharex=True)
    for axes, (title, profile) in zip(grid.ravel(), PROFILES.items()):
        plot.stdp_window(profile, weight=0.5 if profile.rule == "instar" else 0.0, fraction_bits=10, ax=axes)
        axes.set_title(title, fontsize=9)
    figure.savefig(TARGET, dpi=80)
    print(f"wrote {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
