# SPDX-License-Identifier: BSD-3-Clause
"""The report: complete about rounding, right about capacity."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neurocorex as ncx

# Values on grids of many steps, and values on none.
DYADIC = st.builds(lambda k, e: k * 2.0**e, st.integers(-200, 200), st.integers(-12, 4))
ANY = st.floats(-50.0, 50.0, allow_nan=False)
VALUES = st.one_of(DYADIC, ANY)
EMULATORS: dict[str, ncx.Emulator] = {}


def emulator(config: str) -> ncx.Emulator:
    """One for all examples."""
    return EMULATORS.setdefault(config, ncx.Emulator("model", config))


@settings(max_examples=300, deadline=None)
@given(
    weights=st.one_of(st.lists(DYADIC, min_size=1, max_size=6), st.lists(VALUES, min_size=1, max_size=6)),
    v_init=VALUES,
    config=st.sampled_from(["tiny", "tiny8"]),
    fraction_bits=st.one_of(st.none(), st.integers(0, 8)),
)
def test_the_report_is_empty_if_and_only_if_what_is_stored_is_what_was_given(
    weights: list[float], v_init: float, config: str, fraction_bits: int | None
) -> None:
    net = ncx.Network()
    source, cell = net.axons(len(weights)), net.population(1, v_init=v_init)
    p = net.connect(source, cell, (np.arange(len(weights)), np.zeros(len(weights)), weights))
    image = net.compile(config, fraction_bits=fraction_bits)
    assert image.report is not None
    box = emulator(config)
    box.load(image)
    entries = {entry.item.rsplit(": ", 1)[1]: entry for entry in image.report.quantisation}
    stored = box.weights(p)
    differs = stored != p.weights
    assert entries["weight"].exact == (not differs.any())
    assert entries["weight"].rounded + entries["weight"].saturated == differs.sum()
    assert entries["weight"].largest_error == pytest.approx(np.abs(stored - p.weights).max())
    assert entries["v_init"].exact == (box.potentials()[0] == v_init)
    assert (image.report.inexact == ()) == (not differs.any() and box.potentials()[0] == v_init)


def test_every_parameter_that_is_rounded_is_listed() -> None:
    net = ncx.Network()
    cells = net.population(2, threshold=[1.0, 1 / 3], leak=1 / 3, leak_mode="exponential", v_reset=-1 / 3, v_rest=1 / 3,
                           v_init=[0.0, 0.1], current_decay=1 / 3, theta_plus=1 / 3, theta_decay=1 / 3, name="cells")
    net.connect(net.axons(1, rates=1 / 3, name="in"), cells, 1 / 3)
    report = net.check("tiny")
    assert {entry.item for entry in report.inexact} == {
        *(f"population cells: {name}" for name in ("threshold", "leak", "v_reset", "v_rest", "v_init",
                                                   "current_decay", "theta_plus", "theta_decay")),
        "projection in->cells: weight", "axons in: rate"}
    assert all(entry.item.split(": ")[0].split(" ", 1)[1] in str(report) for entry in report.inexact)


def test_saturated_values_are_listed_as_such() -> None:
    net = ncx.Network()
    net.connect(net.axons(1), net.population(1), 100.0)
    report = net.check("tiny", fraction_bits=20)
    if report.fits:  # then an exponent made room
        assert report.saturated == ()
    net = ncx.Network()
    net.population(1, threshold=1000.0)
    report = net.check("tiny", fraction_bits=20)
    assert [entry.item for entry in report.saturated] == ["population population0: threshold"]


def test_check_tells_by_how_much_a_network_is_too_large() -> None:
    net = ncx.Network()
    net.connect(net.axons(100), net.population(65), 1.0, connector=ncx.fixed_probability(0.9))
    report = net.check("tiny")
    assert not report.fits and report.slots is None and "DOES NOT FIT" in str(report)
    too_many = {entry.item: (entry.used, entry.available) for entry in report.capacity if not entry.fits}
    assert too_many["neurons"] == (65, 64) and too_many["axons"] == (100, 64)
    with pytest.raises(ncx.CapacityError, match="neurons"):
        net.compile("tiny")
    assert net.check("cmod_a7").fits


def test_exactly_full_fits() -> None:
    net = ncx.Network()
    net.axons(64)
    net.population(64)
    assert net.check("tiny").fits
    net.axons(1)
    assert not net.check("tiny").fits


def test_check_says_where_neurons_went_and_what_things_cost() -> None:
    net = ncx.Network()
    net.connect(net.axons(8), net.population(20), 0.5)
    report = net.check("cmod_a7")
    assert report.slots is not None and len(set(report.slots.tolist())) == 20 and report.lanes == 8
    assert np.array_equal(report.slots, net.compile("cmod_a7").slots)
    assert 0 < report.cycles_idle < report.cycles_all
    slow = net.check("cmod_a7", baud=115200)
    assert slow.load_seconds == pytest.approx(report.load_seconds * report.baud / 115200, rel=1e-6)
    assert f"{report.baud:,} baud" in str(report) and "fits" in repr(report)
    plain = json.loads(report.to_json())
    assert plain["fits"] is True and plain["slots"] == report.slots.tolist()
    assert plain["capacity"][0] == {"item": "neurons", "used": 20, "available": 1024}


def test_named_builds() -> None:
    assert {"tiny", "tiny8", "cmod_a7", "max"} <= set(ncx.targets())


def test_boards_are_targets() -> None:
    assert {"basys3", "nexys_video"} <= set(ncx.targets()) and len(set(ncx.targets())) == len(ncx.targets())
    net = ncx.Network()
    net.population(1024)
    report = net.check("basys3")
    assert report.fits and report.target == "basys3" and report.baud == 4_000_000
    assert [(c.used, c.available) for c in report.capacity if c.item == "neurons"] == [(1024, 1024)]
    assert net.compile("basys3").slots.tolist() == report.slots.tolist()  # type: ignore[union-attr]
    with pytest.raises(ncx.InputError, match="no build or board named 'basys'"):
        net.check("basys")


def test_the_smallest_board_is_recommended() -> None:
    net = ncx.Network("mine")
    net.population(1024)
    assert ncx.recommend(net) == "cmod_a7"
    net.population(1)
    assert ncx.recommend(net) == "nexys_video" and net.check(ncx.recommend(net)).fits
    net.population(20_000)
    with pytest.raises(ncx.CapacityError, match="no board holds network 'mine'; nexys_video lacks: neurons: 21025"):
        ncx.recommend(net)


def test_the_report_has_waste_balance_and_cycles_at_an_activity() -> None:
    net = ncx.Network()
    net.connect(net.axons(64), net.population(256), connector=ncx.fixed_number_post(4, seed=1), weights=1.0)
    report = net.check("cmod_a7", activity=0.1)
    assert len(report.lane_words) == 8 and sum(report.lane_words) == 256
    assert report.lane_balance == max(report.lane_words) / 32
    assert report.cycles_idle < report.cycles_active < report.cycles_all
    assert net.check("cmod_a7", activity=0).cycles_active == report.cycles_idle
    assert net.check("cmod_a7", activity=1).cycles_active == pytest.approx(report.cycles_all)
    assert "if 10 % of the sources spike" in str(report) and report.to_dict()["lane_words"] == list(report.lane_words)
    with pytest.raises(ncx.InputError, match="activity is 1.5; expected 0 to 1"):
        net.check("cmod_a7", activity=1.5)


@pytest.mark.parametrize("target", ["basys3", "nexys_video"])
def test_a_large_network_is_checked_in_a_second(target: str) -> None:
    net = ncx.Network()
    random = np.random.default_rng(1)
    sources, cells = net.axons(4000), net.population(16000)
    pairs = random.integers(0, (4000, 16000), (200_000, 2))
    net.connect(sources, cells, (pairs[:, 0], pairs[:, 1], random.random(200_000)))
    begin = time.process_time()
    report = net.check(target)
    assert time.process_time() - begin < 1.0
    assert report.fits == (target == "nexys_video")
