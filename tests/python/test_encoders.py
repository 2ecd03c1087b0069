# SPDX-License-Identifier: BSD-3-Clause
"""Encoders: counts, times, order, shapes."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import neurocorex as ncx
from neurocorex import encoders

ENCODERS: list[Callable[..., Any]] = [encoders.rate, encoders.latency, encoders.bernoulli]
UNIT = st.floats(0.0, 1.0)


@given(values=st.lists(UNIT, min_size=1, max_size=8), ticks=st.integers(0, 40), phase=st.sampled_from([0.0, 0.5, 0.99]))
def test_rate_gives_the_nearest_count_evenly_spaced(values: list[float], ticks: int, phase: float) -> None:
    events = encoders.rate(values, ticks, phase=phase)
    for axon, value in enumerate(values):
        times = events[events[:, 1] == axon, 0].astype(int)
        assert len(times) == np.floor(value * ticks + phase)
        if len(times) > 2:
            gaps = np.diff(times)
            assert gaps.max() - gaps.min() <= 1


def test_rate_by_hand() -> None:
    assert encoders.rate([1.0, 0.5, 0.25, 0.0], 4).tolist() == [
        [0, 0], [0, 1], [1, 0], [1, 2], [2, 0], [2, 1], [3, 0]]


def test_latency_by_hand() -> None:
    assert encoders.latency([1.0, 0.5, 0.01, 0.0], 5).tolist() == [[0, 0], [2, 1], [4, 2]]


def test_bernoulli_has_its_rate_and_seed() -> None:
    values = np.full(1000, 0.3)
    events = encoders.bernoulli(values, 50, seed=4)
    assert abs(len(events) / 50000 - 0.3) < 0.01
    assert np.array_equal(events, encoders.bernoulli(values, 50, seed=4))
    assert not np.array_equal(events, encoders.bernoulli(values, 50, seed=5))
    assert len(encoders.bernoulli([0.0], 100)) == 0 and len(encoders.bernoulli([1.0], 100)) == 100


@pytest.mark.parametrize("encoder", ENCODERS)
def test_many_samples_are_each_encoded_alike(encoder: Callable[..., Any]) -> None:
    values = np.random.default_rng(0).random((5, 7))
    events = encoder(values, 6)
    assert events.dtype == np.uint32 and events.shape[1] == 3
    assert events.tolist() == sorted(events.tolist())
    if encoder is not encoders.bernoulli:
        for sample, row in enumerate(values):
            assert np.array_equal(events[events[:, 0] == sample, 1:], encoder(row, 6))


@pytest.mark.parametrize("encoder", ENCODERS)
def test_errors_name_the_argument(encoder: Callable[..., Any]) -> None:
    for values in ([1.5], [-0.1], [np.nan], 0.5, [[[0.5]]], ["x"]):
        with pytest.raises(ncx.InputError, match="values"):
            encoder(values, 4)
    with pytest.raises(ncx.InputError, match="ticks"):
        encoder([0.5], -1)
    assert np.array_equal(encoder([0.5], 4.0), encoder([0.5], 4))


def test_phase_and_seed_are_checked() -> None:
    for phase in (1.0, -0.1, "late"):
        with pytest.raises(ncx.InputError, match="phase"):
            encoders.rate([0.5], 4, phase=phase)
    with pytest.raises(ncx.InputError, match="seed"):
        encoders.bernoulli([0.5], 4, seed=-1)


def test_the_chip_and_the_host_encode_the_same_rate() -> None:
    net = ncx.Network()
    cells = net.population(8, threshold=0.5, leak=np.inf)
    net.connect(net.axons(8, rates=0.25), cells, 1.0, connector=ncx.one_to_one())
    with ncx.Emulator("model", "tiny") as emulator:
        emulator.load(net)
        counts = emulator.run(4000).spike_counts
    assert np.all(np.abs(counts / 4000 - 0.25) < 0.03)
