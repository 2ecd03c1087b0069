# SPDX-License-Identifier: BSD-3-Clause
"""Progress bars for long runs: only where somebody watches, and only when it takes a while."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Optional

# Runs that are over sooner show no bar.
_DELAY_S = 0.5


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this; does not import IPython when it is not there already."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _bar_class() -> Any:
    # The notebook's bar needs ipywidgets; without them the plain one is right there as well.
    if _in_notebook() and importlib.util.find_spec("ipywidgets"):
        from tqdm.notebook import tqdm
    else:
        from tqdm import tqdm
    return tqdm


@contextmanager
def bar(total: int, unit: str, wanted: Optional[bool]) -> Iterator[Optional[Callable[[int], None]]]:
    """Shows a bar while the block runs; gives the function that takes how far it is.

    Parameters
    ----------
    wanted
        None: if standard error is a terminal or this is a notebook.
    """
    if wanted is None:
        wanted = _in_notebook() or bool(getattr(sys.stderr, "isatty", bool)())
    if not wanted:
        yield None
        return
    with _bar_class()(total=total, unit=unit, delay=_DELAY_S, leave=False) as shown:
        yield lambda done: shown.update(done - shown.n) and None
