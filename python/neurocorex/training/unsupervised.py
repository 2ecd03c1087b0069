# SPDX-License-Identifier: BSD-3-Clause
"""Handwritten digits, learned on the chip without labels.

    python -m neurocorex.training.unsupervised [--neurons 200] [--backend rtl]

64 axons whose encoders on the chip make random spikes at the pixels' rates, and neurons of which at most one fires in
a tick. The neuron that fires moves its weights towards the recent input (instar rule), and its threshold rises, so that
the others get their turn. In the end every neuron stands for one way to write one digit. Labels come in only
afterwards, to say which: a neuron is named after the digit of the training half that it fired for most in the last
epoch. The test half is then shown with learning off.

The host does nothing but set the rates for each image, and empty the traces between two of them.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Callable, Optional, Sequence

import numpy as np
import numpy.typing as npt

from neurocorex import datasets, stdp
from neurocorex import progress as progress_bars
from neurocorex.emulator import Emulator
from neurocorex.errors import Error
from neurocorex.network import Network, Population, Projection
from neurocorex.results import RunResult

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]

SIDE = 8
PIXELS = SIDE * SIDE
CLASSES = 10
NEURONS = 100
TICKS = 40
EPOCHS = 5
SEED = 1

FRACTION_BITS = 14
THRESHOLD = 2.0
LEAK = 0.97
# The threshold's rise at a spike (it never falls, which evens out how often the neurons win), and the instar's shift:
# for at most MANY neurons, and for more, each of which fires less often.
THETA_PLUS, SHIFT = 0.1875, 6
MANY, THETA_PLUS_MANY, SHIFT_MANY = 150, 0.25, 5
# The trace of an axon that fires with probability p settles at p.
TRACE_TICKS = 10.0
START = (0.125, 0.375)


@dataclass(frozen=True)
class Pupil:
    """The network that learns."""

    network: Network
    cells: Population
    synapses: Projection


def build(neurons: int = NEURONS, *, seed: int = SEED) -> Pupil:
    """The network before its first image; weights are random."""
    theta_plus, shift = (THETA_PLUS, SHIFT) if neurons <= MANY else (THETA_PLUS_MANY, SHIFT_MANY)
    rng = np.random.default_rng(seed)
    step = 2.0**-FRACTION_BITS
    weights = np.rint(rng.uniform(*START, (PIXELS, neurons)) / step) * step
    decay = float(np.exp(-1.0 / TRACE_TICKS))
    rule = stdp.instar((1.0 - decay) / decay, decay=decay, shift=shift, w_min=0.0, w_max=1.0, name="instar")
    net = Network("digits without labels")
    net.fraction_bits = FRACTION_BITS
    pixels = net.axons(PIXELS, rates=0.0, name="pixels")
    cells = net.population(neurons, threshold=THRESHOLD, leak_mode="exponential", leak=LEAK, theta_plus=theta_plus,
                           winner_take_all=True, name="cells")
    return Pupil(net, cells, net.connect(pixels, cells, weights, profile=rule, format="dense", name="pixels->cells"))


def show(emulator: Emulator, image: npt.NDArray[np.uint8], levels: int = 16) -> RunResult:
    """One image."""
    emulator.reset("traces")
    emulator.set_rates(image.reshape(-1) / levels)
    return emulator.run(TICKS, count_spikes=False, progress=False)


def show_all(emulator: Emulator, images: datasets.Images, order: Optional[I64] = None,
             progress: Optional[Callable[[int], object]] = None, done: int = 0) -> U32:
    """Images one after the other; returns spike counts, shape (images, neurons), in the order of `images`."""
    chosen = np.arange(len(images)) if order is None else order
    counts = np.zeros((len(images), emulator.image.n_neurons), np.uint32)
    for place, k in enumerate(chosen):
        counts[k] = show(emulator, images.images[k], images.levels).spike_counts
        if progress is not None:
            progress(done + place + 1)
    return counts


def orders(images: int, epochs: int, seed: int = SEED) -> list[I64]:
    """The order of the images in each epoch."""
    rng = np.random.default_rng([seed, 1])
    return [rng.permutation(images) for _ in range(epochs)]


def learn(emulator: Emulator, images: datasets.Images, *, epochs: int = EPOCHS, seed: int = SEED,
          progress: Optional[Callable[[int], object]] = None) -> U32:
    """Teaches a loaded network. It never sees a label.

    Returns
    -------
    uint32, shape (images, neurons)
        Spike counts of the last epoch.
    """
    emulator.set_learning("instar", True)
    counts = np.zeros((len(images), emulator.image.n_neurons), np.uint32)
    for epoch, order in enumerate(orders(len(images), epochs, seed)):
        counts = show_all(emulator, images, order, progress, epoch * len(images))
    return counts


def name_neurons(counts: U32, labels: npt.NDArray[np.uint8]) -> I64:
    """The digit for which each neuron fired most on average; -1 for neurons that never fired."""
    means = np.array([counts[labels == digit].mean(axis=0) for digit in range(CLASSES)])
    names: I64 = np.where(means.max(axis=0) > 0.0, means.argmax(axis=0), -1)
    return names


def answer(counts: U32, names: I64) -> I64:
    """The digit whose neurons fired most, for each image."""
    votes = np.stack([counts[:, names == digit].sum(axis=1) for digit in range(CLASSES)], axis=1)
    best: I64 = votes.argmax(axis=1)
    return best


@dataclass(frozen=True, eq=False)
class Result:
    """A lesson and its test.

    Attributes
    ----------
    weights
        float64, shape (64, neurons), after learning.
    names
        int64, shape (neurons,): the digit of each neuron.
    answers
        int64, shape (test images,).
    accuracy
        Share of right answers.
    learning_seconds, test_seconds
        Of this computer's time.
    """

    weights: npt.NDArray[np.float64]
    names: I64
    answers: I64
    accuracy: float
    learning_seconds: float
    test_seconds: float


def lesson(emulator: Emulator, pupil: Pupil, *, epochs: int = EPOCHS, seed: int = SEED,
           progress: Optional[bool] = None) -> Result:
    """Loads the network, teaches it the training half, names its neurons, and tests it with the test half."""
    training, test = datasets.digits().split()
    emulator.load(pupil.network)
    begin = time.monotonic()
    with progress_bars.bar(epochs * len(training), "images", progress) as report:
        counts = learn(emulator, training, epochs=epochs, seed=seed, progress=report)
    learned = time.monotonic()
    names = name_neurons(counts, training.labels)
    weights = pupil.synapses.matrix(emulator.weights(pupil.synapses))
    emulator.set_learning("instar", False)
    answers = answer(show_all(emulator, test), names)
    return Result(weights, names, answers, float(np.mean(answers == test.labels)), learned - begin,
                  time.monotonic() - learned)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """One lesson."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.training.unsupervised", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neurons", type=int, default=NEURONS, help="(default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED, help="(default: %(default)s)")
    parser.add_argument("--backend", default="model", help="model, rtl or serial:PORT (default: %(default)s)")
    parser.add_argument("--config", default="cmod_a7", help="named build (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        pupil = build(options.neurons, seed=options.seed)
        print(pupil.network, flush=True)
        with Emulator(options.backend, options.config) as emulator:
            result = lesson(emulator, pupil, epochs=options.epochs, seed=options.seed)
    except Error as error:
        print(f"unsupervised: {error}", file=sys.stderr)
        return 1
    named = ", ".join(f"{digit}: {np.count_nonzero(result.names == digit)}" for digit in range(CLASSES))
    print(f"{result.accuracy:.2%} of {len(result.answers)} test images right\nneurons a digit: {named}\n"
          f"learning took {result.learning_seconds:.1f} s, the test {result.test_seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
