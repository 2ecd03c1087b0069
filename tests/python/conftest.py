# SPDX-License-Identifier: BSD-3-Clause
"""Fixtures: the backends that one test body runs on, and pictures without a screen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Iterator

import matplotlib
import pytest

import neurocorex as ncx
from neurocorex import _core

matplotlib.use("Agg")

needs_rtl = pytest.mark.skipif(not _core.rtl_configurations(),
                               reason="this library was built without the simulated hardware (NCX_RTL=OFF)")
NCX = os.environ.get("NCX", str(Path(_core.__file__).resolve().parents[2] / "bin" / "ncx"))
Open = Callable[..., ncx.Emulator]


def pytest_configure(config: pytest.Config) -> None:
    """Names the markers."""
    config.addinivalue_line("markers", "slow: takes half a minute; leave out with -m 'not slow'")


@pytest.fixture(params=["model", "rtl"])
def backend(request: pytest.FixtureRequest) -> str:
    """Name of a backend; "rtl" only where the library was built with it."""
    if request.param == "rtl" and not _core.rtl_configurations():
        pytest.skip("this library was built without the simulated hardware (NCX_RTL=OFF)")
    return str(request.param)


@pytest.fixture
def open_emulator() -> Iterator[Open]:
    """Opens emulators that are closed after the test."""
    opened: list[ncx.Emulator] = []

    def open_one(backend: str = "model", config: str = "tiny", **options: int) -> ncx.Emulator:
        opened.append(ncx.Emulator(backend, config, **options))
        return opened[-1]

    yield open_one
    for emulator in opened:
        emulator.close()


@pytest.fixture
def ring() -> ncx.Network:
    """Four neurons in a ring; a spike on axon 0 goes round, one neuron a tick."""
    net = ncx.Network("ring")
    source = net.axons(2, name="in")
    cells = net.population(4, threshold=0.5, leak=float("inf"), name="ring")
    net.connect(source, cells, ([0, 1], [0, 2], 1.0), name="in->ring")
    net.connect(cells, cells, ([0, 1, 2, 3], [1, 2, 3, 0], 1.0), name="around")
    return net
