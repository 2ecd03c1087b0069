# SPDX-License-Identifier: BSD-3-Clause
"""What compiling a network found out: does it fit, what was rounded, what does a tick cost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from neurocorex import _core


@dataclass(frozen=True)
class Capacity:
    """Use of one memory or field."""

    item: str
    used: int
    available: int

    @property
    def fits(self) -> bool:
        """Whether there is room for all of it."""
        return self.used <= self.available


@dataclass(frozen=True)
class Quantisation:
    """How one quantity fared on the fixed-point grid; `step` and `largest_error` in the network's unit."""

    item: str
    values: int
    rounded: int
    saturated: int
    step: float
    largest_error: float

    @property
    def exact(self) -> bool:
        """Whether every value is stored as it was given."""
        return self.rounded == 0 and self.saturated == 0


@dataclass(frozen=True, eq=False)
class Report:
    """Print it for a table, or read the fields.

    Attributes
    ----------
    target
        Name of the build.
    fits
        Whether the network fits it.
    fraction_bits
        Potentials and weights are stored in steps of 2**-fraction_bits.
    capacity, quantisation
        One entry a memory, one a kind of value.
    cycles_idle, cycles_active, cycles_all
        Clock cycles of a tick in which no source spikes, of one in which each does with probability `activity` (on
        average), and of one in which all do; without learning and without what the host is sent.
    activity
        Of cycles_active.
    baud, load_seconds
        Line rate in bits a second, and wire time of a full load at that rate in seconds.
    slots
        uint32 array of shape (neurons,): the hardware slot of every neuron (lane = slot % lanes);
        None if the network does not fit.
    stored_per_needed_word
        Synapse words stored, in all lanes up to the last in use, for each that the synapses need.
    lane_words, lane_balance
        Synapse words in use in each lane, and the fullest lane's for each of a mean one's: 1.0 is even.
    """

    target: str
    fits: bool
    fraction_bits: int
    capacity: tuple[Capacity, ...]
    quantisation: tuple[Quantisation, ...]
    activity: float
    cycles_idle: float
    cycles_active: float
    cycles_all: float
    baud: int
    load_seconds: float
    stored_per_needed_word: float
    lane_words: tuple[int, ...]
    lane_balance: float
    slots: Optional[npt.NDArray[np.uint32]]
    lanes: int
    _text: str

    @property
    def inexact(self) -> tuple[Quantisation, ...]:
        """The entries of `quantisation` with rounded or saturated values: empty if and only if all are exact."""
        return tuple(entry for entry in self.quantisation if not entry.exact)

    @property
    def saturated(self) -> tuple[Quantisation, ...]:
        """The entries of `quantisation` with values that were clipped."""
        return tuple(entry for entry in self.quantisation if entry.saturated)

    def to_dict(self) -> dict[str, Any]:
        """All fields as plain Python values."""
        plain = {name: getattr(self, name) for name in
                 ("target", "fits", "fraction_bits", "activity", "cycles_idle", "cycles_active", "cycles_all", "baud",
                  "load_seconds", "stored_per_needed_word", "lane_balance")}
        plain["lane_words"] = list(self.lane_words)
        plain["capacity"] = [vars(entry) for entry in self.capacity]
        plain["quantisation"] = [vars(entry) for entry in self.quantisation]
        plain["slots"] = None if self.slots is None else self.slots.tolist()
        return plain

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), indent=1)

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        state = "fits" if self.fits else "does not fit"
        return (f"<Report: {state} {self.target}, {len(self.inexact)} kinds of values not exact, "
                f"{self.cycles_idle:.0f} to {self.cycles_all:.0f} cycles a tick>")


def from_core(core: _core.CompileReport, geometry: _core.Geometry, rates: list[Quantisation]) -> Report:
    """The library's report with what only the Python side knows: rounded encoder rates."""
    slots = core.slots if core.fits else None
    capacity = tuple(Capacity(entry.item, entry.used, entry.available) for entry in core.capacity)
    quantisation = [Quantisation(entry.item, entry.values, entry.rounded, entry.saturated, entry.step,
                                 entry.largest_error) for entry in core.quantisation]
    lines = [core.text().rstrip("\n").replace("of wire time", f"of wire time at {geometry.baud:,} baud")]
    for entry in rates:
        if not entry.exact:
            lines.append(f"not exact: {entry.item}, {entry.rounded} of {entry.values} values, "
                         f"largest error {entry.largest_error:.3g}")
    if slots is not None and len(slots):
        used = np.bincount(slots % geometry.lanes, minlength=geometry.lanes)
        lines.append(f"neurons a lane: {used.min()} to {used.max()} in {geometry.lanes} lanes; "
                     "neuron n is in slot report.slots[n]")
    return Report(target=core.target, fits=core.fits, fraction_bits=core.fraction_bits, capacity=capacity,
                  quantisation=tuple(quantisation + rates), activity=core.activity, cycles_idle=core.cycles_idle,
                  cycles_active=core.cycles_active, cycles_all=core.cycles_all, baud=geometry.baud,
                  load_seconds=core.load_seconds, stored_per_needed_word=core.stored_per_needed_word,
                  lane_words=tuple(core.lane_words), lane_balance=core.lane_balance, slots=slots,
                  lanes=geometry.lanes, _text="\n".join(lines))
