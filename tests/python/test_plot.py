# SPDX-License-Identifier: BSD-3-Clause
"""Plots: files with something in them, labelled axes with units, errors that name the argument."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Iterator

import numpy as np
import pytest
from conftest import Open
from matplotlib import pyplot as plt

import neurocorex as ncx
from neurocorex import plot


@pytest.fixture
def result(open_emulator: Open, ring: ncx.Network) -> Iterator[ncx.RunResult]:
    """A spike that goes round the ring."""
    emulator = open_emulator()
    emulator.load(ring)
    yield emulator.run(12, inputs=[(1, 0)], record=["spikes", "potentials"])
    plt.close("all")


def saved(axes: Any, path: Path) -> int:
    """Saves the figure; returns the number of different colours in it."""
    assert "(" in axes.get_xlabel() and "(" in axes.get_ylabel(), "axes name their units"
    axes.figure.savefig(path)
    return len(np.unique(plt.imread(path).reshape(-1, 4), axis=0))


def test_raster(result: ncx.RunResult, tmp_path: Path) -> None:
    axes = result.plot_raster()
    assert saved(axes, tmp_path / "raster.png") > 2
    drawn = axes.collections[0].get_offsets()
    assert np.array_equal(np.asarray(drawn), result.spikes)
    assert axes.get_xlim() == (-0.5, 11.5) and axes.get_ylim() == (-0.5, 3.5)
    assert saved(plot.raster(result.spikes, ticks=20), tmp_path / "array.png") > 2
    plot.raster(np.empty((0, 2), np.uint32))


def test_potentials(result: ncx.RunResult, tmp_path: Path) -> None:
    axes = result.plot_potentials(threshold=0.5)
    assert saved(axes, tmp_path / "potentials.png") > 5 and len(axes.lines) == 5
    assert np.array_equal(axes.lines[0].get_ydata(), result.potentials[:, 0])
    fired = np.asarray(axes.collections[0].get_offsets())[:, 0]
    assert np.array_equal(fired, result.spikes[result.spikes[:, 1] == 0, 0])


def test_potentials_with_a_threshold_each(result: ncx.RunResult) -> None:
    axes = result.plot_potentials(threshold=[0.5, 0.6, 0.7, 0.8])
    traces, levels = axes.lines[::2], axes.lines[1::2]
    assert [line.get_ydata()[0] for line in levels] == [0.5, 0.6, 0.7, 0.8]
    assert [line.get_color() for line in levels] == [line.get_color() for line in traces]


def test_raster_of_no_extent_is_what_was_asked_for() -> None:
    axes = plot.raster([[3, 5]], ticks=0, n_neurons=2)
    assert axes.get_xlim() == (-0.5, 0.5) and axes.get_ylim() == (-0.5, 1.5)
    axes = plot.raster([[3, 5]])
    assert axes.get_xlim() == (-0.5, 3.5) and axes.get_ylim() == (-0.5, 5.5)
    plt.close("all")


def test_weights(ring: ncx.Network, tmp_path: Path) -> None:
    axes = plot.weights(ring.projections[1])
    assert saved(axes, tmp_path / "weights.png") > 5
    assert axes.images[0].get_array().shape == (4, 4)
    figure, own = plt.subplots()
    assert plot.weights(np.zeros((2, 3)), ax=own) is own and len(figure.axes) == 2


def test_nothing_to_draw_is_no_trouble(open_emulator: Open, ring: ncx.Network) -> None:
    emulator = open_emulator()
    axons_alone = ncx.Network()
    axons_alone.axons(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plot.raster([])
        for network in (axons_alone, ring):
            emulator.load(network)
            emulator.run(0).plot_raster()
            emulator.run(2).plot_raster()
        emulator.run(0, record=["potentials"]).plot_potentials()
    plt.close("all")


def test_spikes_that_were_not_recorded_are_not_drawn_as_none(open_emulator: Open, ring: ncx.Network) -> None:
    emulator = open_emulator()
    emulator.load(ring)
    plt.close("all")
    result = emulator.run(6, inputs=[(1, 0)], record=[])
    assert result.n_spikes == 5
    with pytest.raises(ncx.InputError, match="no spikes were recorded"):
        result.plot_raster()
    assert not plt.get_fignums(), "a refused picture left an empty figure behind"


def test_errors_name_the_argument(open_emulator: Open, ring: ncx.Network) -> None:
    emulator = open_emulator()
    emulator.load(ring)
    plt.close("all")
    with pytest.raises(ncx.InputError, match="result"):
        plot.potentials(emulator.run(2))
    with pytest.raises(ncx.InputError, match="spikes"):
        plot.raster(np.zeros((3, 3)))
    with pytest.raises(ncx.InputError, match="matrix"):
        plot.weights([1.0, 2.0])
    with pytest.raises(ncx.InputError, match=r"matrix: masked values; .*\n  try: .filled\(np.nan\)"):
        plot.weights(np.ma.masked_equal(np.eye(2), 0.0))
    for spikes in ([[np.nan, 1]], [[np.inf, 1]], [[-1, 1]], [[1, -1]], [[0.5, 1]]):
        with pytest.raises(ncx.InputError, match="spikes: contains"):
            plot.raster(spikes)
    for options in ({"ticks": "a"}, {"ticks": -4}, {"ticks": 1.5}, {"n_neurons": -1}, {"n_neurons": np.inf}):
        with pytest.raises(ncx.InputError, match=f"{next(iter(options))}: "):
            plot.raster([[0, 1]], **options)  # type: ignore[arg-type]
    run = emulator.run(2, record=["potentials"])
    for threshold in ([1, 2], "high", np.nan, [1, 2, 3, np.inf], np.zeros((4, 1))):
        with pytest.raises(ncx.InputError, match="threshold: "):
            run.plot_potentials(threshold=threshold)
    assert not plt.get_fignums(), "a refused picture left an empty figure behind"
