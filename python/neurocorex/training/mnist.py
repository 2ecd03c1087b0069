# SPDX-License-Identifier: BSD-3-Clause
"""The MNIST classifier: 784 pixels, 128 hidden and 10 output neurons, 8-bit weights, 8 ticks an image.

    python -m neurocorex.training.mnist FOLDER [WEIGHTS.npz]

trains it anew in plain numpy and tests it; FOLDER holds MNIST's four idx files. The network counts in whole numbers:

- Input: a pixel of brightness v fires v * 4 times, rounded, in the first 4 ticks (`neurocorex.encoders.rate`).
- Hidden neurons are held down by one axon until all input is there, and released by another in the 4th tick. They then
  fire and subtract their threshold once a tick, at most 4 times: a neuron's count is its input divided by the
  threshold, from 0 to 4. A rectified linear unit of 5 levels, in other words, and trained as one.
- Output neurons are a winner-take-all group below its threshold; the last tick lifts all above it, and the one with
  the largest sum fires. That spike is the answer, and no host has to compare anything.

Training rounds the weights to 8 bits and the counts to whole numbers on the way forward, and takes the derivatives as
if it had not (a straight-through estimator). It sees training images only, with small random distortions.
Hyperparameters were chosen with the last 10,000 of them held out; the test images have had no part in it.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from dataclasses import dataclass
from importlib import resources
from typing import Any, Callable, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import datasets, encoders
from neurocorex import progress as progress_bars
from neurocorex._arguments import Indices
from neurocorex.errors import Error
from neurocorex.network import Network
from neurocorex.training import _offline
from neurocorex.training._offline import Classifier

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

CLASSES = 10
HIDDEN = 128
# Spikes of a white pixel, and ticks of input; spikes of a hidden neuron at most, and ticks that they take.
LEVELS = 4
COUNTS = 4
TICKS = LEVELS + COUNTS
# All in units of a hidden weight.
THRESHOLD = 256
BIAS_UNIT = 8
LARGEST = 127
# Axons behind the pixels.
CONTROLS = ("hold", "release", "bias", "answer")
HOLD, RELEASE, BIAS, ANSWER = range(4)
CONFIG = "cmod_a7_w8"

# Training.
EPOCHS = 40
BATCH = 256
LEARNING_RATE = 3e-3
LABEL_SMOOTHING = 0.1
SEED = 0
DISTORTION = _offline.Distortion(rotation=10.0, shear=0.15, scale=0.1, shift=1.5)
# Of a score, for the loss, in units of an output weight and of an output bias.
SCORE_STEP = 2.0**-6


@dataclass(frozen=True, eq=False)
class Weights:
    """Trained weights, int32, -127 to 127.

    Attributes
    ----------
    hidden, output
        Shapes (pixels, hidden) and (hidden, 10).
    hidden_bias, output_bias
        Shapes (hidden,) and (10,); a step of them counts BIAS_UNIT steps of the others.
    """

    hidden: I32
    output: I32
    hidden_bias: I32
    output_bias: I32

    def save(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes them to a .npz file."""
        _offline.save_arrays(path, {name: getattr(self, name).astype(np.int8) for name in _ARRAYS})

    @classmethod
    def load(cls, path: Optional[Union[str, os.PathLike[str]]] = None) -> Weights:
        """Reads them; without a path, those that come with the package."""
        if path is None:
            with resources.as_file(resources.files("neurocorex").joinpath("data", "mnist_weights.npz")) as packed:
                return cls.load(packed)
        return cls(*_offline.load_arrays(path, _ARRAYS))


_ARRAYS = ("hidden", "output", "hidden_bias", "output_bias")


def _strong(least: int) -> int:
    """The smallest weight of that size that 8 bits and an exponent hold exactly."""
    weight = LARGEST
    while weight < least:
        weight *= 2
    return weight


def build(weights: Weights) -> Classifier:
    """The spiking network that has these weights. In whole numbers: the compiler rounds nothing."""
    pixels, size = weights.hidden.shape
    # No input lifts a hidden neuron that is held to its threshold, or an output neuron to its own before the end.
    most_hidden = (LEVELS * np.maximum(weights.hidden, 0).sum(axis=0) + np.abs(weights.hidden_bias) * BIAS_UNIT).max()
    most_output = (COUNTS * np.abs(weights.output).sum(axis=0) + np.abs(weights.output_bias) * BIAS_UNIT).max()
    hold = _strong(int(most_hidden))
    ceiling = int(most_output) + 1
    net = Network("mnist")
    net.fraction_bits = 0
    image = net.axons(pixels, name="pixels")
    control = [net.axons(1, name=name) for name in CONTROLS]
    hidden = net.population(size, threshold=THRESHOLD, soft_reset=True, name="hidden")
    output = net.population(CLASSES, threshold=ceiling, winner_take_all=True, name="output")
    to_hidden = net.connect(image, hidden, weights.hidden, format="dense")
    to_output = net.connect(hidden, output, weights.output, format="dense")
    net.connect(control[HOLD], hidden, np.full((1, size), -hold), format="dense")
    net.connect(control[RELEASE], hidden, np.full((1, size), hold), format="dense")
    net.connect(control[BIAS], hidden, weights.hidden_bias[np.newaxis] * BIAS_UNIT, format="dense")
    net.connect(control[BIAS], output, weights.output_bias[np.newaxis] * BIAS_UNIT, format="dense")
    net.connect(control[ANSWER], output, np.full((1, CLASSES), _strong(2 * ceiling)), format="dense")
    return Classifier(net, hidden, output, to_hidden, to_output)


def encode(images: datasets.Images) -> Indices:
    """Input spikes of the pixels, and of the axons behind them.

    Parameters
    ----------
    images
        Of as many pixels as the network has.

    Returns
    -------
    uint32, shape (events, 3)
        Sample, tick, axon.
    """
    values = images.values
    pixels = values.shape[1]
    orders = np.array([(0, HOLD), (0, BIAS), (LEVELS - 1, RELEASE), (TICKS - 1, HOLD), (TICKS - 1, ANSWER)])
    samples = np.repeat(np.arange(len(images)), len(orders))
    ticks, axons = np.tile(orders, (len(images), 1)).T
    events = np.concatenate((encoders.rate(values, LEVELS), np.column_stack((samples, ticks, axons + pixels))))
    ordered: Indices = events[np.lexsort((events[:, 2], events[:, 1], events[:, 0]))].astype(np.uint32)
    return ordered


def decide(counts: npt.NDArray[np.uint32]) -> I64:
    """The class whose neuron fired, from the output neurons' spike counts, shape (samples, 10)."""
    answers: I64 = counts.argmax(axis=1)
    return answers


def _levels(images: npt.NDArray[Any], most: int) -> F32:
    """`encoders.rate` as numbers of spikes: float32, shape (samples, pixels)."""
    levels: F32 = np.floor(images.reshape(len(images), math.prod(images.shape[1:])) * (LEVELS / most)
                           + 0.5).astype(np.float32)
    return levels


def reference(weights: Weights, images: datasets.Images) -> tuple[I64, I64]:
    """What the network does, computed here in whole numbers: needs no emulator.

    Parameters
    ----------
    weights
        Of the network, as `build` takes them.
    images
        Of as many pixels.

    Returns
    -------
    hidden, answers
        Spike counts of the hidden neurons, shape (samples, hidden), and the answers, shape (samples,).
    """
    levels = _levels(images.images.astype(np.float64), images.levels)
    # Products of float32 are exact here (below 2**24), and faster than those of integers.
    sums = (levels @ weights.hidden.astype(np.float32)).astype(np.int64) + weights.hidden_bias * BIAS_UNIT
    counts = np.clip((sums - 1) // THRESHOLD, 0, COUNTS)
    scores = counts @ weights.output.astype(np.int64) + weights.output_bias * BIAS_UNIT
    return counts, scores.argmax(axis=1)


def _rounded(latent: F32) -> F32:
    return np.clip(np.rint(latent), -LARGEST, LARGEST)


def _gradients(latent: list[F32], levels: F32, labels: I64) -> list[F32]:
    """Of the loss of one batch, by the weights in steps; straight through everything that rounds."""
    hidden, output, hidden_bias, output_bias = (_rounded(part) for part in latent)
    unit, step = np.float32(1.0 / THRESHOLD), np.float32(SCORE_STEP)
    sums = (levels @ hidden + hidden_bias * BIAS_UNIT) * unit
    counts = np.clip(np.ceil(sums) - 1.0, 0.0, COUNTS)
    error = _offline.error((counts @ output + output_bias * BIAS_UNIT) * step, labels, LABEL_SMOOTHING) * step
    by_sum = (error @ output.T) * ((sums > 0.0) & (sums < COUNTS + 1.5)) * unit
    return [levels.T @ by_sum, counts.T @ error, by_sum.sum(axis=0) * BIAS_UNIT, error.sum(axis=0) * BIAS_UNIT]


def train(images: datasets.Images, *, hidden: int = HIDDEN, epochs: int = EPOCHS, seed: int = SEED,
          batch: int = BATCH, distorted: bool = True, progress: Optional[Callable[[int], object]] = None) -> Weights:
    """Trains on labelled images.

    Same images, epochs and seed give the same weights on one machine; another BLAS may round differently.

    Parameters
    ----------
    images
        To train with.
    hidden, batch
        Number of hidden neurons, and of images a step.
    epochs
        How often each image is seen.
    seed
        Of the first weights, the order of the images and their distortions.
    distorted
        Whether images are distorted at random.
    progress
        Called with the number of epochs done.
    """
    rng = np.random.default_rng(seed)
    pixels = images.images[0].size
    # Hidden sums come to about two thresholds, whatever the images.
    drive = float(np.sqrt((_levels(images.images[:1000], images.levels)**2).sum(axis=1).mean()))
    shapes = ((pixels, hidden), (hidden, CLASSES), (hidden,), (CLASSES,))
    spread = (2.0 * THRESHOLD / drive, 1.0 / SCORE_STEP / np.sqrt(hidden), 0.0, 0.0)
    latent = [(width * rng.normal(0.0, 1.0, shape)).astype(np.float32) for width, shape in zip(spread, shapes)]
    batches = max(1, len(images) // batch)
    # Each in steps of its own: Adam's steps are as large as its rate, whatever the gradient.
    adams = [_offline.Adam([part], epochs * batches, LEARNING_RATE * scale)
             for part, scale in zip(latent, (THRESHOLD, 1.0 / SCORE_STEP, THRESHOLD / BIAS_UNIT,
                                             1.0 / SCORE_STEP / BIAS_UNIT))]
    grey, labels = images.images.astype(np.float32), images.labels.astype(np.int64)
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        for k in range(batches):
            chosen = order[k * batch:(k + 1) * batch]
            part = grey[chosen]
            if distorted:
                part = _offline.distort(part, rng, DISTORTION, np.float32)
            for adam, gradient in zip(adams, _gradients(latent, _levels(part, images.levels), labels[chosen])):
                adam.update([gradient])
            for values in latent:
                np.clip(values, -LARGEST, LARGEST, out=values)
        if progress is not None:
            progress(epoch + 1)
    return Weights(*(_rounded(part).astype(np.int32) for part in latent))


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Trains, tests, and saves."""
    parser = argparse.ArgumentParser(prog="python -m neurocorex.training.mnist", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="where MNIST's four files are")
    parser.add_argument("weights", nargs="?", help="file to write (.npz)")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help="(default: %(default)s)")
    parser.add_argument("--held-out", type=int, default=0, metavar="N",
                        help="test with the last N training images, which are then not trained with")
    options = parser.parse_args(arguments)
    try:
        if options.weights:
            arg.writable("weights", options.weights)
        arg.whole("--epochs", options.epochs, 1)
        training, test = datasets.mnist(options.folder)
        arg.whole("--held-out", options.held_out, 0, len(training) - 1)
        if options.held_out:
            training, test = training[:-options.held_out], training[-options.held_out:]
        with progress_bars.bar(options.epochs, "epochs", None) as report:
            weights = train(training, epochs=options.epochs, progress=report)
        right = reference(weights, test)[1] == test.labels
        print(f"{right.mean():.2%} of {len(test)} {'held-out' if options.held_out else 'test'} images")
        if options.weights:
            weights.save(options.weights)
            print(f"wrote {options.weights}")
    except (Error, OSError) as error:
        print(f"mnist: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
