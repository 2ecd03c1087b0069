# SPDX-License-Identifier: BSD-3-Clause
"""Numbers to input spikes, on the host, without chance or with a seed.

Every encoder takes values from 0 to 1, of shape (axons,) for one sample or (samples, axons) for many, and
returns uint32 events: shape (events, 2), tick and axon, for `Emulator.run`; or shape (events, 3), sample,
tick and axon, for `Emulator.run_samples`. Events are ordered by sample, then tick, then axon.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex._arguments import Floats, Indices


class Encoder(Protocol):
    """Values of 0 to 1 and a number of ticks to events."""

    def __call__(self, values: npt.ArrayLike, ticks: int) -> Indices:
        """Events as the module's text says."""


def _values(values: npt.ArrayLike, ticks: int) -> tuple[Floats, int]:
    ticks = arg.whole("ticks", ticks, 0)
    array = arg.floats("values", values)
    if array.ndim not in (1, 2):
        raise arg.refuse("values", f"an array of shape {array.shape}", "shape (axons,) or (samples, axons)")
    if not bool(np.all((array >= 0.0) & (array <= 1.0))):
        raise arg.refuse("values", "some below 0, above 1 or not a number", "numbers from 0 to 1",
                         "values / values.max()")
    return array, ticks


def _events(spikes: npt.NDArray[np.bool_]) -> Indices:
    """From a boolean array of shape (..., ticks, axons)."""
    return np.argwhere(spikes).astype(np.uint32)


def rate(values: npt.ArrayLike, ticks: int, *, phase: float = 0.5) -> Indices:
    """Evenly spaced spikes: after t ticks an axon has had floor(value * t + phase) of them.

    The rounding error of one tick is carried to the next, so the count is as close to value * ticks as
    a whole number can be.

    Parameters
    ----------
    values, ticks
        See the module.
    phase
        0 up to, not including, 1: 0 fires late, larger values fire earlier; 0.5 rounds to nearest.
    """
    array, ticks = _values(values, ticks)
    if not 0.0 <= arg.number("phase", phase, "a number from 0 up to, not including, 1") < 1.0:
        raise arg.refuse("phase", phase, "a number from 0 up to, not including, 1")
    steps = np.arange(ticks + 1)[:, np.newaxis]
    due = np.floor(array[..., np.newaxis, :] * steps + phase)
    return _events(np.diff(due, axis=-2) > 0)


def latency(values: npt.ArrayLike, ticks: int) -> Indices:
    """One spike an axon, sooner for larger values: 1 in the first tick, near 0 in the last, 0 none at all.

    Parameters
    ----------
    values, ticks
        See the module.
    """
    array, ticks = _values(values, ticks)
    when = np.rint((1.0 - array) * (ticks - 1))
    steps = np.arange(ticks)[:, np.newaxis]
    return _events((steps == when[..., np.newaxis, :]) & (array > 0.0)[..., np.newaxis, :])


def bernoulli(values: npt.ArrayLike, ticks: int, *, seed: int = 1) -> Indices:
    """In every tick an axon fires with probability `value`, as the encoders on the chip do.

    Parameters
    ----------
    values, ticks
        See the module.
    seed
        Same seed, same spikes.
    """
    array, ticks = _values(values, ticks)
    rng = np.random.default_rng(arg.whole("seed", seed, 0))
    shape = (*array.shape[:-1], ticks, array.shape[-1])
    return _events(rng.random(shape) < array[..., np.newaxis, :])
