# SPDX-License-Identifier: BSD-3-Clause
"""The examples of learning: MicroSeer, reward, digits without labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import Open, needs_rtl
from matplotlib import pyplot as plt

import neurocorex as ncx
from neurocorex import datasets
from neurocorex.examples import microseer, reward, windows
from neurocorex.training import unsupervised

# What SuperNeuroMAT reaches with the division that comes with the data.
RIGHT, ONE_VS_REST = 44, 0.838


def microseer_in_floats(data: datasets.Citations) -> np.ndarray:
    """Weights to the topics for each test paper, by SuperNeuroMAT's equations in double precision."""
    graph = microseer.build(data)
    size = graph.network.n_neurons
    start, learns = np.zeros((size, size)), np.zeros((size, size), bool)
    for p in graph.network.projections:
        start[p.pre.first + p.pre_index, p.post.first + p.post_index] = p.weights / microseer.UNIT
        learns[p.pre.first + p.pre_index, p.post.first + p.post_index] = p.profile is not None
    period = np.zeros(size, int)
    period[graph.papers[data.test]] = microseer.TEST_REST
    period[graph.papers[data.training]] = microseer.TRAINING_REST
    scores = []
    for paper in graph.papers[data.test]:
        w, v, rest = start.copy(), np.zeros(size), np.zeros(size, int)
        history = [np.zeros(size, bool)]
        for tick in range(microseer.TICKS):
            v += w[history[-1]].sum(axis=0)
            if tick == 0:
                v[paper] += microseer.SPIKE
            fired = (v > 1.0) & (rest == 0)
            rest = np.where(fired, period, np.maximum(rest - 1, 0))
            v[fired] = 0.0
            for lag in range(1, min(len(microseer.APOS), tick) + 1):
                pair = np.outer(history[-lag], fired)
                w += learns * np.where(pair, microseer.APOS[lag - 1], microseer.ANEG[lag - 1])
            history.append(fired)
        scores.append(w[paper, graph.topics])
    return np.array(scores)


def test_microseer_is_what_its_description_says() -> None:
    data = datasets.microseer()
    assert len(data) == 84 and data.words.shape == (84, 3703)
    assert data.topics == ("AI", "Agents", "DB", "HCI", "IR", "ML")
    assert (len(data.training), len(data.test), len(data.citations)) == (17, 67, 86)
    assert np.array_equal(np.sort(np.concatenate((data.training, data.test))), np.arange(84))
    assert np.bincount(data.labels).tolist() == [3, 20, 12, 26, 15, 8] and "84 papers" in repr(data)


def test_microseer_answers_as_superneuromat_does(capsys: pytest.CaptureFixture[str]) -> None:
    data = datasets.microseer()
    outcome = microseer.classify(microseer.build(data), data, "model", progress=False)
    wanted = microseer_in_floats(data)
    assert np.array_equal(outcome.answers, wanted.argmax(axis=1))
    assert np.count_nonzero(outcome.answers == data.labels[data.test]) == RIGHT
    assert round(microseer.one_vs_rest(outcome.scores, data.labels[data.test]), 3) == ONE_VS_REST
    # Every value is on the grid: what is left are the rounding errors of double precision.
    assert np.abs(outcome.scores - wanted).max() < 1e-12 and len(np.unique(outcome.weights)) > 10
    assert outcome.cycles / outcome.ticks < 150
    assert microseer.main(["--backends", "model"]) == 0 and f"{RIGHT} of 67" in capsys.readouterr().out


@needs_rtl
def test_microseer_gives_every_weight_alike_on_both_backends(capsys: pytest.CaptureFixture[str]) -> None:
    assert microseer.main([]) == 0
    printed = capsys.readouterr().out
    assert printed.count(f"{RIGHT} of 67 right") == 2 and "\n0 differing weights" in printed


def test_microseer_fails_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert microseer.main(["--config", "enormous"]) == 1 and "enormous" in capsys.readouterr().err


def test_reward_alone_teaches_the_right_answers_and_the_change_of_mind(capsys: pytest.CaptureFixture[str]) -> None:
    for seed in (1, 2, 3):
        session = reward.learn(seed=seed)
        half = reward.TRIALS // 2
        assert session.right[:10].mean() < 1.0, "nothing to learn"
        assert session.right[half - 40:half].mean() >= 0.95 and session.right[-40:].mean() >= 0.95
        assert session.right[half:half + 5].mean() < 0.5, "the world did not change its mind"
        # Over seeds 1 to 12 from 0.5 to 0.75.
        assert (session.weights[half - 1] - session.weights[-1])[[0, 1], [0, 1]].min() >= 0.5
    assert reward.main(["--trials", "40"]) == 0 and "right" in capsys.readouterr().out
    for wrong in (["--backend", "nothing"], ["--trials", "0"], ["--trials", "-1"], ["--seed", "-1"]):
        assert reward.main(wrong) == 1


@needs_rtl
def test_reward_is_the_same_on_the_hardware() -> None:
    model, rtl = (reward.learn(backend, trials=30) for backend in ("model", "rtl"))
    assert np.array_equal(model.answers, rtl.answers) and np.array_equal(model.weights, rtl.weights)


def test_windows_are_drawn(tmp_path: Path) -> None:
    assert windows.main([str(tmp_path / "windows.png")]) == 0
    for nowhere in ("no/where.png", "windows.txt"):
        assert windows.main([str(tmp_path / nowhere)]) == 1
    picture = plt.imread(tmp_path / "windows.png")
    assert picture.shape[:2] == (480, 960) and len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 10


def test_digits_are_learned_without_labels(open_emulator: Open) -> None:
    result = unsupervised.lesson(open_emulator("model", "cmod_a7"), unsupervised.build(), progress=False)
    assert result.accuracy >= 0.88
    assert set(result.names.tolist()) == set(range(unsupervised.CLASSES))
    # Each neuron has found something of its own.
    patterns = result.weights / np.linalg.norm(result.weights, axis=0)
    assert np.sort(patterns.T @ patterns - 2 * np.eye(len(patterns.T)), axis=1)[:, -1].mean() < 0.99


def test_the_lesson_runs_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert unsupervised.main(["--neurons", "10", "--epochs", "1"]) == 0
    assert "% of 899 test images right" in capsys.readouterr().out
    assert unsupervised.main(["--config", "enormous"]) == 1 and "enormous" in capsys.readouterr().err
    assert unsupervised.main(["--neurons", "10", "--epochs", "1", "--images", "1"]) == 0


def test_neurons_are_named_after_the_digits_that_were_shown() -> None:
    counts = np.array([[3, 0, 1], [1, 0, 0], [0, 0, 2]], np.uint32)
    assert unsupervised.name_neurons(counts, np.array([4, 4, 7], np.uint8)).tolist() == [4, -1, 7]


@pytest.mark.parametrize("option, number", [("images", 0), ("images", -3), ("images", 899), ("epochs", 0),
                                            ("neurons", 0), ("neurons", -1), ("seed", -1)])
def test_numbers_on_the_lessons_command_line_are_checked(option: str, number: int,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    assert unsupervised.main([f"--{option}", str(number)]) == 1
    assert f"{option}: {number}; expected a whole number from" in capsys.readouterr().err


@pytest.mark.slow
def test_more_neurons_learn_more(open_emulator: Open) -> None:
    def accuracy(neurons: int) -> float:
        lessons = [
            unsupervised.lesson(open_emulator("model", "cmod_a7"), unsupervised.build(neurons, seed=seed), seed=seed,
                                progress=False)
            for seed in (1, 2, 3)
        ]
        return float(np.mean([lesson.accuracy for lesson in lessons]))
    few, many = accuracy(100), accuracy(200)
    assert few >= 0.88 and many >= 0.89 and many > few


def test_without_learning_the_neurons_know_nothing(open_emulator: Open) -> None:
    training, test = datasets.digits().split()
    emulator = open_emulator("model", "cmod_a7")
    emulator.load(unsupervised.build().network)
    emulator.set_learning("instar", False)
    counts = unsupervised.show_all(emulator, training[:200])
    names = unsupervised.name_neurons(counts, training.labels[:200])
    before = np.asarray(emulator.weights(0))
    assert np.mean(unsupervised.answer(unsupervised.show_all(emulator, test[:200]), names) == test.labels[:200]) < 0.6
    assert np.array_equal(emulator.weights(0), before)


def test_names_and_answers() -> None:
    counts = np.array([[3, 0, 0], [1, 2, 0], [0, 4, 0]], np.uint32)
    counts = np.vstack((counts, np.zeros((10, 3), np.uint32)))
    assert unsupervised.name_neurons(counts, np.array([7, 7, 2, *range(10)], np.uint8)).tolist() == [7, 2, -1]
    assert unsupervised.answer(counts[:3], np.array([7, 2, -1])).tolist() == [7, 2, 2]


@needs_rtl
def test_a_stretch_of_learning_is_the_same_on_the_hardware(open_emulator: Open) -> None:
    training, _ = datasets.digits().split()
    states = []
    for backend in ("model", "rtl"):
        emulator = open_emulator(backend, "cmod_a7")
        emulator.load(unsupervised.build(20).network.compile("cmod_a7"))
        unsupervised.show_all(emulator, training[:6])
        states.append(emulator.save_state())
    assert states[0] == states[1]
    assert isinstance(states[0], ncx.State)
