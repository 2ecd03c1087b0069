# SPDX-License-Identifier: BSD-3-Clause
"""Runs the `ncx` program that the build made: CTest passes its path in NCX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
from virtual_boards import BACKENDS, ENGINES, VirtualBoards  # noqa: E402

NCX = os.environ.get("NCX", str(Path(__file__).resolve().parents[2] / "build" / "bin" / "ncx"))
TIMEOUT_S = 300


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Ncx = Callable[..., Outcome]

# Four neurons in a ring: a spike given to axon 0 goes round, one neuron a tick.
RING = {
    "name": "ring",
    "populations": [{"name": "ring", "size": 4, "parameters": {"threshold": 0.5, "leak": "inf"}}],
    "axons": [{"name": "in", "size": 2}],
    "projections": [
        {"name": "in->ring", "pre": "in", "post": "ring", "pre_index": [0, 1], "post_index": [0, 2], "weight": 1.0},
        {"name": "around", "pre": "ring", "post": "ring", "pre_index": [0, 1, 2, 3],
         "post_index": [1, 2, 3, 0], "weight": [1.0, 1.0, 1.0, 1.0]},
    ],
}


# One axon drives a neuron that learns: pairs strengthen the synapse by 0.25, and it drifts by -1/64 a tick.
LEARNER = {
    "name": "learner",
    "populations": [{"name": "out", "size": 1, "parameters": {"threshold": 0.5, "leak": "inf"}}],
    "axons": [{"name": "in", "size": 1}],
    "profiles": [{"name": "stdp", "pre_taps": [0.25], "drift": [-0.015625], "modulated": True,
                  "w_max": 4.0, "w_min": -4.0}],
    "projections": [{"name": "learns", "pre": "in", "post": "out", "pre_index": [0], "post_index": [0], "weight": 1.0,
                     "plastic": True, "profile": "stdp"}],
}


class Chosen:
    """The backend of this session, and the board behind it."""

    def __init__(self, name: Optional[str]) -> None:
        self.name = name
        self._boards = {name: VirtualBoards(NCX, engine) for name, engine in ENGINES.items()}

    def arguments(self, name: str) -> tuple[str, ...]:
        """How `ncx` is told of it."""
        if name not in self._boards:
            return "--backend", name
        port = self._boards[name].take()
        self._boards[name].give_back(port)  # tests run one after the other, and so do their commands
        return "--port", port

    def close(self) -> None:
        for boards in self._boards.values():
            boards.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", choices=BACKENDS, help="`ncx run` and what is tested on several backends run on "
                                                         "this one (without it: model and rtl)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "on" in metafunc.fixturenames:
        name = metafunc.config.getoption("--backend")
        metafunc.parametrize("on", [name] if name else ["model", "rtl"], indirect=True)


@pytest.fixture(scope="session")
def chosen(request: pytest.FixtureRequest) -> Iterator[Chosen]:
    """What --backend says."""
    result = Chosen(request.config.getoption("--backend"))
    yield result
    result.close()


@pytest.fixture
def on(request: pytest.FixtureRequest, chosen: Chosen) -> tuple[str, ...]:
    """The arguments that choose a backend, of build `tiny` where the backend decides it."""
    return chosen.arguments(str(request.param))


@pytest.fixture
def ncx(tmp_path: Path, chosen: Chosen) -> Ncx:
    """Runs `ncx` with arguments, in the test's own folder; `run` on the session's backend unless the test names one."""

    def run(*arguments: object) -> Outcome:
        if chosen.name and arguments and arguments[0] == "run" and not {"--backend", "--port"} & set(arguments):
            arguments += chosen.arguments(chosen.name)
        result = subprocess.run([NCX, *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True,
                                timeout=TIMEOUT_S)
        return Outcome(result.returncode, result.stdout, result.stderr)

    return run


@pytest.fixture
def ring(ncx: Ncx, tmp_path: Path) -> Path:
    """The ring network, compiled for `tiny`."""
    (tmp_path / "ring.json").write_text(json.dumps(RING))
    outcome = ncx("compile", "ring.json", "--target", "tiny", "-o", "ring.ncx")
    assert outcome.code == 0, outcome.err
    return tmp_path / "ring.ncx"


@pytest.fixture
def learner(ncx: Ncx, tmp_path: Path) -> Path:
    """The learning network, compiled for `tiny`."""
    (tmp_path / "learner.json").write_text(json.dumps(LEARNER))
    outcome = ncx("compile", "learner.json", "--target", "tiny", "-o", "learner.ncx")
    assert outcome.code == 0, outcome.err
    return tmp_path / "learner.ncx"
