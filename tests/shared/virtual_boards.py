# SPDX-License-Identifier: BSD-3-Clause
"""Virtual boards for the tests: `ncx sim` processes, and which test has which."""

from __future__ import annotations

import json
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

STOP_S = 60
ENGINES = {"board-rtl": "rtl", "board-tlm": "tlm"}
BACKENDS = ("model", "rtl", *ENGINES)


@contextmanager
def virtual_board(ncx: str, link: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Serves a board at `link` until the block ends."""
    command = [ncx, "--json", "sim", "--link", str(link), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["ready"] == str(link) and link.is_symlink()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=STOP_S)
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Board:
    """One process."""

    port: Path
    config: str
    process: subprocess.Popen[str]
    taken: bool = False


class VirtualBoards:
    """Boards of one engine: started when one is needed and none is free, kept until the end, as a real one would be."""

    def __init__(self, ncx: str, engine: str) -> None:
        self.ncx, self.engine = ncx, engine
        self._folder = tempfile.TemporaryDirectory(prefix="ncx-test-")
        self._boards: list[Board] = []

    def take(self, config: str = "tiny") -> str:
        """The port of a board that nobody else has."""
        for board in self._boards:
            if board.config == config and not board.taken and board.process.poll() is None:
                board.taken = True
                return str(board.port)
        port = Path(self._folder.name, f"board{len(self._boards)}")
        command = [self.ncx, "--json", "sim", "--link", str(port), "--config", config, "--engine", self.engine]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        board = Board(port, config, process, taken=True)
        self._boards.append(board)
        assert process.stdout is not None
        assert "ready" in process.stdout.readline(), f"{command} did not start"
        return str(port)

    def has(self, port: str) -> bool:
        return any(str(board.port) == port for board in self._boards)

    def give_back(self, port: str) -> None:
        for board in self._boards:
            if str(board.port) == port:
                board.taken = False

    def close(self) -> None:
        """Stops all; an error if one has stopped by itself or will not."""
        codes = []
        for board in self._boards:
            died = board.process.poll()
            board.process.terminate()
            codes.append(board.process.wait(timeout=STOP_S) if died is None else f"died: {died}")
            assert board.process.stdout is not None
            board.process.stdout.close()
        left = [path.name for path in Path(self._folder.name).iterdir()]
        self._folder.cleanup()
        assert codes == [0] * len(codes) and not left, f"exit codes {codes}, links left behind: {left}"
