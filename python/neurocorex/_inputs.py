# SPDX-License-Identifier: BSD-3-Clause
"""The forms in which inputs of a run may come, turned into arrays of events."""

from __future__ import annotations

from typing import Any, Mapping, Optional

import numpy as np
import numpy.typing as npt

from neurocorex import _arguments as arg
from neurocorex._arguments import Floats, Indices
from neurocorex._map import STATE_W

_STATE_MAX = 2 ** (STATE_W - 1) - 1

Groups = Mapping[str, slice]


def _members(name: str, groups: Groups, key: object) -> slice:
    members = arg.member_of(groups, key)
    if members is None:
        raise arg.refuse(name, f"a key {key!r}", "keys among " + ", ".join(map(repr, groups)))
    return members


def event_columns(name: str, value: Any, bounds: tuple[tuple[str, int], ...]) -> Indices:
    """Event rows (whole numbers below their bounds), or a boolean array with an axis a column."""
    array = arg.table(name, value, "as many numbers in each row")
    shape = tuple(size for _, size in bounds)
    if array.dtype == bool and array.ndim == len(bounds):
        if any(have > most for have, most in zip(array.shape, shape)) or array.shape[-1] != shape[-1]:
            raise arg.refuse(name, f"a boolean array of shape {array.shape}", f"at most {shape}")
        return np.argwhere(array).astype(np.uint32)
    if array.size == 0:
        return np.empty((0, len(bounds)), np.uint32)
    if array.shape == shape and array.dtype in (np.uint8, np.int8) and not (array & ~1).any():
        raise arg.refuse(name, f"zeros and ones of {array.dtype} of shape {shape}, a raster or events",
                         "a raster as booleans, or events of another dtype", ".astype(bool), or .astype(int)")
    columns = ", ".join(column for column, _ in bounds)
    if array.ndim != 2 or array.shape[1] != len(bounds) or not np.issubdtype(array.dtype, np.integer):
        raise arg.refuse(name, f"an array of {array.dtype} of shape {array.shape}",
                         f"whole numbers, shape (events, {len(bounds)}): {columns}; or a boolean array")
    for k, (column, size) in enumerate(bounds):
        low, high = array[:, k].min(), array[:, k].max()
        if low < 0 or high >= size:
            raise arg.refuse(name, f"{column} {high if high >= size else low}",
                             f"0 to {size - 1}" if size else f"none: there are no {column}s")
    return array.astype(np.uint32)


def axon_events(inputs: Any, ticks: int, n_axons: int, groups: Groups) -> Indices:
    """uint32, shape (events, 2): tick, axon."""
    if inputs is None:
        return np.empty((0, 2), np.uint32)
    if not isinstance(inputs, Mapping):
        return event_columns("inputs", inputs, (("tick", ticks), ("axon", n_axons)))
    parts = [np.empty((0, 2), np.uint32)]
    for key, value in inputs.items():
        members = _members("inputs", groups, key)
        size = members.stop - members.start
        part = event_columns(f"inputs[{key!r}]", value, (("tick", ticks), ("axon", size)))
        parts.append(part + np.array([0, members.start], np.uint32))
    return np.concatenate(parts)


def _current_triples(name: str, value: Any, ticks: int, size: int) -> tuple[Indices, Floats]:
    if isinstance(value, tuple):
        if len(value) != 3:
            raise arg.refuse(name, f"a tuple of {len(value)}", "(ticks, neurons, values)")
        when = arg.indices(f"{name}[0]", value[0], ticks, "the run")
        who = arg.indices(f"{name}[1]", value[1], size, "the group")
        values = arg.floats(f"{name}[2]", value[2])
        if len(when) != len(who) or values.ndim > 1 or values.size not in (1, len(when)):
            raise arg.refuse(name, f"arrays of {len(when)}, {len(who)} and {values.size}", "three of one length")
        return np.column_stack((when, who)), np.array(np.broadcast_to(values.reshape(-1), (len(when),)))
    array = arg.floats(name, value)
    if array.ndim > 2 or (array.ndim == 2 and (array.shape[0] > ticks or array.shape[1] != size)) or (
            array.ndim == 1 and array.shape != (size,)):
        raise arg.refuse(name, f"an array of shape {array.shape}",
                         f"one number, shape ({size},), or shape (at most {ticks}, {size})")
    dense = array if array.ndim == 2 else np.broadcast_to(array, (ticks, size))
    where = np.argwhere(dense != 0.0)
    return where.astype(np.uint32), dense[where[:, 0], where[:, 1]]


def current_events(currents: Any, ticks: int, n_neurons: int, groups: Groups,
                   step: float) -> tuple[Indices, npt.NDArray[np.int32]]:
    """uint32, shape (events, 2): tick, neuron; int32, shape (events,): values in state units."""
    where = [np.empty((0, 2), np.uint32)]
    values: list[Floats] = [np.empty(0)]
    items: list[tuple[str, Optional[slice], Any]] = []
    if isinstance(currents, Mapping):
        items = [(f"currents[{key!r}]", _members("currents", groups, key), value) for key, value in currents.items()]
    elif currents is not None:
        items = [("currents", None, currents)]
    for name, members, value in items:
        first, size = (0, n_neurons) if members is None else (members.start, members.stop - members.start)
        part, amounts = _current_triples(name, value, ticks, size)
        raw = amounts / step
        bad = ~(np.abs(raw) <= _STATE_MAX)  # true for NaN as well
        if bad.any():
            raise arg.refuse(name, f"contains {amounts[bad][0]:g}", f"numbers within +-{_STATE_MAX * step:g}")
        where.append(part + np.array([0, first], np.uint32))
        values.append(arg.nearest(raw))
    return np.concatenate(where), np.concatenate(values).astype(np.int32)
