# SPDX-License-Identifier: BSD-3-Clause
"""The digit classifier: 64 axons, 96 hidden and 10 output neurons, 5 ticks an image.

    python -m neurocorex.training.digits [WEIGHTS.npz]

trains it anew (about half a minute) and tests it. Training runs the network's own dynamics, neurons that
integrate and subtract their threshold when they fire, and replaces the derivative of a spike by a triangle
(a surrogate gradient). It sees the first half of the data only, with small random distortions. Hyperparameters
were chosen with images 600 to 897 held out of the training half; the test half has had no part in it.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from importlib import resources
from typing import Callable, Optional, Sequence, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex import datasets, encoders
from neurocorex._arguments import Floats, Indices
from neurocorex.errors import Error
from neurocorex.network import Network
from neurocorex.training import _offline
from neurocorex.training._offline import Classifier

F32 = npt.NDArray[np.float32]
I32 = npt.NDArray[np.int32]

SIDE = 8
PIXELS = SIDE * SIDE
CLASSES = 10
HIDDEN = 96
# Ticks with input spikes; a spike of the hidden layer needs one more to reach the output.
INPUT_TICKS = 4
TICKS = INPUT_TICKS + 1
THRESHOLD = 1.0
# Weights are whole multiples of this, so that the compiler rounds none of them.
WEIGHT_STEP = 2.0**-10

# Training.
EPOCHS = 1000
BATCH = 128
LEARNING_RATE = 5e-3
WEIGHT_DECAY = 1e-4
LABEL_SMOOTHING = 0.2
DROPOUT = 0.1
SPIKE_COST = 2e-4
SURROGATE_WIDTH = 1.0
SEED = 0
DISTORTION = _offline.Distortion(rotation=12.0, shear=0.2, scale=0.12, shift=0.4)


@dataclass(frozen=True, eq=False)
class Weights:
    """Trained weights in units of WEIGHT_STEP: int32, shapes (64, 96) and (96, 10)."""

    hidden: I32
    output: I32

    def save(self, path: Union[str, os.PathLike[str]]) -> None:
        """Writes them to a .npz file."""
        _offline.save_arrays(path, {name: getattr(self, name).astype(np.int16) for name in _ARRAYS})

    @classmethod
    def load(cls, path: Optional[Union[str, os.PathLike[str]]] = None) -> Weights:
        """Reads them; without a path, those that come with the package."""
        if path is None:
            with resources.as_file(resources.files("neurocorex").joinpath("data", "digits_weights.npz")) as packed:
                return cls.load(packed)
        return cls(*_offline.load_arrays(path, _ARRAYS))


_ARRAYS = ("hidden", "output")


def build(weights: Weights) -> Classifier:
    """The spiking network that has these weights."""
    network = Network("digits")
    pixels = network.axons(PIXELS, name="pixels")
    hidden = network.population(HIDDEN, threshold=THRESHOLD, soft_reset=True, name="hidden")
    output = network.population(CLASSES, threshold=THRESHOLD, soft_reset=True, name="output")
    return Classifier(network, hidden, output,
                      network.connect(pixels, hidden, weights.hidden * WEIGHT_STEP, format="dense"),
                      network.connect(hidden, output, weights.output * WEIGHT_STEP, format="dense"))


def encode(images: datasets.Images) -> Indices:
    """Input spikes: a pixel of brightness v fires v * 4 times, rounded, evenly spaced.

    Parameters
    ----------
    images
        Of 8 x 8 pixels.

    Returns
    -------
    uint32, shape (events, 3)
        Sample, tick, axon.
    """
    return encoders.rate(images.values, INPUT_TICKS)


def decide(counts: npt.NDArray[np.uint32], potentials: Floats) -> npt.NDArray[np.int64]:
    """The class whose neuron fired most; of equals, the one with the larger membrane potential.

    Parameters
    ----------
    counts
        Spike counts of the output neurons, shape (samples, 10).
    potentials
        Their potentials at the end, shape (samples, 10).
    """
    best = counts == counts.max(axis=1, keepdims=True)
    answers: npt.NDArray[np.int64] = np.where(best, potentials, -np.inf).argmax(axis=1)
    return answers


def classify_reference(weights: Weights, images: datasets.Images) -> npt.NDArray[np.int64]:
    """What the network answers, computed here in whole numbers: needs no emulator.

    Parameters
    ----------
    weights
        Of the network, as `build` takes them.
    images
        Of 8 x 8 pixels, 0 to 16.

    Returns
    -------
    int64, shape (images,)
    """
    spikes = _input_spikes(images.images.reshape(len(images), PIXELS).astype(np.int32)).astype(np.int32)
    threshold = round(THRESHOLD / WEIGHT_STEP)
    v_hidden = np.zeros((len(images), HIDDEN), np.int32)
    v_output = np.zeros((len(images), CLASSES), np.int32)
    fired = np.zeros_like(v_hidden)
    counts = np.zeros((len(images), CLASSES), np.uint32)
    for tick in range(TICKS):
        v_output += fired @ weights.output
        if tick < INPUT_TICKS:
            v_hidden += spikes[tick] @ weights.hidden
        fired = (v_hidden > threshold).astype(np.int32)
        v_hidden -= threshold * fired
        spoke = v_output > threshold
        v_output -= threshold * spoke
        counts += spoke
    return decide(counts, v_output.astype(np.float64))


def _input_spikes(pixels: I32) -> F32:
    """`encode` for pixels 0 to 16 of shape (samples, 64): float32, shape (ticks, samples, 64)."""
    steps = np.arange(INPUT_TICKS + 1, dtype=np.int32)[:, np.newaxis, np.newaxis]
    return np.diff((steps * pixels + 8) // 16, axis=0).astype(np.float32)


def distort(images: npt.NDArray[np.float32], rng: np.random.Generator) -> I32:
    """Each image turned, sheared, scaled and shifted a little, at random: int32, 0 to 16.

    Parameters
    ----------
    images
        Shape (n, 8, 8), 0 to 16.
    rng
        Draws by how much.
    """
    grey: I32 = np.clip(np.rint(_offline.distort(images, rng, DISTORTION)), 0, 16).astype(np.int32)
    return grey


def _gradients(hidden: F32, output: F32, pixels: I32, labels: npt.NDArray[np.int64],
               rng: np.random.Generator) -> list[F32]:
    """Of the loss of one batch, by the two weight matrices."""
    count = len(labels)
    spikes = _input_spikes(pixels)
    into = (spikes.reshape(-1, PIXELS) @ hidden).reshape(INPUT_TICKS, count, HIDDEN)
    before = np.empty_like(into)  # potentials before the reset of each tick
    v = np.zeros((count, HIDDEN), np.float32)
    totals = np.zeros_like(v)
    for tick in range(INPUT_TICKS):
        v = v + into[tick]
        before[tick] = v
        fired = (v > THRESHOLD).astype(np.float32)
        totals += fired
        v = v - THRESHOLD * fired

    kept = ((rng.random(totals.shape) > DROPOUT) / (1.0 - DROPOUT)).astype(np.float32)
    error = _offline.error((totals * kept) @ output, labels, LABEL_SMOOTHING)
    by_total = (error @ output.T) * kept + np.float32(SPIKE_COST / count)
    by_v = np.zeros_like(by_total)
    by_input = np.empty_like(before)
    for tick in reversed(range(INPUT_TICKS)):
        slope = np.maximum(0.0, 1.0 - np.abs(before[tick] - THRESHOLD) / SURROGATE_WIDTH) / SURROGATE_WIDTH
        by_v = by_total * slope + by_v * (1.0 - THRESHOLD * slope)
        by_input[tick] = by_v
    by_hidden = spikes.reshape(-1, PIXELS).T @ by_input.reshape(-1, HIDDEN)
    return [by_hidden, (totals * kept).T @ error]


def train(images: datasets.Images, *, epochs: int = EPOCHS, seed: int = SEED,
          progress: Optional[Callable[[int], object]] = None) -> Weights:
    """Trains on labelled 8 x 8 images with pixels from 0 to 16.

    Same images, epochs and seed give the same weights on one machine; another BLAS may round differently.

    Parameters
    ----------
    images
        To train with.
    epochs
        How often each image is seen.
    seed
        Of the first weights, the order of the images and their distortions.
    progress
        Called with the number of epochs done.
    """
    rng = np.random.default_rng(seed)
    hidden = rng.normal(0.0, 1.0 / np.sqrt(0.3 * PIXELS), (PIXELS, HIDDEN)).astype(np.float32)
    output = rng.normal(0.0, 1.0 / np.sqrt(HIDDEN), (HIDDEN, CLASSES)).astype(np.float32)
    batches = max(1, len(images) // BATCH)
    adam = _offline.Adam([hidden, output], epochs * batches, LEARNING_RATE, WEIGHT_DECAY)
    grey, labels = images.images.astype(np.float32), images.labels.astype(np.int64)
    for epoch in range(epochs):
        order = rng.permutation(len(images))
        pixels = distort(grey[order], rng).reshape(-1, PIXELS)
        for batch in range(batches):
            part = slice(batch * BATCH, (batch + 1) * BATCH)
            adam.update(_gradients(hidden, output, pixels[part], labels[order[part]], rng))
        if progress is not None:
            progress(epoch + 1)
    return Weights(*(np.rint(w / WEIGHT_STEP).astype(np.int32) for w in (hidden, output)))


def main(words: Optional[Sequence[str]] = None) -> int:
    """Trains, tests, and saves; exit code 1 if the file cannot be written."""
    parser = argparse.ArgumentParser(description="Trains the digit classifier.")
    parser.add_argument("weights", nargs="?", help="file to write (.npz)")
    arguments = parser.parse_args(words)
    from neurocorex import progress as progress_bars

    try:
        if arguments.weights:
            arg.writable("weights", arguments.weights)
        training, test = datasets.digits().split()
        with progress_bars.bar(EPOCHS, "epochs", None) as report:
            weights = train(training, progress=report)
        right = classify_reference(weights, test) == test.labels
        print(f"{right.mean():.2%} of {len(test)} test images")
        if arguments.weights:
            weights.save(arguments.weights)
            print(f"wrote {arguments.weights}")
    except Error as error:
        print(f"digits: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
