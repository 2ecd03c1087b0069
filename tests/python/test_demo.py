# SPDX-License-Identifier: BSD-3-Clause
"""The demo: its results, its pictures, and that it fails when it should. The virtual board from Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import NCX, Open, needs_rtl
from matplotlib import pyplot as plt

import neurocorex as ncx
from neurocorex.demo import __main__ as demo
from neurocorex.demo import board, learning


@needs_rtl
def test_demo_succeeds_without_a_screen(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "MPLBACKEND")}
    command = [sys.executable, "-m", "neurocorex.demo", "--out", str(tmp_path), "--ncx", NCX, "--board-images", "3"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "digits.json").read_text(encoding="utf-8"))
    assert found["accuracy"] == found["accuracy_rtl"] >= 0.94 and found["test_images"] == 899
    assert found["differing_spikes"] == found["differing_potentials"] == found["differing_cycles"] == 0
    assert found["virtual_board_images"] == 3
    cycles_an_image = found["cycles_per_tick_mean"] * found["ticks_per_image"]
    assert found["images_per_second_at_100MHz"] == pytest.approx(1e8 / cycles_an_image)
    assert found["learned_accuracy"] == found["learned_accuracy_rtl"] >= 0.88
    assert found["learned_differing_weights"] == found["learned_differing_states"] == 0
    assert found["learned_differing_counts"] == 0 and found["learned_test_images_rtl"] == 899
    assert found["learned_images_rtl"] >= 80 and f"{found['learned_accuracy']:.2%}" in done.stdout
    for name in ("raster.png", "answers.png", "confusion.png", "learned.png", "learned_confusion.png"):
        assert len(np.unique(plt.imread(tmp_path / name).reshape(-1, 4), axis=0)) > 10, name
    assert f"{found['accuracy']:.2%}" in done.stdout


def trials() -> list[demo.Trial]:
    net = ncx.Network()
    net.connect(net.axons(1), net.population(1, threshold=0.5, name="output"), 1.0)
    with ncx.Emulator("model", "tiny") as emulator:
        emulator.load(net)
        result = emulator.run_samples([[0, 0, 0], [1, 1, 0]], 3)
    answers = np.zeros(2, int)
    return [demo.Trial(name, result, answers, 1.0, 0.1, 10) for name in ("model", "rtl")]


def test_demo_counts_each_difference() -> None:
    good = trials()
    assert demo.problems(demo.summary(good, "tiny")) == []
    result = good[1].result
    spikes = result.spikes.copy()
    spikes[0, 1] += 1
    cases: list[tuple[str, dict[str, Any]]] = [
        ("2 differing spikes", {"spikes": spikes}), ("1 differing spikes", {"spikes": result.spikes[1:]}),
        ("1 differing cycles", {"cycles": result.cycles + np.array([0, 1], np.uint64)})]
    for problem, change in cases:
        bad = replace(good[1], result=replace(result, **change))
        assert demo.problems(demo.summary([good[0], bad], "tiny")) == [f"{problem} between the backends"]
    poor = [replace(trial, right=0.9399) for trial in good]
    assert len(demo.problems(demo.summary(poor, "tiny"))) == 1


@needs_rtl
def test_demo_exits_with_1_when_it_misses_its_goal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo, "GOAL", 0.9999)
    assert demo.main(["--out", str(tmp_path), "--board-images", "0", "--skip-learning"]) == 1
    assert "FAILED: accuracy" in capsys.readouterr().err


def test_demo_counts_each_difference_in_what_was_learned() -> None:
    good = {"learned_differing_states": 0, "learned_differing_weights": 0, "learned_differing_counts": 0,
            "learned_accuracy": 0.9}
    assert learning.problems(good) == []
    for change, words in (({"learned_differing_weights": 3}, "3 learned differing weights"),
                          ({"learned_differing_states": 1}, "1 learned differing states"),
                          ({"learned_differing_counts": 2}, "2 learned differing counts"),
                          ({"learned_accuracy": 0.8799}, "87.99% is below 88%")):
        problems = learning.problems({**good, **change})
        assert len(problems) == 1 and words in problems[0]


def test_what_was_learned_is_compared_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model in the hardware's place agrees; a wrong start is found."""
    training, test = (half[:12] for half in ncx.datasets.digits().split())
    for name in ("FIRST_IMAGES", "LAST_IMAGES"):
        monkeypatch.setattr(learning, name, 4)
    monkeypatch.setattr(learning.unsupervised, "EPOCHS", 2)
    lesson = learning.teach("cmod_a7", training, test)
    same = learning.compare(lesson, "cmod_a7", training, test, backend="model")
    assert (same.differing_states, same.differing_weights, same.differing_counts) == (0, 0, 0)
    assert same.accuracy == lesson.accuracy and same.test_images == 12 and same.cycles_per_tick > 20
    other = replace(lesson, last=lesson.before_last, counts=lesson.counts + 1)
    different = learning.compare(other, "cmod_a7", training, test, backend="model")
    assert different.differing_states == 1 and different.differing_weights > 0
    assert different.differing_counts == lesson.counts.size


def test_demo_exits_with_1_for_a_build_that_does_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--config", "enormous", "--out", str(tmp_path)]) == 1
    assert "enormous" in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", ["-1", "900"])
def test_demo_knows_how_many_images_there_are(number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--skip-learning", "--board-images", number, "--out", str(tmp_path)]) == 1
    assert f"--board-images: {number}; expected a whole number from 0 to 899" in capsys.readouterr().err


@needs_rtl
def test_demo_needs_its_folder_before_it_begins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                                capsys: pytest.CaptureFixture[str]) -> None:
    def classify(*_: Any, **__: Any) -> None:
        raise AssertionError("it works for results that have no place")

    monkeypatch.setattr(demo, "classify", classify)
    (tmp_path / "taken").write_text("")
    assert demo.main(["--out", str(tmp_path / "taken"), "--skip-learning"]) == 1
    assert "demo: " in (said := capsys.readouterr().err) and "taken" in said


def test_the_virtual_board_is_the_same_emulator(open_emulator: Open, ring: ncx.Network) -> None:
    with board.virtual_board(board.find_ncx(NCX), "tiny") as port:
        with ncx.Emulator(f"serial:{port}") as emulator:
            assert emulator.geometry.name == "tiny"
            image = emulator.load(ring)
            found = emulator.run(6, inputs=[(1, 0)], probes=[0, 1])
            statistics = emulator.link_statistics
            assert statistics is not None and statistics["bytes_sent"] > 0 and statistics["damaged"] == 0
        with ncx.Emulator(f"serial:{port}") as emulator:
            emulator.attach(image)
            assert emulator.tick == 6 and emulator.weights("around").tolist() == [1.0] * 4
    model = open_emulator()
    model.load(ring)
    expected = model.run(6, inputs=[(1, 0)], probes=[0, 1])
    assert np.array_equal(found.spikes, expected.spikes) and found.cycles == expected.cycles
    assert np.array_equal(found.potentials_raw, expected.potentials_raw)


def test_a_board_that_does_not_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ncx.PortError, match="no program"):
        board.find_ncx(str(tmp_path / "absent"))
    with pytest.raises(ncx.PortError, match="did not start"):
        with board.virtual_board("/bin/false", "tiny"):
            pytest.fail("started")
