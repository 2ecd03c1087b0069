# SPDX-License-Identifier: BSD-3-Clause
"""The demo's pictures. Draws into files only: no screen is needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neurocorex.datasets import Images
from neurocorex.results import SamplesResult
from neurocorex.training import digits

Labels = npt.NDArray[np.int64]

_DPI = 130
_GOOD, _BAD, _QUIET = "tab:green", "tab:red", "0.75"


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def one_of_each(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """The first image of every class."""
    return np.array([np.argmax(labels == label) for label in range(digits.CLASSES)])


def raster(path: Path, test: Images, result: SamplesResult) -> None:
    """The spikes of ten images, one after the other."""
    chosen = one_of_each(test.labels)
    figure = _figure(10, 4.8)
    axes = figure.add_subplot()
    for place, sample in enumerate(chosen):
        spikes = result.spikes[result.spikes[:, 0] == sample]
        start = place * result.ticks
        for color, inside in (("tab:blue", spikes[:, 2] < digits.HIDDEN), ("tab:red", spikes[:, 2] >= digits.HIDDEN)):
            axes.scatter(start + spikes[inside, 1], spikes[inside, 2], s=14, marker="|", color=color)
        axes.axvline(start - 0.5, color="0.85", linewidth=0.8, zorder=0)
        axes.text(start + result.ticks / 2 - 0.5, digits.HIDDEN + digits.CLASSES + 1, f"“{test.labels[sample]}”",
                  ha="center")
    axes.axhline(digits.HIDDEN - 0.5, color="0.6", linewidth=0.8)
    axes.text(-1.2, digits.HIDDEN / 2, "hidden", color="tab:blue", rotation=90, ha="center", va="center")
    axes.text(-1.2, digits.HIDDEN + digits.CLASSES / 2 - 0.5, "output", color="tab:red", rotation=90, ha="center",
              va="center")
    axes.set(xlim=(-2, len(chosen) * result.ticks - 0.5), ylim=(-1, digits.HIDDEN + digits.CLASSES + 6),
             xlabel=f"time (ticks; {result.ticks} an image)", ylabel="neuron (number)")
    axes.set_title("Spikes for one image of each digit")
    figure.savefig(path)


def _answer(axes: Axes, counts: npt.NDArray[np.uint32], label: int, answer: int) -> None:
    colors = [_QUIET] * digits.CLASSES
    colors[answer] = _GOOD if answer == label else _BAD
    axes.bar(range(digits.CLASSES), counts, color=colors)
    axes.set(xticks=range(digits.CLASSES), ylim=(0, digits.INPUT_TICKS + 0.5), yticks=[0, 2, 4])
    axes.tick_params(labelsize=6)


def answers(path: Path, test: Images, result: SamplesResult, given: Labels) -> None:
    """Some images with the output neurons' spike counts: one of each digit, and mistakes with five digits."""
    wrong = np.flatnonzero(given != test.labels)
    first_of_digit = np.unique(test.labels[wrong], return_index=True)[1]
    chosen = [*one_of_each(test.labels), *np.sort(wrong[first_of_digit])[:5]]
    counts = result.counts_of("output")
    columns = 5
    rows = -(-len(chosen) // columns)
    figure = _figure(2.1 * columns, 2.3 * rows)
    grid = figure.add_gridspec(2 * rows, columns, height_ratios=[2, 1] * rows)
    for k, sample in enumerate(chosen):
        row, column = divmod(k, columns)
        picture = figure.add_subplot(grid[2 * row, column])
        picture.imshow(test.images[sample], cmap="gray_r", vmin=0, vmax=test.levels)
        picture.set(xticks=[], yticks=[])
        right = given[sample] == test.labels[sample]
        picture.set_title(f"“{test.labels[sample]}”, answer {given[sample]}", fontsize=9, color="k" if right else _BAD)
        below = figure.add_subplot(grid[2 * row + 1, column])
        _answer(below, counts[sample], int(test.labels[sample]), int(given[sample]))
        if column == 0:
            below.set_ylabel("spikes", fontsize=7)
        if row == rows - 1:
            below.set_xlabel("output neuron", fontsize=7)
    figure.savefig(path)


def confusion(path: Path, labels: npt.NDArray[np.uint8], given: Labels, network: str) -> None:
    """How often each digit got each answer. `network` says in the title whose answers they are."""
    table = np.zeros((digits.CLASSES, digits.CLASSES), int)
    np.add.at(table, (labels.astype(np.int64), given), 1)
    figure = _figure(6, 5.2)
    axes = figure.add_subplot()
    picture = axes.imshow(table, cmap="Blues")
    for (row, column), count in np.ndenumerate(table):
        if count:
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8,
                      color="w" if count > table.max() / 2 else "k")
    axes.set(xticks=range(digits.CLASSES), yticks=range(digits.CLASSES), xlabel="answer", ylabel="digit")
    axes.set_title(f"{network}: {np.mean(labels == given):.1%} of {len(labels)} test images right")
    figure.colorbar(picture, ax=axes, label="images")
    figure.savefig(path)


def receptive_fields(path: Path, weights: npt.NDArray[np.float64], names: Labels) -> None:
    """The weights of each neuron as a picture, sorted by the digit that it stands for.

    Parameters
    ----------
    weights
        Shape (64, neurons).
    names
        Shape (neurons,); -1: none.
    """
    order = np.argsort(names, kind="stable")
    side = round(weights.shape[0] ** 0.5)
    columns = max(1, round(1.6 * len(order) ** 0.5))
    rows = -(-len(order) // columns)
    figure = _figure(0.62 * columns, 0.78 * rows + 0.7)
    figure.suptitle("What the neurons have learned, and the digit each was named after\n"
                    f"(weights of the 64 pixels; white 0, black {weights.max():.2g})")
    for axes, neuron in zip(figure.subplots(rows, columns, squeeze=False).ravel(), order):
        axes.imshow(weights[:, neuron].reshape(side, side), cmap="gray_r", vmin=0.0, vmax=weights.max())
        axes.set_title(str(names[neuron]) if names[neuron] >= 0 else "-", fontsize=7, pad=2)
    for axes in figure.axes:
        axes.axis("off")
    figure.savefig(path)
