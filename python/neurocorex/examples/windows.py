# SPDX-License-Identifier: BSD-3-Clause
"""Draws the window of every ready-made learning rule, measured on the model: the picture in docs/learning.md.

    python -m neurocorex.examples.windows docs/images/stdp_windows.png
"""

from __future__ import annotations

import argparse
import sys
from typing import Optional, Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neurocorex import plot, stdp

# Title, profile, weight before.
WINDOWS = (
    ("pair(1, 5, 0.6, 8)", stdp.pair(1.0, 5.0, 0.6, 8.0), 0.0),
    ("pair, modulated, reward -1", stdp.pair(1.0, 5.0, 0.6, 8.0, modulated=True), 0.0),
    ("rectangular(1, 6, 0.5, 10)", stdp.rectangular(1.0, 6, 0.5, 10), 0.0),
    ("superneuromat([1, .5, .25, .125], [-.1] * 4), without aneg's drift",
     stdp.superneuromat([1.0, 0.5, 0.25, 0.125], [-0.1] * 4), 0.0),
    ("kernel([.5, 1, .5, 0, -.25, -.25], [1, .5, -.25])",
     stdp.kernel([0.5, 1.0, 0.5, 0.0, -0.25, -0.25], [1.0, 0.5, -0.25]), 0.0),
    ("instar(2, 5, shift=2) from w = 0.5", stdp.instar(2.0, 5.0, shift=2, w_min=-1.0, w_max=2.0), 0.5),
)
FRACTION_BITS = 10


def draw() -> Figure:
    """All windows on one figure."""
    figure = Figure(figsize=(12, 6), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (title, profile, weight) in zip(figure.subplots(2, 3, sharex=True).ravel(), WINDOWS):
        plot.stdp_window(profile, weight=weight, modulation=-1.0 if profile.modulated else 1.0,
                         fraction_bits=FRACTION_BITS, ax=axes)
        axes.set_title(title, fontsize=8)
    return figure


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Writes the picture."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.examples.windows", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="stdp_windows.png", help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        draw().savefig(options.file)
    except (OSError, ValueError) as error:  # a folder that is not there, a kind of picture that is none
        print(f"windows: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
