# SPDX-License-Identifier: BSD-3-Clause
"""Learning from the command line: states that go on elsewhere, modulation, and weights as they have become."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Ncx

DRIFT = 1 / 64  # a tick, after the first
PAIR = 0.25


def weight(ncx: Ncx, image: Path, *arguments: object) -> float:
    """The one weight of the learner."""
    outcome = ncx("weights", image, "--json", *arguments)
    assert outcome.code == 0, outcome.err
    return float(outcome.json["steps"][0] * outcome.json["step"])


def spikes(path: Path) -> list[tuple[int, int]]:
    lines = path.read_text().splitlines()[1:]
    return [(int(tick), int(neuron)) for tick, neuron in (line.split(",") for line in lines)]


def test_a_run_shows_what_it_has_learned(ncx: Ncx, learner: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("3,0\n7,0\n")
    outcome = ncx("run", learner, "--ticks", 10, "--inputs", "in.csv", "--save-state", "a.state", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.json["spikes"] == 2 and outcome.json["state"] == "a.state"
    assert weight(ncx, learner, "--load-state", "a.state") == 1.0 + 2 * PAIR - 9 * DRIFT
    assert weight(ncx, learner) == 1.0


def test_a_run_in_two_parts_is_the_whole_run(ncx: Ncx, learner: Path, tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text("3,0\n7,0\n8,0\n15,0\n")
    (tmp_path / "first.csv").write_text("3,0\n7,0\n")
    (tmp_path / "second.csv").write_text("0,0\n7,0\n")
    for arguments in (
        ("--ticks", 20, "--inputs", "all.csv", "--record", "all.out", "--save-state", "all.state"),
        ("--ticks", 8, "--inputs", "first.csv", "--record", "first.out", "--save-state", "middle.state"),
        ("--ticks", 12, "--inputs", "second.csv", "--record", "second.out", "--load-state", "middle.state",
         "--save-state", "end.state"),
    ):
        assert ncx("run", learner, *arguments).code == 0
    joined = spikes(tmp_path / "first.out") + [(tick + 8, n) for tick, n in spikes(tmp_path / "second.out")]
    assert joined == spikes(tmp_path / "all.out") and len(joined) == 4
    assert (tmp_path / "end.state").read_bytes() == (tmp_path / "all.state").read_bytes()


def test_modulation_and_no_learning(ncx: Ncx, learner: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("3,0\n")
    for name, arguments, change in (("half", ("--modulation", 0.5), 0.5), ("none", ("--modulation", 0), 0.0),
                                    ("minus", ("--modulation", "-1"), -1.0), ("off", ("--no-learning",), 0.0)):
        state = f"{name}.state"
        outcome = ncx("run", learner, "--ticks", 5, "--inputs", "in.csv", "--save-state", state, *arguments)
        assert outcome.code == 0, outcome.err
        # An effective weight is whole steps, rounded down.
        step = ncx("weights", learner, "--json").json["step"]
        expected = 1.0 + change * (PAIR - 4 * DRIFT)
        assert expected - step <= weight(ncx, learner, "--load-state", state) <= expected + step


@pytest.mark.parametrize("factor", ["2", "-2.1", "nan", "1e30", "much"])
def test_a_modulation_out_of_range_is_refused(ncx: Ncx, learner: Path, tmp_path: Path, factor: str) -> None:
    outcome = ncx("run", learner, "--ticks", 1, "--modulation", factor, "--save-state", "a.state")
    assert outcome.code == 2 and "modulation" in outcome.err and "try:" in outcome.err
    assert not (tmp_path / "a.state").exists()


def test_a_state_of_another_network_is_refused(ncx: Ncx, learner: Path, ring: Path, tmp_path: Path) -> None:
    assert ncx("run", ring, "--ticks", 3, "--save-state", "ring.state").code == 0
    outcome = ncx("run", learner, "--ticks", 3, "--load-state", "ring.state", "--record", "out.csv")
    assert outcome.code == 2 and "image" in outcome.err and "try:" in outcome.err
    assert not (tmp_path / "out.csv").exists()


def test_a_damaged_or_missing_state_is_named(ncx: Ncx, learner: Path, tmp_path: Path) -> None:
    assert ncx("run", learner, "--ticks", 3, "--save-state", "a.state").code == 0
    path = tmp_path / "a.state"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    for name in ("a.state", "none.state", "learner.ncx"):
        outcome = ncx("run", learner, "--ticks", 1, "--load-state", name)
        assert outcome.code == 2 and name in outcome.err, name
    assert ncx("run", learner, "--ticks", 1, "--save-state", "no/such/folder").code == 2
    assert not list(tmp_path.glob("*.tmp"))


def test_info_names_the_profiles_of_an_image(ncx: Ncx, learner: Path, ring: Path) -> None:
    profile = ncx("info", learner, "--json").json["profiles"]
    assert [(p["name"], p["enabled"], p["w_max"]) for p in profile] == [("stdp", True, 4.0)]
    assert "stdp" in ncx("info", learner).out
    assert ncx("info", ring, "--json").json["profiles"] == []


def test_a_board_is_not_overwritten_to_show_a_state(ncx: Ncx, learner: Path) -> None:
    outcome = ncx("weights", learner, "--load-state", "x.state", "--port", "/dev/no-such-port")
    assert outcome.code == 2 and "overwrite" in outcome.err
