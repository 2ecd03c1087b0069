# SPDX-License-Identifier: BSD-3-Clause
"""Checks of arguments: each error names the argument, what it was and what it may be."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, Mapping, Optional, Union

import numpy as np
import numpy.typing as npt

from neurocorex.errors import InputError

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint32]

MAX_U32 = 2**32 - 1


def refuse(name: str, found: object, expected: str, hint: str = "") -> InputError:
    """The error for an argument; the caller raises it."""
    return InputError(f"{name}: {found}; expected {expected}" + (f"\n  try: {hint}" if hint else ""))


def whole(name: str, value: Any, low: int, high: int = MAX_U32) -> int:
    """A whole number within bounds."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise refuse(name, repr(value), "a whole number") from None
    except OverflowError:
        number = math.inf
    if not (low <= number <= high and number == int(number)):
        raise refuse(name, value, f"a whole number from {low} to {high}")
    return int(number)


def _unmasked(name: str, value: npt.ArrayLike, fill: str) -> None:
    """numpy would use what is behind a mask."""
    parts = [part for part in (value if isinstance(value, (list, tuple)) else [value])
             if isinstance(part, np.ma.MaskedArray)]
    if any(part.dtype.names is None and np.any(part.mask) for part in parts):
        raise refuse(name, "masked values", "an array without them", f".filled({fill})")


def floats(name: str, value: npt.ArrayLike, fill: str = "value") -> Floats:
    """A float64 array of any shape; `fill` is what to put where one is masked."""
    _unmasked(name, value, fill)
    try:
        array = np.asarray(value)
        # numpy would drop the imaginary parts of complex numbers, count dates in days, and unpack records.
        if array.dtype.kind in "cmMV":
            raise TypeError
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise refuse(name, f"{type(value).__name__} that holds no numbers", "a number or an array of numbers") from None


def number(name: str, value: Any, expected: str) -> float:
    """One number."""
    array = floats(name, value)
    if array.ndim:
        raise refuse(name, f"an array of shape {array.shape}", expected)
    return float(array)


def per_item(name: str, value: npt.ArrayLike, size: int, item: str = "neuron") -> Floats:
    """One value for all items or one each, as an array of 1 or `size` values."""
    array = floats(name, value)
    if array.ndim == 0:
        return array.reshape(1)
    if array.shape != (size,):
        raise refuse(name, f"an array of shape {array.shape}", f"one number, or one for each {item}: shape ({size},)")
    return array


def whole_per_item(name: str, value: npt.ArrayLike, size: int, low: int, high: int, item: str = "neuron") -> Floats:
    """As `per_item`, whole numbers within bounds."""
    return all_whole(name, per_item(name, value, size, item), low, high)


def all_whole(name: str, array: Floats, low: int, high: int) -> Floats:
    """An array of whole numbers within bounds, of any shape."""
    bad = ~((array >= low) & (array <= high) & (array == np.floor(array)))
    if bad.any():
        raise refuse(name, f"contains {array[bad][0]:g}", f"whole numbers from {low} to {high}")
    return array


def member_of(groups: Mapping[str, slice], key: object) -> Optional[slice]:
    """The numbers of a group given by its name or handle; None: there is no such group, or it has another size."""
    word = key if isinstance(key, str) else getattr(key, "name", None)
    found = groups.get(word) if isinstance(word, str) else None
    if found is None or isinstance(key, str) or getattr(key, "size", None) == found.stop - found.start:
        return found
    return None


def nearest(values: Floats) -> Floats:
    """The nearest whole numbers; halves go away from zero, as where a network is compiled."""
    whole: Floats = np.trunc(values)
    with np.errstate(invalid="ignore"):  # infinity less itself: the caller refuses it
        apart = values - whole
    whole += np.where(np.abs(apart) >= 0.5, np.sign(apart), 0.0)
    return whole


def table(name: str, value: npt.ArrayLike, expected: str) -> npt.NDArray[Any]:
    """An array of whatever dtype it comes in."""
    _unmasked(name, value, "value")
    try:
        return np.asarray(value)
    except ValueError:
        raise refuse(name, "rows of different lengths", expected) from None


def indices(name: str, value: npt.ArrayLike, size: int, of: str) -> Indices:
    """Numbers from 0 to `size` - 1 as a flat uint32 array."""
    array = table(name, value, "a 1-D array of whole numbers")
    if array.size == 0:
        return np.empty(0, np.uint32)
    if array.dtype.kind not in "iuf" or array.ndim > 1:
        raise refuse(name, f"an array of {array.dtype} of shape {array.shape}", "a 1-D array of whole numbers")
    bad = (array < 0) | (array >= size) | (array != np.floor(array))
    if bad.any():
        raise refuse(name, f"contains {array[bad].flat[0]}",
                     f"whole numbers from 0 to {size - 1} ({of} has {size})" if size else f"none: {of} has none")
    result: Indices = np.atleast_1d(array).astype(np.uint32)
    return result


def text(name: str, value: object) -> str:
    """A string that can be written to a file."""
    if not isinstance(value, str):
        raise refuse(name, repr(value), "a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise refuse(name, repr(value), "a string without lone surrogates") from None
    return value


def flag(name: str, value: object) -> bool:
    """True or False, numpy's as well."""
    if isinstance(value, (int, float, np.generic)) and value in (0, 1):
        return bool(value)
    raise refuse(name, repr(value), "True or False")


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """One of a few words."""
    if isinstance(value, str) and value in allowed:
        return value
    raise refuse(name, repr(value), "one of " + ", ".join(repr(word) for word in allowed))


def path(name: str, value: Any) -> str:
    """The name of a file or folder."""
    try:
        result = os.fsdecode(value)
    except TypeError:
        raise refuse(name, repr(value), "a path: a string, bytes or os.PathLike") from None
    if "\0" in result:
        raise refuse(name, repr(result), "a path without NUL characters")
    return text(name, result)


def writable(name: str, file: Union[str, os.PathLike[str]]) -> None:
    """A file that can be written at the end of long work, as far as can be told at its start; touches nothing."""
    target = Path(path(name, file))
    if target.is_dir():
        raise refuse(name, f"{target} is a folder", "the name of a file")
    if not target.parent.is_dir():
        raise refuse(name, f"there is no folder {target.parent}", "a file in a folder that is there")
    if not os.access(target if target.exists() else target.parent, os.W_OK):
        raise refuse(name, f"{target} may not be written", "a file that may be")
