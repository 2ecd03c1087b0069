# SPDX-License-Identifier: BSD-3-Clause
"""The demo's first part: the chip learns the digits without labels, and both backends must agree on every bit."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from neurocorex import progress as progress_bars
from neurocorex.datasets import Images
from neurocorex.emulator import Emulator
from neurocorex.image import Image
from neurocorex.learning import State
from neurocorex.training import unsupervised

GOAL = 0.88
# Images of the lesson that the simulated hardware learns too, from the first one and up to the last one.
FIRST_IMAGES = LAST_IMAGES = 40


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the model learned, with the states that the hardware must reach.

    Attributes
    ----------
    first, before_last, last
        State after the first images, before the last ones, and after them.
    order
        Of the last epoch.
    counts
        Spikes for the test images, shape (test images, neurons).
    """

    image: Image
    first: State
    before_last: State
    last: State
    orders: list[unsupervised.I64]
    weights: npt.NDArray[np.float64]
    names: unsupervised.I64
    counts: unsupervised.U32
    answers: unsupervised.I64
    accuracy: float
    seconds: float


def teach(config: str, training: Images, test: Images) -> Lesson:
    """The whole lesson and its test on the model."""
    begin = time.monotonic()
    pupil = unsupervised.build()
    orders = unsupervised.orders(len(training), unsupervised.EPOCHS)
    with Emulator("model", config) as emulator:
        image = emulator.load(pupil.network)
        states: list[State] = []
        counts = np.zeros((len(training), image.n_neurons), np.uint32)
        with progress_bars.bar(len(orders) * len(training), "images", None) as report:
            for epoch, order in enumerate(orders):
                cut = FIRST_IMAGES if epoch == 0 else len(order) - LAST_IMAGES if epoch == len(orders) - 1 else 0
                for part, done in ((order[:cut], 0), (order[cut:], cut)):
                    shown = unsupervised.show_all(emulator, training, part, report, epoch * len(training) + done)
                    counts[part] = shown[part]
                    if cut and done == 0:
                        states.append(emulator.save_state())
        states.append(emulator.save_state())
        weights = pupil.synapses.matrix(emulator.weights(pupil.synapses))
        names = unsupervised.name_neurons(counts, training.labels)
        emulator.set_learning("instar", False)
        test_counts = unsupervised.show_all(emulator, test)
    answers = unsupervised.answer(test_counts, names)
    return Lesson(image, states[0], states[1], states[2], orders, weights, names, test_counts, answers,
                  float(np.mean(answers == test.labels)), time.monotonic() - begin)


@dataclass(frozen=True)
class Comparison:
    """The simulated hardware beside the model: differences are counted, 0 is what they should be."""

    differing_states: int
    differing_weights: int
    differing_counts: int
    accuracy: float
    test_images: int
    cycles_per_tick: float
    seconds: float


def compare(lesson: Lesson, config: str, training: Images, test: Images, backend: str = "rtl") -> Comparison:
    """The hardware learns the first images and the last ones, and sees all test images."""
    begin = time.monotonic()
    with Emulator(backend, config) as emulator, Emulator("model", config) as model:
        def weights_of(state: State) -> npt.NDArray[Any]:
            model.restore_state(state)
            return np.asarray(model.weights(0, raw=True))

        def differing() -> tuple[bool, int]:
            state = emulator.save_state()
            return state != wanted, int(np.count_nonzero(emulator.weights(0, raw=True) != weights_of(wanted)))

        model.load(lesson.image)
        emulator.load(lesson.image)
        wanted = lesson.first
        unsupervised.show_all(emulator, training, lesson.orders[0][:FIRST_IMAGES])
        found = [differing()]
        wanted = lesson.last
        emulator.restore_state(lesson.before_last)
        unsupervised.show_all(emulator, training, lesson.orders[-1][-LAST_IMAGES:])
        found.append(differing())
        emulator.set_learning("instar", False)
        cycles, counts = 0, np.zeros_like(lesson.counts)
        with progress_bars.bar(len(test), "images", None) as report:
            for k, picture in enumerate(test.images):
                result = unsupervised.show(emulator, picture, test.levels)
                counts[k] = result.spike_counts
                cycles += result.cycles
                if report is not None:
                    report(k + 1)
    right = unsupervised.answer(counts, lesson.names) == test.labels
    return Comparison(sum(differs for differs, _ in found), sum(count for _, count in found),
                      int(np.count_nonzero(counts != lesson.counts[:len(test)])), float(np.mean(right)), len(test),
                      cycles / (unsupervised.TICKS * len(test)), time.monotonic() - begin)


def summary(lesson: Lesson, comparison: Comparison) -> dict[str, Any]:
    """What goes into digits.json."""
    return {
        "learned_accuracy": lesson.accuracy,
        "learned_accuracy_rtl": comparison.accuracy,
        "learned_neurons": lesson.image.n_neurons,
        "learned_epochs": len(lesson.orders),
        "learned_images_rtl": FIRST_IMAGES + LAST_IMAGES,
        "learned_test_images_rtl": comparison.test_images,
        "learned_differing_states": comparison.differing_states,
        "learned_differing_weights": comparison.differing_weights,
        "learned_differing_counts": comparison.differing_counts,
        "learned_cycles_per_tick_mean": comparison.cycles_per_tick,
        "learned_seconds": lesson.seconds + comparison.seconds,
    }


def problems(found: dict[str, Any]) -> list[str]:
    """What keeps the lesson from being a success."""
    result = [f"{found[key]} {key.replace('_', ' ')} between the backends"
              for key in ("learned_differing_states", "learned_differing_weights", "learned_differing_counts")
              if found[key]]
    if found["learned_accuracy"] < GOAL:
        result.append(f"learned accuracy {found['learned_accuracy']:.2%} is below {GOAL:.0%}")
    return result
