# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures: the backends that one test body runs on, and pictures without a screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Callable, Iterator

import matplotlib
import pytest

import neurocorex as ncx
from neurocorex import _core

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "shared"))
from virtual_boards import BACKENDS, ENGINES, VirtualBoards  # noqa: E402

matplotlib.use("Agg")

needs_rtl = pytest.mark.skipif(not _core.rtl_configurations(),
                               reason="this library was built without the simulated hardware (NCX_RTL=OFF)")
NCX = os.environ.get("NCX", str(Path(_core.__file__).resolve().parents[2] / "bin" / "ncx"))
Open = Callable[..., ncx.Emulator]


class Chosen:
    """The backends of this session, and the boards behind them."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.boards = {name: VirtualBoards(NCX, engine) for name, engine in ENGINES.items() if name in names}

    def spec(self, name: str, config: str) -> str:
        """What ncx.Emulator takes; a board is the caller's until give_back()."""
        return f"serial:{self.boards[name].take(config)}" if name in self.boards else name

    def name(self, spec: str) -> str:
        """Of a spec that spec() gave."""
        found = [name for name, boards in self.boards.items() if boards.has(spec.removeprefix("serial:"))]
        return found[0] if found else spec

    def give_back(self, spec: str) -> None:
        for boards in self.boards.values():
            boards.give_back(spec.removeprefix("serial:"))

    def close(self) -> None:
        for boards in self.boards.values():
            boards.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", action="append", choices=BACKENDS,
                     help="run what opens an emulator, and only that, on this one, which also is the default where a "
                          "test names none; repeat for several (without it: everything, on model and rtl)")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests with a `backend` run on each that was chosen."""
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", metafunc.config.getoption("--backend") or ["model", "rtl"], indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    """With --backend, what would be the same on all backends is left out."""
    if not config.getoption("--backend"):
        return
    slow = "board-rtl" in config.getoption("--backend") or "rtl" in config.getoption("--backend")
    other = [item for item in items if not {"backend", "open_emulator"} & set(item.fixturenames)
             or (slow and item.get_closest_marker("model_sized"))]
    config.hook.pytest_deselected(items=other)
    items[:] = [item for item in items if item not in other]


def pytest_configure(config: pytest.Config) -> None:
    """Names the markers."""
    config.addinivalue_line("markers", "board: representative, and runs on a board's RTL in every `make test`")
    config.addinivalue_line("markers", "model_sized: runs so many ticks that simulated hardware would take minutes")
    config.addinivalue_line("markers", "config(name): the build that `backend` is, where the backend decides it")
    config.addinivalue_line("markers", "slow: takes half a minute; leave out with -m 'not slow'")


@pytest.fixture(scope="session")
def chosen(request: pytest.FixtureRequest) -> Iterator[Chosen]:
    """What --backend says."""
    result = Chosen(request.config.getoption("--backend") or ["model", "rtl"])
    yield result
    result.close()


@pytest.fixture
def backend(request: pytest.FixtureRequest, chosen: Chosen) -> Iterator[str]:
    """A backend as ncx.Emulator takes it; with hardware only where the library was built with it."""
    if "rtl" in request.param and not _core.rtl_configurations():
        pytest.skip("this library was built without the simulated hardware (NCX_RTL=OFF)")
    marker = request.node.get_closest_marker("config")
    spec = chosen.spec(request.param, marker.args[0] if marker else "tiny")
    yield spec
    chosen.give_back(spec)


@pytest.fixture
def open_emulator(chosen: Chosen) -> Iterator[Open]:
    """Opens emulators that are closed after the test. A second one on a board's backend gets a board of its own."""
    opened: list[tuple[ncx.Emulator, str]] = []

    def open_one(backend: str = "", config: str = "tiny", **options: int) -> ncx.Emulator:
        spec, name = backend, chosen.name(backend) if backend else chosen.names[0]
        if not backend or (name in chosen.boards and (config != "tiny" or spec in (s for _, s in opened))):
            spec = chosen.spec(name, config)
        opened.append((ncx.Emulator(spec, config, **options), spec))
        return opened[-1][0]

    yield open_one
    for emulator, spec in opened:
        emulator.close()
        chosen.give_back(spec)


@pytest.fixture
def ring() -> ncx.Network:
    """Four neurons in a ring; a spike on axon 0 goes round, one neuron a tick."""
    net = ncx.Network("ring")
    source = net.axons(2, name="in")
    cells = net.population(4, threshold=0.5, leak=float("inf"), name="ring")
    net.connect(source, cells, ([0, 1], [0, 2], 1.0), name="in->ring")
    net.connect(cells, cells, ([0, 1, 2, 3], [1, 2, 3, 0], 1.0), name="around")
    return net
