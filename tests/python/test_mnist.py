# SPDX-License-Identifier: BSD-3-Clause
"""MNIST: its files, the trained classifier, and learning without labels; on made-up images, and on MNIST itself.

NCX_MNIST names the folder of MNIST's four files, which the project does not ship; tests that need it are skipped
without.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import struct
from pathlib import Path
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import pytest

import neurocorex as ncx
from neurocorex import _core, datasets
from neurocorex.datasets import Images
from neurocorex.examples import mnist as example
from neurocorex.training import digits, mnist, unsupervised

FOLDER = os.environ.get("NCX_MNIST", "")
needs_mnist = pytest.mark.skipif(not FOLDER, reason="NCX_MNIST does not name the folder of MNIST's files")
SIDE = 5
# The rise goes with the potentials, and these images have few pixels.
TINY_COURSE = dataclasses.replace(unsupervised.MNIST, pixels=SIDE * SIDE, neurons=20, config="tiny", many=20,
                                  theta_plus=(0.25, 0.25))


def needs_build(config: str) -> Any:
    return pytest.mark.skipif(config not in _core.rtl_configurations(),
                              reason=f"this library was built without the simulated build {config}")


# --- the files ------------------------------------------------------------------------------------


def idx(array: npt.NDArray[np.uint8]) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def made_up(count: int, seed: int = 0) -> Images:
    """Noisy copies of ten random patterns, small enough for the test builds."""
    rng = np.random.default_rng(seed)
    patterns = np.random.default_rng(99).random((10, SIDE, SIDE)) < 0.4
    labels = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    grey = np.where(patterns[labels], 200.0, 20.0) + rng.normal(0.0, 40.0, (count, SIDE, SIDE))
    return Images(np.clip(grey, 0, 255).astype(np.uint8), labels, 255)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four small idx files, two of them packed."""
    for prefix, images in (("train", made_up(300)), ("t10k", made_up(60, 1))):
        (tmp_path / f"{prefix}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images.images)))
        (tmp_path / f"{prefix}-labels-idx1-ubyte").write_bytes(idx(images.labels))
    return tmp_path


def test_files_are_read_packed_or_not(folder: Path) -> None:
    for _ in range(2):
        training, test = datasets.mnist(str(folder))
        assert training.images.shape == (300, SIDE, SIDE) and len(test) == 60 and test.levels == 255
        assert np.array_equal(test.images, made_up(60, 1).images) and np.array_equal(test.labels, made_up(60, 1).labels)
        assert training.images.dtype == training.labels.dtype == np.uint8
        # Once more, the other way round, and one under the name with a dot.
        packed, plain = folder / "t10k-images-idx3-ubyte.gz", folder / "train-labels-idx1-ubyte"
        if packed.exists():
            (folder / "t10k-images.idx3-ubyte").write_bytes(gzip.decompress(packed.read_bytes()))
            (folder / (plain.name + ".gz")).write_bytes(gzip.compress(plain.read_bytes()))
            packed.unlink()
            plain.unlink()


LABELS = "train-labels-idx1-ubyte"
GOOD = idx(np.zeros(300, np.uint8))


@pytest.mark.parametrize("name, data, field, found", [
    (LABELS, b"", "header", "0 bytes; expected at least 8"),
    (LABELS, GOOD[:7], "header", "7 bytes; expected at least 8"),
    (LABELS, b"\1" + GOOD[1:], "magic number", "0x01000801; expected 0x00000801"),
    (LABELS, idx(np.zeros((300, 1, 1), np.uint8)), "magic number", "0x00000803; expected 0x00000801"),
    (LABELS, GOOD[:-1], "data", "299 bytes; expected 300"),
    (LABELS, GOOD + b"x", "data", "301 bytes; expected 300"),
    (LABELS, idx(np.zeros(0, np.uint8)), "sizes", "0; expected none of them 0"),
    (LABELS, idx(np.zeros(299, np.uint8)), "sizes", "299 labels; expected 300"),
    (LABELS, idx(np.full(300, 10, np.uint8)), "label 0", "10; expected a digit"),
    (LABELS, gzip.compress(GOOD)[:-9], "gzip", "expected a whole packed file"),
    (LABELS, b"\x1f\x8b" + GOOD, "gzip", "expected a whole packed file"),
    ("t10k-images-idx3-ubyte.gz", gzip.compress(idx(np.zeros((60, 4, 5), np.uint8))), "sizes",
     "4 x 5 pixels; expected 5 x 5"),
    ("t10k-images-idx3-ubyte.gz", gzip.compress(idx(np.zeros((60, 5, 5), np.uint8))[:-25]), "data",
     "1,475 bytes; expected 1,500, as its header says (60 x 5 x 5)"),
    (LABELS, None, "", f"has no {LABELS}; expected that file or {LABELS}.gz"),
], ids=lambda value: "" if isinstance(value, (bytes, type(None))) else value)
def test_bad_files_are_refused_by_name(folder: Path, name: str, data: Optional[bytes], field: str, found: str) -> None:
    if data is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data)
    with pytest.raises(ncx.InputError) as caught:
        datasets.mnist(folder)
    said = str(caught.value)
    assert said.startswith("folder: ") and "\n  try: " in said
    assert found in said and field in said and (name if name == LABELS else str(folder)) in said


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ncx.InputError, match="absent is no folder"):
        datasets.mnist(tmp_path / "absent")
    (tmp_path / LABELS).mkdir()
    with pytest.raises(ncx.InputError, match="has no train-images"):
        datasets.mnist(tmp_path)


# --- the whole path, on made-up images --------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny() -> mnist.Weights:
    return mnist.train(made_up(300), hidden=16, epochs=20, batch=20, distorted=False)


def test_training_makes_a_classifier_of_8_bit_weights(tiny: mnist.Weights) -> None:
    again = mnist.train(made_up(300), hidden=16, epochs=20, batch=20, distorted=False)
    for name in ("hidden", "output", "hidden_bias", "output_bias"):
        assert np.array_equal(getattr(tiny, name), getattr(again, name)) and np.abs(getattr(tiny, name)).max() <= 127
    test = made_up(200, 2)
    assert np.mean(mnist.reference(tiny, test)[1] == test.labels) > 0.9


def test_the_model_does_what_the_reference_says(tiny: mnist.Weights) -> None:
    test = made_up(100, 3)
    parts = mnist.build(tiny)
    report = parts.network.check("tiny8")
    assert report.fits and report.inexact == ()
    trial = example.classify(tiny, test, "model", "tiny8")
    counts, answers = mnist.reference(tiny, test)
    assert np.array_equal(trial.result.counts_of(parts.hidden), counts)
    assert counts.min() == 0 and counts.max() == mnist.COUNTS, "all levels are seen"
    assert np.array_equal(trial.answers, answers)
    # One spike says the answer, in the last tick.
    outputs = trial.result.spikes[trial.result.spikes[:, 2] >= parts.output.first]
    assert np.array_equal(outputs[:, 0], np.arange(100)) and set(outputs[:, 1].tolist()) == {mnist.TICKS - 1}


@needs_build("tiny8")
def test_the_hardware_classifies_as_the_model(tiny: mnist.Weights) -> None:
    test = made_up(60, 1)
    model, rtl = (example.classify(tiny, test, backend, "tiny8") for backend in ("model", "rtl"))
    assert len(model.result.spikes) > 60
    assert example.differences(model, rtl) == {"spikes": 0, "counts": 0, "cycles": 0, "answers": 0}


def test_every_difference_is_counted(tiny: mnist.Weights) -> None:
    test = made_up(10, 1)
    trial = example.classify(tiny, test, "model", "tiny8")
    result = trial.result
    fewer = dataclasses.replace(result, spikes=result.spikes[1:], cycles=result.cycles + np.uint64(1),
                                spike_counts=result.spike_counts + np.eye(10, 26, dtype=np.uint32)[[0] * 10])
    other = dataclasses.replace(trial, result=fewer, answers=(trial.answers + 1) % 10)
    assert example.differences(trial, other) == {"spikes": 1, "counts": 10, "cycles": 10, "answers": 10}


def test_weights_survive_a_file_and_bad_ones_are_named(tiny: mnist.Weights, tmp_path: Path) -> None:
    tiny.save(tmp_path / "weights.npz")
    again = mnist.Weights.load(tmp_path / "weights.npz")
    assert np.array_equal(again.hidden, tiny.hidden) and np.array_equal(again.output_bias, tiny.output_bias)
    whole = (tmp_path / "weights.npz").read_bytes()
    for name, data in (("bad", b"no weights"), ("empty", b""), ("cut", whole[:-9])):
        (tmp_path / f"{name}.npz").write_bytes(data)
    np.save(tmp_path / "one.npy", tiny.hidden)
    np.savez(tmp_path / "other.npz", weights=tiny.hidden)
    np.savez(tmp_path / "pairs.npz", hidden=np.zeros(2, "f8,f8"))
    for kind in (mnist.Weights, digits.Weights):
        for name in ("bad.npz", "empty.npz", "cut.npz", "one.npy", "other.npz", "pairs.npz", "absent.npz"):
            with pytest.raises(ncx.InputError, match=f"^weights: .*{name}: .*; expected a file that Weights.save"):
                kind.load(tmp_path / name)
        with pytest.raises(ncx.InputError, match="^weights: 3; expected a path"):
            kind.load(3)  # type: ignore[arg-type]
        with pytest.raises(ncx.InputError, match="^path: .*absent"):
            kind.load().save(tmp_path / "absent" / "weights.npz")


def test_shipped_weights_are_8_bits_and_fit() -> None:
    weights = mnist.Weights.load()
    assert weights.hidden.shape == (784, 128) and weights.output.shape == (128, 10)
    assert max(np.abs(weights.hidden).max(), np.abs(weights.output).max()) <= 127
    report = mnist.build(weights).network.check(mnist.CONFIG)
    assert report.fits and report.inexact == ()
    assert not mnist.build(weights).network.check("cmod_a7").fits, "16-bit weights would do"


def test_neurons_learn_without_labels() -> None:
    training, test = made_up(300), made_up(60, 1)
    pupil = unsupervised.build(course=TINY_COURSE)
    with ncx.Emulator("model", "tiny") as emulator:
        result = unsupervised.lesson(emulator, pupil, data=(training, test), progress=False)
    assert result.accuracy > 0.85 and result.weights.shape == (SIDE * SIDE, 20)


def test_a_lesson_is_planned_in_parts() -> None:
    parts = unsupervised.plan(100, 2, course=unsupervised.MNIST)
    assert [(len(order), factor, names) for order, factor, names in parts] == [
        (80, 1.0, False), (20, 0.375, False), (40, 0.375, False), (10, 0.125, False), (50, 0.125, True)]
    order = np.concatenate([part[0] for part in parts])
    assert np.array_equal(np.sort(order[:100]), np.arange(100)) and np.array_equal(np.sort(order[100:]), np.arange(100))
    assert [(len(part[0]), part[1:]) for part in unsupervised.plan(7, 2)] == [(7, (1.0, False)), (7, (1.0, True))]


def check_lesson(data: example.Data, course: unsupervised.Course, backend: str, images: int) -> dict[str, Any]:
    found = example.learn(data, ["model", backend], images, course=course, progress=False)
    assert found["differing"] == {backend: {"states": 0, "weights": 0, "counts": 0, "cycles": 0}}
    return found


def test_parts_of_a_lesson_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """The model in the hardware's place agrees; a wrong state is found."""
    data = (made_up(60), made_up(20, 1))
    check_lesson(data, TINY_COURSE, "model", 16)
    assert "0 states, 0 weights, 0 counts, 0 cycles differ" in capsys.readouterr().out
    lesson = example.teach(data, "model", "tiny", 8, 1, TINY_COURSE, False)
    first, before, last = lesson.states
    wrong = dataclasses.replace(lesson, states=(first, before, before), counts=lesson.counts + 1)
    found = example.compare(wrong, data, "model", "tiny", 8, False)
    assert found["states"] == 1 and found["weights"] > 0 and found["counts"] == 8 * 20 and found["cycles"] == 0


@needs_build("tiny")
def test_the_hardware_learns_as_the_model() -> None:
    check_lesson((made_up(60), made_up(20, 1)), TINY_COURSE, "rtl", 16)


def test_the_example_runs_from_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    train = mnist.train
    monkeypatch.setattr(mnist, "train", lambda images, **options: train(images, hidden=16, batch=20, distorted=False,
                                                                        **options))
    weights, figures = tmp_path / "weights.npz", tmp_path / "figures.json"
    common = ["--folder", str(folder), "--config", "tiny8", "--weights", str(weights), "--backends", "model", "model"]
    assert example.main([*common, "--train", "--epochs", "20", "--images", "9", "--json", str(figures)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[1].split()[1] == "60" and lines[2].split()[1] == "9"
    trained = json.loads(figures.read_text())["trained"]["model"]
    assert set(trained["differing_images"].values()) == {0} and trained["ticks_per_image"] == 8
    assert trained["ms_per_image"] == pytest.approx(trained["cycles_per_image_mean"] / 1e5)
    assert example.main(common) == 0
    assert example.main(["--folder", str(tmp_path / "absent")]) == 1 and "absent" in capsys.readouterr().err
    for file, reason in ((tmp_path, "is a folder"), (tmp_path / "absent" / "f.json", "there is no folder")):
        assert example.main([*common, "--json", str(file)]) == 1
        found = capsys.readouterr()
        assert "--json: " in found.err and reason in found.err and not found.out
    assert mnist.main([str(folder), str(weights), "--epochs", "2", "--held-out", "50"]) == 0
    assert "of 50 held-out images" in capsys.readouterr().out
    assert mnist.main([str(tmp_path / "absent")]) == 1 and "absent" in capsys.readouterr().err
    assert mnist.main([str(folder), str(tmp_path / "absent" / "w.npz"), "--epochs", "1"]) == 1
    found = capsys.readouterr()
    assert "weights: there is no folder" in found.err and not found.out
    for main, first, option, number in (
            (mnist.main, [str(folder)], "--epochs", "0"), (mnist.main, [str(folder)], "--held-out", "-5"),
            (mnist.main, [str(folder)], "--held-out", "300"), (example.main, common, "--epochs", "0"),
            (example.main, common, "--images", "0"), (example.main, common, "--images", "-1"),
            (example.main, [*common, "--without-labels"], "--images", "1")):
        assert main([*first, option, number]) == 1
        assert f"{option}: {number}; expected a whole number from" in capsys.readouterr().err


# --- MNIST itself -----------------------------------------------------------------------------------


@needs_mnist
def test_mnist_is_complete() -> None:
    training, test = datasets.mnist(FOLDER)
    assert training.images.shape == (60_000, 28, 28) and test.images.shape == (10_000, 28, 28)
    assert training.labels[:5].tolist() == [5, 0, 4, 1, 9] and test.labels[:5].tolist() == [7, 2, 1, 0, 4]


@needs_mnist
def test_mnist_is_classified_in_less_than_a_tenth_of_a_millisecond() -> None:
    _, test = datasets.mnist(FOLDER)
    weights = mnist.Weights.load()
    trial = example.classify(weights, test, "model")
    assert trial.right >= 0.98
    assert trial.result.cycles.max() <= 10_000, "0.10 ms at 100 MHz"
    counts, answers = mnist.reference(weights, test)
    assert np.array_equal(trial.answers, answers)
    assert np.array_equal(trial.result.counts_of("hidden"), counts)


@needs_mnist
@needs_build(mnist.CONFIG)
def test_the_hardware_classifies_mnist_as_the_model() -> None:
    _, test = datasets.mnist(FOLDER)
    weights = mnist.Weights.load()
    model, rtl = (example.classify(weights, test[:example.IMAGES], backend) for backend in ("model", "rtl"))
    assert example.differences(model, rtl) == {"spikes": 0, "counts": 0, "cycles": 0, "answers": 0}


@needs_mnist
@pytest.mark.slow
def test_mnist_is_learned_without_labels() -> None:
    training, test = datasets.mnist(FOLDER)
    pupil = unsupervised.build(course=unsupervised.MNIST)
    with ncx.Emulator("model", unsupervised.MNIST.config) as emulator:
        result = unsupervised.lesson(emulator, pupil, data=(training[:20_000], test), progress=False)
    assert result.accuracy > 0.86


@needs_mnist
@needs_build(unsupervised.MNIST.config)
@pytest.mark.slow
def test_the_hardware_learns_mnist_as_the_model() -> None:
    training, test = datasets.mnist(FOLDER)
    check_lesson((training[:2000], test[:500]), unsupervised.MNIST, "rtl", 200)
