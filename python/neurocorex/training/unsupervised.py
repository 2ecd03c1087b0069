# SPDX-License-Identifier: BSD-3-Clause
"""Handwritten digits, learned on the chip without labels.

    python -m neurocorex.training.unsupervised [--neurons 200] [--backend rtl]
    python -m neurocorex.training.unsupervised --mnist FOLDER

An axon a pixel, whose encoder on the chip makes random spikes at the pixel's rate, and neurons of which at most one
fires in a tick. The neuron that fires moves its weights towards the recent input (instar rule), and its threshold
rises, so that the others get their turn. In the end every neuron stands for one way to write one digit. Labels come in
only afterwards, to say which: a neuron is named after the digit that it fired for most at the end of the lesson. Test
images are then shown with learning off.

The host does nothing but set the rates for each image, and empty the traces between two of them. For MNIST it also
says when to decide, by an axon that lifts all neurons above their thresholds at once: exactly one of them, the one
that fits best, then fires, and three ticks an image are enough. The test is of a network that has what was learned,
and whose thresholds rise no more. It decides on an image seven times; who has fired waits for two decisions, so that
three neurons or a few more vote.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from typing import Callable, Optional, Sequence

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import datasets, stdp
from neurocorex import progress as progress_bars
from neurocorex._arguments import Floats
from neurocorex.emulator import Emulator
from neurocorex.errors import Error
from neurocorex.network import Network, Population, Projection
from neurocorex.results import RunResult

I64 = npt.NDArray[np.int64]
U32 = npt.NDArray[np.uint32]

CLASSES = 10


@dataclass(frozen=True)
class Course:
    """How a kind of image is learned.

    Attributes
    ----------
    pixels, neurons, ticks, epochs
        `ticks` of input for an image, or for each decision on it.
    config
        The build that it is for.
    many, theta_plus, shift
        The threshold's rise at a spike, which evens out how often the neurons win, and the instar's shift: for at most
        `many` neurons, and for more, each of which fires less often.
    theta_decay
        Factor that the rise keeps a tick.
    trace_decay, trace_amplitude
        Of the axons' traces, which weights are compared with: an axon that fires with probability p comes to p.
    start
        Between which numbers the first weights are drawn. High ones give every neuron its turn.
    decide
        What the deciding axon adds to all potentials in the last tick; 0: there is none, neurons fire when they can.
    refractory
        Ticks that a neuron which fired waits.
    decisions
        On a test image.
    factors
        Learning gets slower: from which part of the lesson on, and by what its steps are multiplied.
    naming
        Part of the last epoch, its end, whose spikes name the neurons.
    """

    name: str
    pixels: int
    neurons: int
    ticks: int
    epochs: int
    config: str
    fraction_bits: int
    threshold: float
    leak: float
    many: int
    theta_plus: tuple[float, float]
    shift: tuple[int, int]
    theta_decay: float
    trace_decay: float
    trace_amplitude: float
    start: tuple[float, float]
    decide: float = 0.0
    refractory: int = 0
    decisions: int = 1
    factors: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    naming: float = 1.0
    rounding: str = "nearest"


NEURONS = 100
TICKS = 40
EPOCHS = 5
SEED = 1
_KEPT = float(np.exp(-1.0 / 10.0))
# The threshold never falls.
DIGITS = Course("digits without labels", 64, NEURONS, TICKS, EPOCHS, "cmod_a7", fraction_bits=14, threshold=2.0,
                leak=0.97, many=150, theta_plus=(0.1875, 0.25), shift=(6, 5), theta_decay=1.0, trace_decay=_KEPT,
                trace_amplitude=(1.0 - _KEPT) / _KEPT, start=(0.125, 0.375))
# The trace counts the image's spikes. No image lifts a potential to the threshold (784 pixels in 3 ticks give 2352 at
# most, real ones 600); the deciding axon does, whatever the rise.
MNIST = Course("MNIST without labels", 784, 400, 3, 1, "zcu104", fraction_bits=11, threshold=1500.0, leak=1.0,
               many=400, theta_plus=(3.0, 3.0), shift=(3, 3), theta_decay=0.9995**(1.0 / 3.0), trace_decay=1.0,
               trace_amplitude=1.0 / 3.0, start=(0.6875, 1.0), decide=2200.0, refractory=6, decisions=7,
               factors=((0.0, 1.0), (0.4, 0.375), (0.7, 0.125)), naming=0.5, rounding="stochastic")


@dataclass(frozen=True)
class Pupil:
    """The network that learns."""

    network: Network
    cells: Population
    synapses: Projection
    course: Course


def build(neurons: Optional[int] = None, *, seed: int = SEED, course: Course = DIGITS) -> Pupil:
    """The network before its first image; weights are random.

    Parameters
    ----------
    neurons
        Default: as many as the course says.
    seed
        Of the weights.
    course
        What it is to learn.
    """
    neurons = course.neurons if neurons is None else arg.whole("neurons", neurons, 1)
    seed = arg.whole("seed", seed, 0)
    few = neurons <= course.many
    rng = np.random.default_rng(seed)
    step = 2.0**-course.fraction_bits
    weights = np.rint(rng.uniform(*course.start, (course.pixels, neurons)) / step) * step
    rule = stdp.instar(course.trace_amplitude, decay=course.trace_decay, shift=course.shift[0 if few else 1],
                       w_min=0.0, w_max=1.0, rounding=course.rounding, modulated=len(course.factors) > 1,
                       name="instar")
    net = Network(course.name)
    net.fraction_bits = course.fraction_bits
    pixels = net.axons(course.pixels, rates=0.0, name="pixels")
    cells = net.population(neurons, threshold=course.threshold, leak_mode="exponential", leak=course.leak,
                           theta_plus=course.theta_plus[0 if few else 1], theta_decay=course.theta_decay,
                           refractory=course.refractory, winner_take_all=True, name="cells")
    synapses = net.connect(pixels, cells, weights, profile=rule, format="dense", name="pixels->cells")
    if course.decide:
        net.connect(net.axons(1, rates=0.0, name="decide"), cells, course.decide, format="dense", name="decide->cells")
    return Pupil(net, cells, synapses, course)


def fixed(pupil: Pupil, weights: Floats, rises: Floats) -> Pupil:
    """What a pupil has become, as a network that changes no more: for courses with a deciding axon.

    Parameters
    ----------
    pupil
        As `build` made it.
    weights, rises
        What the emulator has after the lesson: shape (pixels, neurons), and the adaptive thresholds, (neurons,). The
        deciding axon lifts each neuron by so much less.
    """
    course = pupil.course
    net = Network(course.name)
    net.fraction_bits = course.fraction_bits
    pixels = net.axons(course.pixels, rates=0.0, name="pixels")
    cells = net.population(len(rises), threshold=course.threshold, refractory=course.refractory, winner_take_all=True,
                           name="cells")
    synapses = net.connect(pixels, cells, weights, format="dense", name="pixels->cells")
    net.connect(net.axons(1, rates=0.0, name="decide"), cells, course.decide - rises[np.newaxis], format="dense",
                name="decide->cells")
    return Pupil(net, cells, synapses, course)


def show(emulator: Emulator, image: npt.NDArray[np.uint8], levels: int = 16, *, course: Course = DIGITS,
         decisions: int = 1) -> RunResult:
    """One image.

    Parameters
    ----------
    emulator
        In which the network is loaded.
    image
        Shape (height, width), 0 to `levels`.
    levels
        The largest possible pixel value.
    course
        The network's.
    decisions
        On this image; more than one only where nothing learns.
    """
    # A decision leaves all potentials at 0, but neurons wait; those that learn do so for the next images.
    emulator.reset("membrane" if decisions > 1 else "traces")
    if not course.decide:
        emulator.set_rates(image.reshape(-1) / levels)
        return emulator.run(course.ticks, count_spikes=False, progress=False)
    emulator.set_rates({"pixels": image.reshape(-1) / levels})
    ends = [(decision * course.ticks - 1, 0) for decision in range(1, decisions + 1)]
    return emulator.run(decisions * course.ticks, inputs={"decide": ends}, count_spikes=False, progress=False)


def show_all(emulator: Emulator, images: datasets.Images, order: Optional[I64] = None,
             progress: Optional[Callable[[int], object]] = None, done: int = 0, *, course: Course = DIGITS,
             decisions: int = 1) -> U32:
    """Images one after the other.

    Parameters
    ----------
    emulator
        In which the network is loaded.
    images, order
        Which, and the numbers of those that are shown, in their order. Default: all.
    progress, done
        Called after each image with the number of them, counted from `done`.
    course, decisions
        As in `show`.

    Returns
    -------
    uint32, shape (images, neurons)
        Spike counts in the order of `images`; 0 for those that were not shown.
    """
    chosen = np.arange(len(images)) if order is None else order
    counts = np.zeros((len(images), emulator.image.n_neurons), np.uint32)
    for place, k in enumerate(chosen):
        counts[k] = show(emulator, images.images[k], images.levels, course=course, decisions=decisions).spike_counts
        if progress is not None:
            progress(done + place + 1)
    return counts


def orders(images: int, epochs: int, seed: int = SEED) -> list[I64]:
    """The order of the images in each epoch: an int64 array of shape (images,) for each.

    Parameters
    ----------
    images, epochs
        How many.
    seed
        Same seed, same orders.
    """
    rng = np.random.default_rng([seed, 1])
    return [rng.permutation(images) for _ in range(epochs)]


def plan(images: int, epochs: int, seed: int = SEED, course: Course = DIGITS) -> list[tuple[I64, float, bool]]:
    """A lesson in parts: images in their order, the factor of their learning steps, whether they name neurons.

    Parameters
    ----------
    images, epochs
        How many.
    seed
        Of the orders.
    course
        Says where learning gets slower, and which images name neurons.
    """
    order = np.concatenate(orders(images, epochs, seed))
    naming = len(order) - round(course.naming * images)
    starts = [round(part * len(order)) for part, _ in course.factors]
    cuts = sorted({*starts, naming, *range(0, len(order), images)})
    return [(order[first:last], course.factors[int(np.searchsorted(starts, first, "right")) - 1][1], first >= naming)
            for first, last in zip(cuts, [*cuts[1:], len(order)]) if last > first]


def learn(emulator: Emulator, images: datasets.Images, *, epochs: int = EPOCHS, seed: int = SEED,
          progress: Optional[Callable[[int], object]] = None, course: Course = DIGITS, start: int = 0,
          stop: Optional[int] = None) -> U32:
    """Teaches a loaded network. It never sees a label.

    Parameters
    ----------
    emulator, images
        In which the network is loaded, and what it learns.
    epochs
        How often each image is shown.
    seed
        Of the images' order.
    progress
        Called after each image with the number of them.
    course
        The network's.
    start, stop
        Only this part of the lesson, counted in images; from a state of the emulator in which the rest has been.

    Returns
    -------
    uint32, shape (images, neurons)
        Spike counts of the last epoch, as far as they name neurons.
    """
    emulator.set_learning("instar", True)
    counts = np.zeros((len(images), emulator.image.n_neurons), np.uint32)
    done = 0
    for order, factor, names in plan(len(images), epochs, seed, course):
        part = order[max(start - done, 0):None if stop is None else max(stop - done, 0)]
        if len(course.factors) > 1 and len(part):
            emulator.modulation = factor
        shown = show_all(emulator, images, part, progress, max(start, done), course=course)
        done += len(order)
        if names:
            counts += shown
    return counts


def name_neurons(counts: U32, labels: npt.NDArray[np.uint8]) -> I64:
    """The digit for which each neuron fired most on average; -1 for neurons that never fired.

    Parameters
    ----------
    counts
        Spikes of each neuron for each image, shape (images, neurons).
    labels
        Digits of the images, shape (images,).

    Returns
    -------
    int64, shape (neurons,)
    """
    # A digit that no image shows names no neuron.
    means = np.array([counts[labels == digit].sum(axis=0) / max(1, np.count_nonzero(labels == digit))
                      for digit in range(CLASSES)])
    names: I64 = np.where(means.max(axis=0) > 0.0, means.argmax(axis=0), -1)
    return names


def answer(counts: U32, names: I64) -> I64:
    """The digit whose neurons fired most, for each image; of equals the smallest.

    Parameters
    ----------
    counts
        Spikes of each neuron for each image, shape (images, neurons).
    names
        Digit of each neuron, shape (neurons,), as `name_neurons` gave them.

    Returns
    -------
    int64, shape (images,)
    """
    votes = np.stack([counts[:, names == digit].sum(axis=1) for digit in range(CLASSES)], axis=1)
    best: I64 = votes.argmax(axis=1)
    return best


@dataclass(frozen=True, eq=False)
class Result:
    """A lesson and its test.

    Attributes
    ----------
    weights
        float64, shape (pixels, neurons), after learning.
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


def lesson(emulator: Emulator, pupil: Pupil, *, epochs: Optional[int] = None, seed: int = SEED,
           progress: Optional[bool] = None,
           data: Optional[tuple[datasets.Images, datasets.Images]] = None) -> Result:
    """Loads the network, teaches it the training images, names its neurons, and tests it.

    Parameters
    ----------
    emulator, pupil
        Where it learns, and what `build` made.
    epochs
        Default: as many as the course says.
    seed
        Of the images' order.
    progress
        Bars; None: on terminals and in notebooks.
    data
        Training and test images; default: the halves of `datasets.digits()`.
    """
    training, test = datasets.digits().split() if data is None else data
    course = pupil.course
    epochs = course.epochs if epochs is None else arg.whole("epochs", epochs, 1)
    seed = arg.whole("seed", seed, 0)
    emulator.load(pupil.network)
    begin = time.monotonic()
    with progress_bars.bar(epochs * len(training), "images", progress) as report:
        counts = learn(emulator, training, epochs=epochs, seed=seed, progress=report, course=course)
    learned = time.monotonic()
    names = name_neurons(counts, training.labels)
    weights = pupil.synapses.matrix(emulator.weights(pupil.synapses))
    if course.decide:
        emulator.load(fixed(pupil, weights, emulator.thetas()).network)
    else:
        emulator.set_learning("instar", False)
    with progress_bars.bar(len(test), "test images", progress) as report:
        shown = show_all(emulator, test, progress=report, course=course, decisions=course.decisions)
    answers = answer(shown, names)
    return Result(weights, names, answers, float(np.mean(answers == test.labels)), learned - begin,
                  time.monotonic() - learned)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """One lesson."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.training.unsupervised", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mnist", metavar="FOLDER", help="learn MNIST, whose four files are in this folder")
    parser.add_argument("--images", type=int, help="learn this many of the training images alone, the first ones")
    parser.add_argument("--neurons", type=int, help=f"(default: {DIGITS.neurons}, for MNIST {MNIST.neurons})")
    parser.add_argument("--epochs", type=int, help=f"(default: {DIGITS.epochs}, for MNIST {MNIST.epochs})")
    parser.add_argument("--seed", type=int, default=SEED, help="(default: %(default)s)")
    parser.add_argument("--backend", default="model", help="model, rtl or serial:PORT (default: %(default)s)")
    parser.add_argument("--config", help=f"named build (default: {DIGITS.config}, for MNIST {MNIST.config})")
    options = parser.parse_args(arguments)
    course = MNIST if options.mnist else DIGITS
    try:
        training, test = datasets.mnist(options.mnist) if options.mnist else datasets.digits().split()
        if options.images is not None:
            training = training[:arg.whole("--images", options.images, 1, len(training))]
        pupil = build(options.neurons, seed=options.seed, course=course)
        print(pupil.network, flush=True)
        with Emulator(options.backend, options.config or course.config) as emulator:
            result = lesson(emulator, pupil, epochs=options.epochs, seed=options.seed,
                            data=(training, test))
    except Error as error:
        print(f"unsupervised: {error}", file=sys.stderr)
        return 1
    named = ", ".join(f"{digit}: {np.count_nonzero(result.names == digit)}" for digit in range(CLASSES))
    print(f"{result.accuracy:.2%} of {len(result.answers)} test images right\nneurons a digit: {named}\n"
          f"learning took {result.learning_seconds:.1f} s, the test {result.test_seconds:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
