# SPDX-License-Identifier: BSD-3-Clause
"""Who connects to whom, in PyNN's words. Random ones draw from a seed: same seed, same synapses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterator, Optional, Protocol

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex._arguments import Floats, Indices

# Random numbers drawn at a time: bounds the memory that a large projection takes while it is made.
_BLOCK = 1 << 22


@dataclass(frozen=True)
class Synapses:
    """Pairs of numbers within the two groups, one a synapse; weights and delays if the connector has its own.

    Attributes
    ----------
    pre, post
        Shape (synapses,): numbers within the source group and the target population.
    weights, delays
        Shape (synapses,), in the unit of the potentials and in ticks; None: those of `Network.connect`.
    """

    pre: Indices
    post: Indices
    weights: Optional[Floats] = None
    delays: Optional[Indices] = None


class Connector(Protocol):
    """Anything that `Network.connect` takes as its `connector`."""

    def synapses(self, n_pre: int, n_post: int, same: bool) -> Synapses:
        """Synapses between `n_pre` sources and `n_post` targets; `same`: the two groups are one population."""


def _without_loops(pre: Any, post: Any, drop: bool) -> Synapses:
    keep = pre != post if drop else slice(None)
    return Synapses(pre[keep].astype(np.uint32), post[keep].astype(np.uint32))


@dataclass(frozen=True)
class _AllToAll:
    self_connections: bool

    def synapses(self, n_pre: int, n_post: int, same: bool) -> Synapses:
        pre = np.repeat(np.arange(n_pre), n_post)
        post = np.tile(np.arange(n_post), n_pre)
        return _without_loops(pre, post, same and not self.self_connections)


@dataclass(frozen=True)
class _OneToOne:
    def synapses(self, n_pre: int, n_post: int, same: bool) -> Synapses:
        if n_pre != n_post:
            raise arg.refuse("connector", f"one_to_one between {n_pre} and {n_post}", "groups of one size")
        numbers = np.arange(n_pre, dtype=np.uint32)
        return Synapses(numbers, numbers.copy())


@dataclass(frozen=True)
class _FixedProbability:
    p: float
    seed: int
    self_connections: bool

    def synapses(self, n_pre: int, n_post: int, same: bool) -> Synapses:
        rng = np.random.default_rng(self.seed)
        rows = max(1, _BLOCK // n_post)
        pre, post = [], []
        for first in range(0, n_pre, rows):
            hit = rng.random((min(rows, n_pre - first), n_post)) < self.p
            where = np.nonzero(hit)
            pre.append(where[0] + first)
            post.append(where[1])
        return _without_loops(np.concatenate(pre), np.concatenate(post), same and not self.self_connections)


@dataclass(frozen=True)
class _FixedNumber:
    n: int
    seed: int
    self_connections: bool
    inputs: bool  # n inputs for each neuron; else n targets for each source

    def synapses(self, n_pre: int, n_post: int, same: bool) -> Synapses:
        ends, others = (n_post, n_pre) if self.inputs else (n_pre, n_post)
        drop = same and not self.self_connections
        if self.n > others - drop:
            raise arg.refuse("n", self.n, f"at most {others - drop}, the neurons to choose from")
        chosen = np.array(list(self._choices(ends, others, drop)), dtype=np.uint32).reshape(-1)
        fixed = np.repeat(np.arange(ends, dtype=np.uint32), self.n)
        return Synapses(chosen, fixed) if self.inputs else Synapses(fixed, chosen)

    def _choices(self, ends: int, others: int, drop: bool) -> Iterator[npt.NDArray[np.int64]]:
        rng = np.random.default_rng(self.seed)
        for end in range(ends):
            numbers = np.sort(rng.choice(others - drop, self.n, replace=False))
            yield numbers + (numbers >= end) if drop else numbers  # skips the neuron itself


@dataclass(frozen=True)
class _FromList:
    rows: Floats

    def synapses(self, n_pre: int, n_post: int, same: bool) -> Synapses:
        pre = arg.indices("rows[:, 0]", self.rows[:, 0], n_pre, "the source group")
        post = arg.indices("rows[:, 1]", self.rows[:, 1], n_post, "the target population")
        columns = self.rows.shape[1]
        weights = self.rows[:, 2].copy() if columns > 2 else None
        delays = None
        if columns > 3:
            delays = arg.whole_per_item("rows[:, 3]", self.rows[:, 3], len(pre), 1, arg.MAX_U32).astype(np.uint32)
        return Synapses(pre, post, weights, delays)


def all_to_all(*, self_connections: bool = True) -> Connector:
    """Every source to every target (PyNN: AllToAllConnector).

    Parameters
    ----------
    self_connections
        Within one population: whether a neuron also connects to itself.
    """
    return _AllToAll(bool(self_connections))


def one_to_one() -> Connector:
    """Source k to target k; both groups have one size (PyNN: OneToOneConnector)."""
    return _OneToOne()


def fixed_probability(p: float, *, seed: int = 1, self_connections: bool = True) -> Connector:
    """Each possible synapse exists with probability `p` (PyNN: FixedProbabilityConnector).

    Parameters
    ----------
    p
        0 to 1.
    seed
        Same seed, same synapses.
    self_connections
        Within one population: whether a neuron may also connect to itself.
    """
    if not 0.0 <= arg.number("p", p, "a probability from 0 to 1") <= 1.0:
        raise arg.refuse("p", p, "a probability from 0 to 1")
    return _FixedProbability(float(p), arg.whole("seed", seed, 0), bool(self_connections))


def fixed_number_pre(n: int, *, seed: int = 1, self_connections: bool = True) -> Connector:
    """Every target gets exactly `n` different sources (PyNN: FixedNumberPreConnector).

    Parameters
    ----------
    n
        At most as many as there are to choose from.
    seed
        Same seed, same synapses.
    self_connections
        Within one population: whether a neuron may also connect to itself.
    """
    return _FixedNumber(arg.whole("n", n, 0), arg.whole("seed", seed, 0), bool(self_connections), inputs=True)


def fixed_number_post(n: int, *, seed: int = 1, self_connections: bool = True) -> Connector:
    """Every source gets exactly `n` different targets (PyNN: FixedNumberPostConnector).

    Parameters
    ----------
    n
        At most as many as there are to choose from.
    seed
        Same seed, same synapses.
    self_connections
        Within one population: whether a neuron may also connect to itself.
    """
    return _FixedNumber(arg.whole("n", n, 0), arg.whole("seed", seed, 0), bool(self_connections), inputs=False)


def from_list(rows: npt.ArrayLike) -> Connector:
    """Synapses one by one (PyNN: FromListConnector).

    Parameters
    ----------
    rows
        Array of shape (synapses, 2), (synapses, 3) or (synapses, 4): source, target, weight, delay in
        ticks. Columns that are there take the place of `connect`'s `weights` and `delay`.
    """
    array = arg.floats("rows", rows)
    if array.size == 0:
        array = array.reshape(0, 2)
    if array.ndim != 2 or not 2 <= array.shape[1] <= 4:
        raise arg.refuse("rows", f"an array of shape {array.shape}", "shape (synapses, 2 to 4)")
    return _FromList(array)
