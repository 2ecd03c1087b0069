# SPDX-License-Identifier: BSD-3-Clause
"""A virtual board: `ncx sim`, the hardware down to its UART pins behind a pseudo-terminal."""

from __future__ import annotations

import json
import selectors
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Iterator, Optional

from neurocorex import _core
from neurocorex.errors import PortError

READY_S = 60
STOP_S = 10


def build_folder() -> Path:
    """The build that this package's compiled part lies in."""
    return Path(_core.__file__).resolve().parents[2]


def find_ncx(given: Optional[str]) -> str:
    """The program `ncx`: as given, beside this package's build, or on PATH."""
    built = build_folder() / "bin" / "ncx"
    found = shutil.which(given) if given else str(built) if built.is_file() else shutil.which("ncx")
    if not found:
        raise PortError(f"no program {given or 'ncx'}\n  try: --ncx PATH, or set NCX")
    return found


def _first_line(stream: IO[str], seconds: float) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(seconds) else ""


@contextmanager
def virtual_board(ncx: str, config: str) -> Iterator[str]:
    """Starts one and gives the path of its serial port; it stops when the block ends."""
    with tempfile.TemporaryDirectory(prefix="ncx-board-") as folder:
        link = str(Path(folder, "port"))
        command = [ncx, "--json", "sim", "--link", link, "--config", config]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None and process.stderr is not None
            try:
                line = _first_line(process.stdout, READY_S)
                if "ready" not in (json.loads(line) if line else {}):
                    process.kill()
                    raise PortError(f"{' '.join(command)} did not start: {process.stderr.read().strip() or line}")
                yield link
            finally:
                process.terminate()
                try:
                    process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
