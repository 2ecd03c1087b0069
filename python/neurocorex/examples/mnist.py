# SPDX-License-Identifier: BSD-3-Clause
"""MNIST on the model and on the simulated hardware: trained outside, and learned on the chip without labels.

    python -m neurocorex.examples.mnist --folder FOLDER [--train] [--without-labels] [--json FILE]

FOLDER holds MNIST's four idx files, which the project neither ships nor downloads. The first backend classifies all
test images, every other one the first 200; spikes, counts and clock cycles must be equal to the bit. The network is
that of `neurocorex.training.mnist`, with the 8-bit weights that come with the package, or trained anew.

With `--without-labels` 400 neurons also learn from the training images alone (`neurocorex.training.unsupervised`), on
the first backend. Every other one learns the lesson's first 100 images and, from the state before them, its last 100,
and sees the first 100 test images; states, weights and counts must be equal.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from typing import Any, Optional, Sequence

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import datasets
from neurocorex import progress as progress_bars
from neurocorex.emulator import Emulator
from neurocorex.errors import Error
from neurocorex.learning import State
from neurocorex.results import SamplesResult
from neurocorex.training import mnist, unsupervised

IMAGES = 200
Data = tuple[datasets.Images, datasets.Images]


@dataclass(frozen=True, eq=False)
class Trial:
    """What one backend answered."""

    backend: str
    result: SamplesResult
    answers: npt.NDArray[np.int64]
    right: float
    seconds: float


def classify(weights: mnist.Weights, images: datasets.Images, backend: str, config: str = mnist.CONFIG,
             progress: Optional[bool] = None) -> Trial:
    """Runs the trained network.

    Parameters
    ----------
    weights, images
        What it has learned, and what it is to classify.
    backend, config
        Where it runs; see `Emulator`.
    progress
        A bar; None: on terminals and in notebooks.
    """
    begin = time.monotonic()
    parts = mnist.build(weights)
    with Emulator(backend, config) as emulator:
        emulator.load(parts.network)
        result = emulator.run_samples(mnist.encode(images), mnist.TICKS, n_samples=len(images), progress=progress)
    answers = mnist.decide(result.counts_of(parts.output))
    return Trial(backend, result, answers, float(np.mean(answers == images.labels)), time.monotonic() - begin)


def differences(first: Trial, other: Trial) -> dict[str, int]:
    """How many images differ in their spikes, in any neuron's count, in clock cycles, and in the answer.

    Parameters
    ----------
    first, other
        Two backends' answers; `other` may have seen fewer images, the first ones.
    """
    count = other.result.n_samples
    ends = [np.searchsorted(trial.result.spikes[:, 0], np.arange(count + 1)) for trial in (first, other)]
    spikes = sum(not np.array_equal(first.result.spikes[ends[0][k]:ends[0][k + 1]],
                                    other.result.spikes[ends[1][k]:ends[1][k + 1]]) for k in range(count))
    counts = (first.result.spike_counts[:count] != other.result.spike_counts).any(axis=1)
    return {"spikes": spikes, "counts": int(np.count_nonzero(counts)),
            "cycles": int(np.count_nonzero(first.result.cycles[:count] != other.result.cycles)),
            "answers": int(np.count_nonzero(first.answers[:count] != other.answers))}


def table(trials: Sequence[Trial]) -> str:
    """One line a backend, as text.

    Parameters
    ----------
    trials
        What the backends answered; the others are compared with the first.
    """
    lines = [f"{'backend':<20} {'images':>6} {'right':>8} {'differ':>7} {'cycles/image':>13} {'most':>7} "
             f"{'ms/image':>9} {'images/s':>9} {'time':>8}"]
    for trial in trials:
        cycles, clock = trial.result.cycles, trial.result.clock_hz
        differ = sum(differences(trials[0], trial).values())
        lines.append(f"{trial.backend:<20} {trial.result.n_samples:>6} {trial.right:>8.2%} {differ:>7} "
                     f"{cycles.mean():>13,.0f} {cycles.max():>7,} {cycles.mean() / clock * 1e3:>9.4f} "
                     f"{clock / cycles.mean():>9,.0f} {trial.seconds:>6.1f} s")
    return "\n".join(lines)


def summary(trials: Sequence[Trial]) -> dict[str, Any]:
    """What goes into the JSON file. Times are those of the ticks: no resets between images, no link.

    Parameters
    ----------
    trials
        As in `table`.
    """
    return {trial.backend: {
        "images": trial.result.n_samples, "right": trial.right, "ticks_per_image": trial.result.ticks,
        "cycles_per_image_mean": float(trial.result.cycles.mean()),
        "cycles_per_image_max": int(trial.result.cycles.max()),
        "ms_per_image": float(trial.result.cycles.mean()) / trial.result.clock_hz * 1e3,
        "ms_per_image_max": float(trial.result.cycles.max()) / trial.result.clock_hz * 1e3,
        "spikes_per_image": len(trial.result.spikes) / trial.result.n_samples,
        "differing_images": differences(trials[0], trial), "seconds": trial.seconds} for trial in trials}


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the first backend learned, and the states that others must reach.

    Attributes
    ----------
    states
        After the first images, before the last ones, and after them.
    counts
        Spikes for the test images, shape (test images, neurons).
    cycles
        Clock cycles of each test image.
    """

    pupil: unsupervised.Pupil
    fixed: unsupervised.Pupil
    epochs: int
    states: tuple[State, State, State]
    counts: unsupervised.U32
    cycles: npt.NDArray[np.int64]
    right: float
    seconds: float


def _test(emulator: Emulator, lesson_course: unsupervised.Course, images: datasets.Images,
          progress: Optional[bool]) -> tuple[unsupervised.U32, npt.NDArray[np.int64]]:
    """Spike counts and clock cycles of each image."""
    counts = np.zeros((len(images), emulator.image.n_neurons), np.uint32)
    cycles = np.zeros(len(images), np.int64)
    with progress_bars.bar(len(images), "test images", progress) as report:
        for k, picture in enumerate(images.images):
            result = unsupervised.show(emulator, picture, images.levels, course=lesson_course,
                                       decisions=lesson_course.decisions)
            counts[k], cycles[k] = result.spike_counts, result.cycles
            if report is not None:
                report(k + 1)
    return counts, cycles


def teach(data: Data, backend: str, config: str, images: int, epochs: int, course: unsupervised.Course,
          progress: Optional[bool] = None) -> Lesson:
    """A whole lesson without labels, and its test; keeps the states around its first and last `images`.

    Parameters
    ----------
    data
        Training and test images.
    backend, config
        Where it runs; see `Emulator`.
    images
        How many, at most a lesson's.
    epochs, course
        How often each is shown, and how the kind of image is learned.
    progress
        A bar; None: on terminals and in notebooks.
    """
    begin = time.monotonic()
    training, test = data
    pupil = unsupervised.build(course=course)
    total = epochs * len(training)
    kept: dict[int, State] = {}
    with Emulator(backend, config) as emulator:
        emulator.load(pupil.network)
        with progress_bars.bar(total, "images", progress) as report:
            def after(done: int) -> None:
                if done in (images, total - images, total):
                    kept[done] = emulator.save_state()
                if report is not None:
                    report(done)

            counts = unsupervised.learn(emulator, training, epochs=epochs, progress=after, course=course)
        names = unsupervised.name_neurons(counts, training.labels)
        weights = pupil.synapses.matrix(emulator.weights(pupil.synapses))
        fixed = unsupervised.fixed(pupil, weights, emulator.thetas())
        emulator.load(fixed.network)
        shown, cycles = _test(emulator, course, test, progress)
    right = float(np.mean(unsupervised.answer(shown, names) == test.labels))
    return Lesson(pupil, fixed, epochs, (kept[images], kept[total - images], kept[total]), shown, cycles, right,
                  time.monotonic() - begin)


def compare(lesson: Lesson, data: Data, backend: str, config: str, images: int,
            progress: Optional[bool] = None) -> dict[str, int]:
    """Another backend learns the first `images` of the lesson and the last, and sees as many test images.

    Parameters
    ----------
    lesson
        What the first backend learned.
    data
        Training and test images, as in the lesson.
    backend, config
        Where it runs; see `Emulator`.
    images
        As in `teach`.
    progress
        A bar; None: on terminals and in notebooks.

    Returns
    -------
    dict
        Numbers of differing states, weights, spike counts, and images whose clock cycles differ.
    """
    training, test = data
    course, total = lesson.pupil.course, lesson.epochs * len(training)
    found = {"states": 0, "weights": 0}
    with Emulator(backend, config) as emulator, Emulator("model", config) as model:
        emulator.load(lesson.pupil.network)
        model.load(lesson.pupil.network)
        for state, start in ((lesson.states[0], 0), (lesson.states[2], total - images)):
            if start:
                emulator.restore_state(lesson.states[1])
            with progress_bars.bar(start + images, "images", progress) as report:
                unsupervised.learn(emulator, training, epochs=lesson.epochs, progress=report, course=course,
                                   start=start, stop=start + images)
            model.restore_state(state)
            found["states"] += emulator.save_state() != state
            wanted, weights = (np.asarray(each.weights(lesson.pupil.synapses, raw=True)) for each in (model, emulator))
            found["weights"] += int(np.count_nonzero(weights != wanted))
        emulator.load(lesson.fixed.network)
        counts, cycles = _test(emulator, course, test[:images], progress)
    found["counts"] = int(np.count_nonzero(counts != lesson.counts[:len(counts)]))
    found["cycles"] = int(np.count_nonzero(cycles != lesson.cycles[:len(cycles)]))
    return found


def learn(data: Data, backends: Sequence[str], images: int, config: Optional[str] = None,
          epochs: Optional[int] = None, course: unsupervised.Course = unsupervised.MNIST,
          progress: Optional[bool] = None) -> dict[str, Any]:
    """The lesson without labels on the first backend, and the comparison with the others; what goes into JSON.

    Parameters
    ----------
    data
        Training and test images.
    backends
        Names, as `Emulator` takes them.
    images
        How many of the lesson the others learn: half of them its first ones, half its last.
    config
        Named build. Default: the course's.
    epochs, course
        How often each image is shown (default: as the course says), and how the kind of image is learned.
    progress
        A bar; None: on terminals and in notebooks.
    """
    config = course.config if config is None else config
    each = images // 2
    lesson = teach(data, backends[0], config, each, course.epochs if epochs is None else epochs, course, progress)
    print(f"without labels, {len(lesson.counts[0])} neurons: {lesson.right:.2%} of {len(lesson.counts)} test images "
          f"right on {backends[0]}, {lesson.cycles.mean():,.0f} cycles an image, {lesson.seconds:.1f} s", flush=True)
    result: dict[str, Any] = {
        "right": lesson.right, "neurons": len(lesson.counts[0]), "training_images": len(data[0]),
        "epochs": lesson.epochs, "test_images": len(lesson.counts), "seconds": lesson.seconds,
        "cycles_per_test_image_mean": float(lesson.cycles.mean()), "compared_images": 2 * each, "differing": {}}
    for backend in backends[1:]:
        begin = time.monotonic()
        found = result["differing"][backend] = compare(lesson, data, backend, config, each, progress)
        print(f"{backend}: first and last {each} images learned, {each} test images: "
              + ", ".join(f"{count} {name}" for name, count in found.items())
              + f" differ ({len(lesson.pupil.synapses):,} weights, looked at twice), {time.monotonic() - begin:.1f} s",
              flush=True)
    return result


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Runs the example; exit code 1 if backends differ, or something is not there."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.examples.mnist", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True, help="where MNIST's four files are")
    parser.add_argument("--weights", metavar="FILE", help="trained weights; default: those of the package")
    parser.add_argument("--train", action="store_true", help="train anew (and write them to --weights)")
    parser.add_argument("--epochs", type=int, default=mnist.EPOCHS, help="of --train (default: %(default)s)")
    parser.add_argument("--backends", nargs="+", default=["model", "rtl"], metavar="BACKEND",
                        help="where to run it; all must agree (default: model rtl)")
    parser.add_argument("--images", type=int, default=IMAGES,
                        help="how many every backend but the first sees (default: %(default)s)")
    parser.add_argument("--config", default=mnist.CONFIG, help="named build (default: %(default)s)")
    parser.add_argument("--without-labels", action="store_true", help="learn on the chip as well: minutes")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    options = parser.parse_args(arguments)
    try:
        if options.json:
            arg.writable("--json", options.json)
        if options.train and options.weights:
            arg.writable("--weights", options.weights)
        arg.whole("--epochs", options.epochs, 1)
        # Without labels half of them are the lesson's first ones, and half its last.
        arg.whole("--images", options.images, 2 if options.without_labels else 1)
        data = training, test = datasets.mnist(options.folder)
        if options.train:
            with progress_bars.bar(options.epochs, "epochs", None) as report:
                weights = mnist.train(training, epochs=options.epochs, progress=report)
            if options.weights:
                weights.save(options.weights)
        else:
            weights = mnist.Weights.load(options.weights)
        trials = [classify(weights, test[:None if k == 0 else options.images], backend, options.config)
                  for k, backend in enumerate(options.backends)]
        print(table(trials), flush=True)
        found: dict[str, Any] = {"config": options.config, "trained": summary(trials)}
        if options.without_labels:
            found["without_labels"] = learn(data, options.backends, options.images)
        if options.json:
            with open(options.json, "w", encoding="utf-8") as file:
                json.dump(found, file, indent=2)
    except (Error, OSError) as error:
        print(f"mnist: {error}", file=sys.stderr)
        return 1
    differing = [sum(each["differing_images"].values()) for each in found["trained"].values()]
    differing += [sum(each.values()) for each in found.get("without_labels", {}).get("differing", {}).values()]
    return 1 if any(differing) else 0


if __name__ == "__main__":
    sys.exit(main())
