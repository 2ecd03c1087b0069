# SPDX-License-Identifier: BSD-3-Clause
"""The digit classifier: the shipped weights, the script that makes them, and the network they make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import Open

from neurocorex import datasets
from neurocorex.training import digits

GOAL = 0.94


def accuracy(weights: digits.Weights, images: datasets.Images) -> float:
    return float(np.mean(digits.classify_reference(weights, images) == images.labels))


def test_shipped_weights_reach_the_goal() -> None:
    _, test = datasets.digits().split()
    assert accuracy(digits.Weights.load(), test) >= GOAL


def test_the_emulator_answers_as_the_reference(open_emulator: Open) -> None:
    _, test = datasets.digits().split()
    weights = digits.Weights.load()
    parts = digits.build(weights)
    emulator = open_emulator("model", "cmod_a7")
    image = emulator.load(parts.network)
    assert image.report is not None and image.report.inexact == ()
    result = emulator.run_samples(digits.encode(test), digits.TICKS, n_samples=len(test), probes=parts.output)
    answers = digits.decide(result.counts_of(parts.output), result.potentials[:, -1])
    assert np.array_equal(answers, digits.classify_reference(weights, test))


def test_training_is_repeatable_and_makes_such_weights() -> None:
    training, test = datasets.digits().split()
    seen: list[int] = []
    short = digits.train(training, epochs=60, progress=seen.append)
    again = digits.train(training, epochs=60)
    assert seen == list(range(1, 61))
    assert np.array_equal(short.hidden, again.hidden) and np.array_equal(short.output, again.output)
    assert accuracy(short, test) > 0.85


@pytest.mark.slow
def test_the_script_makes_weights_as_good_as_those_shipped() -> None:
    training, test = datasets.digits().split()
    shipped, anew = digits.Weights.load(), digits.train(training)
    assert abs(accuracy(anew, test) - accuracy(shipped, test)) < 0.02
    # Where another BLAS rounds differently the paths part; where it does not, they are the same.
    assert anew.hidden.shape == shipped.hidden.shape and anew.output.shape == shipped.output.shape


def test_weights_survive_a_file(tmp_path: Path) -> None:
    shipped = digits.Weights.load()
    shipped.save(tmp_path / "weights.npz")
    again = digits.Weights.load(tmp_path / "weights.npz")
    assert np.array_equal(again.hidden, shipped.hidden) and np.array_equal(again.output, shipped.output)


def test_a_file_that_cannot_be_written_is_refused_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert digits.main([str(tmp_path / "absent" / "weights.npz")]) == 1
    found = capsys.readouterr()
    assert "weights: there is no folder" in found.err and not found.out


def test_decide_takes_the_most_spikes_then_the_larger_potential() -> None:
    counts = np.array([[1, 3, 2], [2, 2, 1], [0, 0, 0]], np.uint32)
    potentials = np.array([[9.0, 0.0, 0.0], [0.1, 0.2, 9.0], [-3.0, -2.0, -1.0]])
    assert digits.decide(counts, potentials).tolist() == [1, 1, 2]


def test_distortions_keep_images_recognisable() -> None:
    images = datasets.digits().images[:100].astype(np.float32)
    distorted = digits.distort(images, np.random.default_rng(0))
    assert distorted.shape == images.shape and distorted.min() >= 0 and distorted.max() <= 16
    alike = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(images, distorted)]
    assert np.mean(alike) > 0.8 and not np.array_equal(images, distorted)
