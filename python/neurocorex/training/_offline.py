# SPDX-License-Identifier: BSD-3-Clause
"""What the offline trainings share: the optimiser, the loss and small distortions of images, in plain numpy, and the
parts of the network that they end in."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from typing import Any, Mapping, Sequence, Union

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex.errors import InputError
from neurocorex.network import Network, Population, Projection

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Classifier:
    """The network and its parts."""

    network: Network
    hidden: Population
    output: Population
    to_hidden: Projection
    to_output: Projection


def save_arrays(path: Union[str, os.PathLike[str]], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Writes weights to a .npz file."""
    name = arg.path("path", path)
    try:
        with open(name, "wb") as file:
            np.savez_compressed(file, **arrays)
    except OSError as error:
        raise InputError(f"path: {error}\n  try: a file in a folder that is there, where you may write") from error


def load_arrays(path: Union[str, os.PathLike[str]], names: Sequence[str]) -> list[npt.NDArray[np.int32]]:
    """Weights from a .npz file."""
    name = arg.path("weights", path)
    try:
        with np.load(name) as arrays:
            return [arrays[each].astype(np.int32) for each in names]
    # The last four: an empty file, a truncated one, and one array alone.
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise InputError(f"weights: {name}: {error}; expected a file that Weights.save wrote") from error


class Adam:
    """The usual optimiser, with decoupled weight decay and a learning rate that falls along a cosine."""

    def __init__(self, parameters: list[F32], steps: int, rate: float, decay: float = 0.0) -> None:
        self.parameters, self.steps, self.rate, self.decay, self.step = parameters, steps, rate, decay, 0
        self.mean = [np.zeros_like(p) for p in parameters]
        self.square = [np.zeros_like(p) for p in parameters]

    def update(self, gradients: list[F32]) -> None:
        """One step."""
        self.step += 1
        rate = self.rate * 0.5 * (1.0 + np.cos(np.pi * self.step / self.steps))
        for p, gradient, mean, square in zip(self.parameters, gradients, self.mean, self.square):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient * gradient - square)
            unbiased = np.sqrt(square / (1 - 0.999**self.step)) + 1e-8
            p -= (rate * (mean / (1 - 0.9**self.step) / unbiased + self.decay * p)).astype(np.float32)


def error(scores: F32, labels: npt.NDArray[np.int64], smoothing: float) -> F32:
    """Derivative of the batch's mean cross entropy, with smoothed labels, by its scores; shape (samples, classes)."""
    count, classes = scores.shape
    scores = scores - scores.max(axis=1, keepdims=True)
    result = np.exp(scores)
    result /= result.sum(axis=1, keepdims=True)
    result -= smoothing / classes
    result[np.arange(count), labels] -= 1.0 - smoothing
    return (result / count).astype(np.float32)


@dataclass(frozen=True)
class Distortion:
    """Largest rotation (degrees), shear, relative change of size, shift (pixels)."""

    rotation: float
    shear: float
    scale: float
    shift: float


def distort(images: F32, rng: np.random.Generator, most: Distortion, dtype: Any = np.float64) -> npt.NDArray[Any]:
    """Each square image turned, sheared, scaled and shifted a little, at random; grey values are interpolated.

    Parameters
    ----------
    images
        Shape (n, side, side).
    dtype
        Of the coordinates and the result.
    """
    count, side = len(images), images.shape[1]

    def draw(limit: float) -> npt.NDArray[Any]:
        drawn: npt.NDArray[Any] = rng.uniform(-limit, limit, count)[:, np.newaxis, np.newaxis].astype(dtype)
        return drawn

    angle = np.deg2rad(draw(most.rotation))
    shear, wide, high = draw(most.shear), dtype(1.0) + draw(most.scale), dtype(1.0) + draw(most.scale)
    middle = (side - 1) / 2
    y, x = (np.mgrid[:side, :side] - middle).astype(dtype)
    from_x = wide * (np.cos(angle) * x - np.sin(angle) * y) + shear * y + draw(most.shift) + dtype(middle)
    from_y = high * (np.sin(angle) * x + np.cos(angle) * y) + draw(most.shift) + dtype(middle)
    margin = 2
    padded = np.pad(images, ((0, 0), (margin, margin + 1), (margin, margin + 1)))
    width = padded.shape[1]
    left, top = np.floor(from_x), np.floor(from_y)
    part_x, part_y = from_x - left, from_y - top
    column = np.clip(left.astype(np.int32) + margin, 0, side + margin + 1)
    row = np.clip(top.astype(np.int32) + margin, 0, side + margin + 1)
    # One flat index is several times as fast as three.
    place = (np.arange(count) * (width * width))[:, np.newaxis, np.newaxis] + row * width + column
    flat = padded.reshape(-1)
    upper = flat[place] * (1 - part_x) + flat[place + 1] * part_x
    lower = flat[place + width] * (1 - part_x) + flat[place + width + 1] * part_x
    result: npt.NDArray[Any] = upper * (1 - part_y) + lower * part_y
    return result
